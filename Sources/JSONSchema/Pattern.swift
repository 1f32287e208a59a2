// Regular expressions, through PCRE2, with limits on time and memory: a pattern comes from a
// schema that somebody wrote, and the text from anybody. Giving up is an error of its own and
// never "no match". The dialect is that of ECMA-262 with the flag `u`, as JSON Schema asks for, so
// `\d` and `\w` mean ASCII, as in every editor.

internal import CPCRE2
internal import Documents

/// A compiled pattern, not anchored.
///
/// Unchecked Sendable: PCRE2 never writes to compiled code while matching (pcre2api,
/// "Multithreading"), and nothing else changes after `init`.
final class Pattern: @unchecked Sendable {
  let source: String
  /// Owned. Tried at each place of a text, and PCRE2 counts its steps anew at each.
  fileprivate let code: OpaquePointer
  /// Owned. The same in one try that looks for the place itself, so that all steps are counted; nil
  /// where the pattern matches at the beginning only, and `code` is such a try already.
  fileprivate let whole: OpaquePointer?

  struct Refused: Error {
    let reason: String
    /// The pattern is right in ECMA-262, but PCRE2 cannot match it.
    var isUnsupported = false
  }

  init(_ source: String) throws(Refused) {
    guard source.utf8.count <= Limits.patternBytesMax else {
      throw Refused(reason: "it is longer than \(Limits.patternBytesMax) bytes")
    }
    let bytes = try PatternDialect.translated(source)
    let code = try Self.compiled(bytes, options: 0)
    var all = UInt32(0)
    pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_ALLOPTIONS), &all)
    var whole: OpaquePointer?
    if all & PCRE2_ANCHORED == 0 {
      do throws(Refused) {
        let wrapped = Array("(?s:.)*?(?:".utf8) + bytes + Array(")".utf8)
        whole = try Self.compiled(wrapped, options: PCRE2_ANCHORED)
      } catch {
        pcre2_code_free_8(code)
        throw error
      }
    }
    self.source = source
    self.code = code
    self.whole = whole
  }

  deinit {
    pcre2_code_free_8(code)
    pcre2_code_free_8(whole)
  }

  private static func compiled(_ bytes: [UInt8], options: UInt32) throws(Refused) -> OpaquePointer {
    let options =
      options | PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS
      | PCRE2_MATCH_UNSET_BACKREF | UInt32(PCRE2_NEVER_BACKSLASH_C)
    var failure = Int32(0)
    var offset = 0
    guard let code = pcre2_compile_8(bytes, bytes.count, options, &failure, &offset, nil) else {
      throw Refused(
        reason: message(of: failure),
        isUnsupported: failure == PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH)
    }
    return code
  }

  private static func message(of code: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = pcre2_get_error_message_8(code, &buffer, buffer.count)
    return String(decoding: buffer.prefix(Int(max(0, count))), as: UTF8.self)
  }
}

/// What matching needs beside the pattern: memory that is used again for each text of one document,
/// and the limits. Belongs to one evaluation at a time.
final class PatternMatcher {
  private let match: OpaquePointer
  private let limits: OpaquePointer

  /// Backtracking of a quick match, all places of the text together: enough for most.
  private static let quickStepsMax = 2_000
  /// At the least, at each place.
  private static let quickStepsMin = 16

  /// What a thorough match costs, in applications of a schema.
  static let thoroughSteps = 1_000

  /// What a quick match costs, in applications of a schema.
  static func steps(bytes: Int) -> Int { 4 + bytes / 8 }

  /// Nil where there is no memory.
  init?() {
    guard let match = pcre2_match_data_create_8(1, nil) else { return nil }
    guard let limits = pcre2_match_context_create_8(nil) else {
      pcre2_match_data_free_8(match)
      return nil
    }
    pcre2_set_heap_limit_8(limits, UInt32(Limits.patternKibibytesMax))
    self.match = match
    self.limits = limits
  }

  deinit {
    pcre2_match_context_free_8(limits)
    pcre2_match_data_free_8(match)
  }

  /// Whether a pattern matches anywhere in a text; nil where that takes more than a few steps.
  func quickly(_ pattern: Pattern, _ text: String) throws(Undecided) -> Bool? {
    let places = pattern.whole == nil ? 1 : text.utf8.count + 1
    return try result(
      pattern.code, text, stepsMax: max(Self.quickStepsMin, Self.quickStepsMax / places))
  }

  /// Whether a pattern matches anywhere in a text.
  ///
  /// - Throws: `Undecided` where a limit was reached.
  func thoroughly(_ pattern: Pattern, _ text: String) throws(Undecided) -> Bool {
    // Looking for the place takes steps too, which are not the pattern's fault.
    let stepsMax = Limits.patternStepsMax + (pattern.whole == nil ? 0 : 4 * text.utf8.count)
    guard let result = try result(pattern.whole ?? pattern.code, text, stepsMax: stepsMax) else {
      throw Undecided()
    }
    return result
  }

  /// - Returns: nil where more steps would have been needed.
  private func result(_ code: OpaquePointer, _ text: String, stepsMax: Int) throws(Undecided)
    -> Bool?
  {
    pcre2_set_match_limit_8(limits, UInt32(stepsMax))
    var text = text
    // A Swift string is always valid UTF-8, so PCRE2 need not look.
    let result = text.withUTF8 {
      pcre2_match_8(code, $0.baseAddress, $0.count, 0, PCRE2_NO_UTF_CHECK, match, limits)
    }
    if result >= 0 { return true }
    switch result {
    case PCRE2_ERROR_NOMATCH: return false
    case PCRE2_ERROR_MATCHLIMIT: return nil
    default: throw Undecided()
    }
  }
}
