// The pieces that comments are made of, as GitHub and GitLab read Markdown. One rule keeps a
// comment safe: what users wrote stands in code, and nothing else does, since in code no syntax,
// link, mention or reference is active. So all text of users passes through `code`, `cell`,
// `htmlCode` or `block`, which make control and direction characters visible too.

internal import Documents
internal import FlagstaffCore

enum MarkdownText {
  /// The longest text of users within a line, in Unicode scalars.
  private static let codeLengthMax = 160
  /// The longest reason or remedy, and the longest part of one difference in a row of a table.
  static let sentenceLengthMax = 600
  static let differenceLengthMax = 60

  /// A code span, anywhere but in a table.
  static func code(_ text: String, lengthMax: Int = codeLengthMax) -> String {
    span(shown(text, lengthMax: lengthMax))
  }

  /// A code span in a table, where a pipe would end the cell, code or not. Renderers disagree on a
  /// backslash before an escaped pipe, so that one is spelt out.
  static func cell(_ text: String, lengthMax: Int = codeLengthMax) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in shown(text, lengthMax: lengthMax).unicodeScalars {
      if scalar == "|" {
        if escaped.last == "\\" {
          escaped.removeLast()
          escaped.append(contentsOf: "\\u{5c}".unicodeScalars)
        }
        escaped.append("\\")
      }
      escaped.append(scalar)
    }
    return span(String(escaped))
  }

  private static func span(_ text: String) -> String {
    guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else {
      return "`\"\"`"
    }
    let fence = String(repeating: "`", count: longestBacktickRun(text) + 1)
    // One space at both ends is taken away again (CommonMark 0.31, section 6.1).
    let isPadded = first == "`" || last == "`" || (first == " " && last == " ")
    return fence + (isPadded ? " \(text) " : text) + fence
  }

  /// Code within HTML, where no Markdown is read. Characters that might begin something for a
  /// renderer that allows no HTML are written as references.
  static func htmlCode(_ text: String, lengthMax: Int = codeLengthMax) -> String {
    let scalars = shown(text, lengthMax: lengthMax).unicodeScalars.map { scalar -> String in
      let isPlain = !scalar.isASCII || scalar.properties.isAlphabetic || scalar == " "
      let isHarmless = ("0"..."9").contains(scalar) || scalar == "-" || scalar == "/"
      return isPlain || isHarmless ? String(scalar) : "&#\(scalar.value);"
    }
    return "<code>\(scalars.joined())</code>"
  }

  /// Lines of a code block, none of which may hold a line end of its own making.
  static func block(_ lines: [String]) -> String {
    let lines = lines.map(Visible.text)
    let longest = lines.map { longestBacktickRun($0) }.max() ?? 0
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return "\(fence)text\n\(lines.joined(separator: "\n"))\n\(fence)\n"
  }

  /// What is folded away until somebody opens it.
  ///
  /// - Parameters:
  ///   - summary: as HTML.
  ///   - body: Markdown that ends with an empty line, without which it would be HTML too.
  static func fold(_ summary: String, _ body: String) -> String {
    "<details>\n<summary>\(summary)</summary>\n\n\(body)</details>\n\n"
  }

  static func table(_ titles: [String]) -> String {
    row(titles) + row(titles.map { _ in "---" })
  }

  static func row(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }

  /// `█▌░░░░░░░░ 15%`: ten cells for all users, and the figure.
  static func bar(_ share: UserShare) -> String {
    let cells = 10
    let eighths = Int((share.fraction * Double(cells * 8)).rounded())
    let filled = share.isNone ? 0 : min(max(eighths, 1), cells * 8)
    let (whole, rest) = filled.quotientAndRemainder(dividingBy: 8)
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    let bar = String(repeating: "█", count: whole) + parts[rest]
    return bar + String(repeating: "░", count: cells - whole - (rest > 0 ? 1 : 0))
      + " " + share.percent
  }

  /// What is cut away need not be made visible first.
  private static func shown(_ text: String, lengthMax: Int) -> String {
    let start = String(text.unicodeScalars.prefix(lengthMax + 1))
    let visible = Visible.text(start).unicodeScalars
    return visible.count > lengthMax ? String(visible.prefix(lengthMax)) + "…" : String(visible)
  }

  /// Counted in scalars, as renderers do: a mark may combine with a backtick, and make a character
  /// of both.
  private static func longestBacktickRun(_ text: String) -> Int {
    var (longest, run) = (0, 0)
    for scalar in text.unicodeScalars {
      run = scalar == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }
}

extension String {
  /// The text in lines of at most so many characters, broken between words where it can be.
  func wrapped(to widthMax: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in split(separator: " ", omittingEmptySubsequences: false) {
      if !line.isEmpty, line.count + 1 + word.count > widthMax {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + [line]
  }
}
