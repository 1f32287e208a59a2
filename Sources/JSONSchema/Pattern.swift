// Regular expressions, through PCRE2, with limits on time and memory: a pattern comes from a
// schema that somebody wrote, and the text from anybody. Giving up is an error of its own and
// never "no match". The dialect is that of ECMA-262 with the flag `u`, as JSON Schema asks for, so
// `\d` and `\w` mean ASCII, as in every editor.

internal import CPCRE2
internal import Documents

/// A compiled pattern, not anchored.
///
/// Unchecked Sendable: PCRE2 never writes to compiled code or to a match context while matching
/// (pcre2api, "Multithreading"), and nothing else changes after `init`.
final class Pattern: @unchecked Sendable {
  let source: String
  private let code: OpaquePointer
  private let limits: OpaquePointer

  struct Refused: Error {
    let reason: String
  }

  init(_ source: String) throws(Refused) {
    let options =
      PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX | PCRE2_ALLOW_EMPTY_CLASS
      | PCRE2_MATCH_UNSET_BACKREF | UInt32(PCRE2_NEVER_BACKSLASH_C)
    var failure = Int32(0)
    var offset = 0
    let bytes = PatternDialect.translated(Array(source.utf8))
    guard let code = pcre2_compile_8(bytes, bytes.count, options, &failure, &offset, nil) else {
      throw Refused(reason: Self.message(of: failure) + " at offset \(offset)")
    }
    guard let limits = pcre2_match_context_create_8(nil) else {
      pcre2_code_free_8(code)
      throw Refused(reason: "out of memory")
    }
    pcre2_set_match_limit_8(limits, UInt32(Limits.patternStepsMax))
    pcre2_set_heap_limit_8(limits, UInt32(Limits.patternKibibytesMax))
    self.source = source
    self.code = code
    self.limits = limits
  }

  deinit {
    pcre2_match_context_free_8(limits)
    pcre2_code_free_8(code)
  }

  /// Whether the pattern matches anywhere in a text.
  ///
  /// - Throws: `Undecided` where a limit was reached.
  func matches(_ text: String) throws(Undecided) -> Bool {
    guard let match = pcre2_match_data_create_8(1, nil) else { throw Undecided() }
    defer { pcre2_match_data_free_8(match) }
    var text = text
    // A Swift string is always valid UTF-8, so PCRE2 need not look.
    let result = text.withUTF8 {
      pcre2_match_8(code, $0.baseAddress, $0.count, 0, PCRE2_NO_UTF_CHECK, match, limits)
    }
    if result >= 0 { return true }
    if result == PCRE2_ERROR_NOMATCH { return false }
    throw Undecided()
  }

  private static func message(of code: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = pcre2_get_error_message_8(code, &buffer, buffer.count)
    return String(decoding: buffer.prefix(Int(max(0, count))), as: UTF8.self)
  }
}
