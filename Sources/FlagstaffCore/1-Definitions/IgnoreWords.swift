// Reads the words of `# flagstaff:ignore FS2123 why`. There is one way to write it, so that whoever
// searches for it finds all. What is nearly that is told with the comment as it should be: somebody
// who writes `flagstaff: ignore fs2123` believes that the finding is seen to.

internal import Documents

struct IgnoreWords {
  /// As written, or as they should have been.
  private(set) var codes: [String] = []
  private var reason = ""
  /// Why the comment silences nothing; nil where it is as it should be.
  private(set) var fault: String?

  private static let mark = "flagstaff:ignore"
  private static let program = "flagstaff"
  /// What other programs call it.
  private static let synonyms = ["disable", "suppress", "silence", "nolint", "noqa", "skip"]

  /// - Parameter comment: the text behind the `#`.
  /// - Returns: nil for a comment that is no ignore, and none that was meant as one.
  init?(_ comment: String) {
    let words = comment.split(whereSeparator: \.isWhitespace)
    let isMarked = words.first.map { $0 == Self.mark[...] } == true
    guard let rest = isMarked ? words.dropFirst()[...] : Self.nearly(words) else { return nil }
    if isMarked, readsExactly(rest) { return }
    codes = Self.codes(rest)
    reason = Self.reason(rest)
    fault =
      codes.isEmpty
      ? "it names no code"
      : reason.isEmpty ? "it gives no reason" : "it is not written as an ignore is"
  }

  /// The comment that was probably meant.
  var asItShouldBe: String {
    let codes = codes.isEmpty ? "FS… " : codes.joined(separator: ", ") + " "
    return "# \(Self.mark) \(codes)\(reason.isEmpty ? "and why" : reason)"
  }

  /// `FS2123, FS2124 because …`: whether these are codes with commas between them, and a reason.
  private mutating func readsExactly(_ words: ArraySlice<Substring>) -> Bool {
    guard let last = words.firstIndex(where: { !$0.hasSuffix(",") }), last < words.endIndex - 1,
      Self.code(words[last + 1]) == nil
    else { return false }
    codes = words[...last].flatMap { $0.split(separator: ",") }.map(String.init)
    return codes.allSatisfy { Self.code($0[...])?.hasSameBytes(as: $0) == true }
  }

  // MARK: Nearly

  /// The words behind one that was meant as the mark.
  private static func nearly(_ words: [Substring]) -> ArraySlice<Substring>? {
    let text = words.joined(separator: " ")
    let bytes = text.utf8
    guard bytes.count > program.utf8.count,
      bytes.prefix(program.utf8.count).map({ $0 | 0x20 }).elementsEqual(program.utf8)
    else { return nil }
    let behind = bytes.dropFirst(program.utf8.count)
    let signs = behind.prefix { ":-_=/ ".utf8.contains($0) }
    // `ignore-next-line` is one word.
    let letters = behind.dropFirst(signs.count).prefix {
      $0 == UInt8(ascii: "-") || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A)
    }
    guard !signs.isEmpty, let word = String(letters)?.lowercased() else { return nil }
    let rest = (String(behind.dropFirst(signs.count + letters.count)) ?? "")
      .split { $0.isWhitespace || "()[]".contains($0) }[...]
    let isIgnore = word.hasPrefix("ignor") || Spelling.closest(to: word, among: ["ignore"]) != nil
    // Without a colon it may be a sentence that begins with the program's name.
    let isAddressed = signs.contains { $0 != UInt8(ascii: " ") } && isIgnore
    let namesCode = (isIgnore || synonyms.contains(word)) && !codes(rest).isEmpty
    return isAddressed || namesCode ? rest : nil
  }

  /// The codes in front of a reason, however they are written.
  private static func codes(_ words: ArraySlice<Substring>) -> [String] {
    parts(words).compactMap(code)
  }

  private static func reason(_ words: ArraySlice<Substring>) -> String {
    parts(words).drop { code($0) != nil || !$0.contains(where: \.isLetter) }
      .joined(separator: " ")
  }

  private static func parts(_ words: ArraySlice<Substring>) -> [Substring] {
    let count = words.prefix { word in
      word.split(separator: ",").allSatisfy { code($0) != nil } || !word.contains(where: \.isLetter)
    }.count
    return words.prefix(count).flatMap { $0.split(separator: ",") } + words.dropFirst(count)
  }

  /// `fs2123:` is FS2123.
  private static func code(_ word: Substring) -> String? {
    var bytes = Array(word.utf8)
    while let last = bytes.last, ":,;.".utf8.contains(last) { bytes.removeLast() }
    guard bytes.count == 6, bytes[0] | 0x20 == UInt8(ascii: "f"), bytes[1] | 0x20 == 0x73,
      bytes.dropFirst(2).allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return "FS" + String(decoding: bytes.dropFirst(2), as: UTF8.self)
  }
}
