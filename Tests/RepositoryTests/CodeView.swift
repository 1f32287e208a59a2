// A Swift text without its comments and string literals, so that a rule about code is not broken by
// prose. It is a scanner and no parser: it knows comments that nest, strings of every form with
// their interpolations, and nothing of regular-expression literals, which the house does not use.

enum CodeView {
  /// The same text with spaces in place of comments and literals; line breaks stay.
  static func of(_ text: String) -> String {
    var scanner = Scanner(bytes: Array(text.utf8))
    scanner.code(until: nil)
    return String(decoding: scanner.bytes, as: UTF8.self)
  }

  private struct Scanner {
    var bytes: [UInt8]
    var index = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private func at(_ offset: Int) -> UInt8 {
      index + offset < bytes.count ? bytes[index + offset] : 0
    }

    private func sees(_ text: StaticString) -> Bool {
      (0..<text.utf8CodeUnitCount).allSatisfy { at($0) == text.utf8Start[$0] }
    }

    private mutating func blank(_ count: Int) {
      for _ in 0..<count where index < bytes.count {
        if bytes[index] != UInt8(ascii: "\n") { bytes[index] = UInt8(ascii: " ") }
        index += 1
      }
    }

    /// Walks over code, to the end or to the `)` that closes an interpolation.
    mutating func code(until end: UInt8?) {
      var depth = 0
      while index < bytes.count {
        if sees("//") {
          while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { blank(1) }
        } else if sees("/*") {
          comment()
        } else if let hashes = stringStart() {
          string(hashes: hashes)
        } else {
          if let end, bytes[index] == end {
            if depth == 0 { return }
            depth -= 1
          } else if end != nil, bytes[index] == UInt8(ascii: "(") {
            depth += 1
          }
          index += 1
        }
      }
    }

    private mutating func comment() {
      var depth = 0
      repeat {
        if sees("/*") {
          depth += 1
          blank(2)
        } else if sees("*/") {
          depth -= 1
          blank(2)
        } else {
          blank(1)
        }
      } while depth > 0 && index < bytes.count
    }

    /// The number of `#` before a quotation mark that begins here; nil where none begins.
    private func stringStart() -> Int? {
      var hashes = 0
      while at(hashes) == UInt8(ascii: "#") { hashes += 1 }
      return at(hashes) == UInt8(ascii: "\"") ? hashes : nil
    }

    private mutating func string(hashes: Int) {
      blank(hashes)
      let quotes = sees("\"\"\"") ? 3 : 1
      blank(quotes)
      while index < bytes.count {
        if closes(quotes: quotes, hashes: hashes) { return blank(quotes + hashes) }
        // A quotation mark that no string began, for instance in a regular expression.
        if quotes == 1, bytes[index] == UInt8(ascii: "\n") { return }
        guard escapes(hashes: hashes) else {
          blank(1)
          continue
        }
        blank(1 + hashes)
        let isInterpolation = at(0) == UInt8(ascii: "(")
        blank(1)
        if isInterpolation {
          code(until: UInt8(ascii: ")"))
          blank(1)
        }
      }
    }

    private func closes(quotes: Int, hashes: Int) -> Bool {
      (0..<quotes).allSatisfy { at($0) == UInt8(ascii: "\"") }
        && (0..<hashes).allSatisfy { at(quotes + $0) == UInt8(ascii: "#") }
    }

    private func escapes(hashes: Int) -> Bool {
      at(0) == UInt8(ascii: "\\") && (0..<hashes).allSatisfy { at(1 + $0) == UInt8(ascii: "#") }
    }
  }
}
