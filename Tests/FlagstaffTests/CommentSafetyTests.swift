// Hostile text in every place where users write it, through every format. A comment is rendered by
// somebody else's Markdown: what came from users must stand in code, whole, and nothing in it may
// have become a tag, a link, a mention, a cell or a command.

import Documents
import Foundation
import TestHarness
import Testing

/// Text that tries to be something else than text. It contains `HOSTILE`, by which it is found.
enum HostileText {
  static let known = [
    "HOSTILE `x` ``y``", "`HOSTILE", "HOSTILE`", "HOSTILE | cell | cell", "HOSTILE \\| \\\\| \\",
    "|\u{301}HOSTILE|\u{308}", "`\u{301}HOSTILE `\u{308}", "<b>HOSTILE</b>",
    "</code></td></details>HOSTILE", "--> HOSTILE <!--", "<img src=x onerror=HOSTILE>",
    "@HOSTILE and @admin/team", "#12 HOSTILE owner/name#3 GH-4", "https://HOSTILE.example/x",
    "www.HOSTILE.example", "HOSTILE@mail.example", "[HOSTILE](https://bad.example)",
    "![HOSTILE](https://bad.example/x.png)", "**HOSTILE** _x_ ~~y~~", "HOSTILE &lt;b&gt; &#96;",
    "HOSTILE\n\n# Heading\n\n- list", "HOSTILE\r\n::error::x", "\u{202E}HOSTILE\u{2066}x\u{2069}",
    "HOSTILE\u{1B}[31m\u{7}", "HOSTILE %0A::error::x", "```HOSTILE\n~~~", " HOSTILE ",
    "]]>HOSTILE<![CDATA[", "HOSTILE \u{FFFE}\u{200B}\u{FEFF}", "a, b: HOSTILE = c", "$HOSTILE$",
    "HOSTILE :tada: &nbsp;", "HOSTILE\u{2028}x\u{85}y", "\" ' HOSTILE onmouseover=\"x",
  ]

  private static let pieces = [
    "`", "``", "```", "|", "\\", "<b>", "</code>", "<!--", "-->", "@admin", "https://bad.example",
    "www.bad.example", "a@b.example", "![x](y)", "[x](y)", "*", "__", "~~", "#1", "\n", "\r", "\t",
    "\u{202E}", "\u{2066}", "\u{301}", "\u{FE0F}", "&lt;", "&#124;", " ", "::error::", "%0A", "]]>",
    "\"", "'", "\u{1B}", "x",
  ]

  static func random(_ count: Int, seed: UInt64) -> [String] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let length = Int.random(in: 1...9, using: &generator)
      let parts = (0..<length).map { _ in pieces.randomElement(using: &generator) ?? "" }
      let place = Int.random(in: 0...length, using: &generator)
      return parts[..<place].joined() + "HOSTILE" + parts[place...].joined()
    }
  }

  /// As a scalar of YAML, in which nothing but plain ASCII stands as it is.
  static func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { scalar in
      switch scalar.value {
      case 0x20...0x7E where scalar != "\"" && scalar != "\\": String(scalar)
      default: "\\U" + String(format: "%08X", scalar.value)
      }
    }
    return "\"\(scalars.joined())\""
  }
}

@Suite("Hostile text in what is shown")
struct CommentSafetyTests {
  private static let batch = 24

  private static func flags(_ texts: [String], _ fields: (String) -> String) -> String {
    "flagstaff: v1\nflags:\n"
      + texts.indices.map { number in
        "  www.flag-\(number).example:\n    environments: {production: {}}\n"
          + "    variants: {a: 1, b: 2}\n    off: a\n" + fields(texts[number])
      }.joined()
  }

  /// A plan in which each text stands in a description, a value, an attribute and a condition, and
  /// a customer that is held by fields and files that bear them as names.
  private static func installation(_ texts: [String]) async throws -> Installation {
    let plain = flags(texts) { _ in "    description: before\n    labels: {x: y}\n" }
    let hostile = flags(texts) { text in
      let quoted = HostileText.quoted(text)
      return "    description: \(quoted)\n    labels: {x: \(quoted)}\n    rules:\n"
        + "      - {when: {\(quoted): \(quoted)}, serve: b}\n"
    }
    let repository = try DefinitionsRepository([
      "flagstaff.yaml": DefinitionsRepository.workspace, "customers/open/flags.yaml": plain,
      "customers/held/flags.yaml": "flagstaff: v1\nflags: {a: {environments: {production: {}}}}\n",
    ])
    let installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    try repository.write(hostile, to: "customers/open/flags.yaml")
    let fields = texts.prefix(6).enumerated().map { number, text in
      "  f\(number): {environments: {production: {}}, \(HostileText.quoted(text)): 1}\n"
    }
    try repository.write(
      "flagstaff: v1\nflags:\n" + fields.joined(), to: "customers/held/flags.yaml")
    for text in texts.suffix(6) {
      let name = text.replacing("/", with: "_")
      try repository.write("nothing", to: "customers/held/\(name).yaml")
    }
    return installation
  }

  private static let batches = stride(from: 0, to: 72, by: batch).map { start in
    Array((HostileText.known + HostileText.random(72, seed: 4))[start..<(start + batch)])
  }

  @Test("A rendered comment holds it as code alone", arguments: batches)
  func markdown(texts: [String]) async throws {
    let installation = try await Self.installation(texts)
    let path = installation.repository.path
    let plan = try installation.expect(3, "plan", path, "--format", "markdown").output
    let found = try installation.expect(3, "validate", path, "--format", "markdown").output
    for comment in [plan, found] {
      for page in try ReviewCheck.run("markdown", texts: [comment]) { Self.expectSafe(page) }
      #expect(Self.hidden(comment).isEmpty, "\(Self.hidden(comment))")
    }
    // A value, a description, a label and a condition of each text, in rows and folds.
    let page = try #require(try ReviewCheck.run("markdown", texts: [plan]).first)
    let inside = try #require(page["inside"]?.string)
    #expect(inside.components(separatedBy: "HOSTILE").count > texts.count * 6, "\(plan)")
    try await installation.discard()
  }

  private static let allowedTags: Set<String> = [
    "br", "code", "details", "em", "h3", "h4", "li", "p", "pre", "strong", "sub", "summary",
    "table", "tbody", "td", "th", "thead", "tr", "ul", "blockquote",
  ]

  private static func expectSafe(_ page: Node) {
    func strings(_ name: String) -> [String] {
      page[name]?.sequence?.compactMap(\.string) ?? []
    }
    let isHTML = page["html"]?.boolean == true
    #expect(Set(strings("tags")).subtracting(allowedTags).isEmpty, "\(strings("tags"))")
    #expect(strings("attributes").allSatisfy { $0 == "code class=language-text" })
    #expect(strings("comments").count == (isHTML ? 1 : 0))
    #expect(page["depth"]?.integer == 0)
    let outside = page["outside"]?.string ?? ""
    for line in outside.split(separator: "\n") where line.contains("HOSTILE") {
      Issue.record("outside of code: \(line)")
    }
    for text in ["bad.example", "@admin", "::error"] { #expect(!outside.contains(text)) }
    // A row of a plan has five cells, one of differences three, one of pairs five.
    let cells = page["rows"]?.sequence?.compactMap(\.integer) ?? []
    #expect(Set(cells).isSubset(of: [3, 5]), "\(cells)")
  }

  /// Characters of a text that would act instead of being seen.
  private static func hidden(_ text: String) -> [Unicode.Scalar] {
    text.unicodeScalars.filter { scalar in
      switch scalar.properties.generalCategory {
      case .control: scalar != "\n"
      case .format, .lineSeparator, .paragraphSeparator, .unassigned: true
      default: false
      }
    }
  }

  @Test("It adds no command, no element and no line of its own", arguments: batches)
  func otherFormats(texts: [String]) async throws {
    let installation = try await Self.installation(texts)
    let path = installation.repository.path
    var outputs: [String: [String]] = [:]
    for format in ["text", "github", "sarif", "junit", "json"] {
      outputs[format] = [
        try installation.expect(3, "plan", path, "--format", format).output,
        try installation.expect(3, "validate", path, "--format", format).output,
      ]
    }
    for (format, texts) in outputs where format != "json" {
      for text in texts { #expect(Self.hidden(text).isEmpty, "\(format) \(Self.hidden(text))") }
    }
    let counts = try (outputs["json"] ?? []).map { text in
      try JSONReader.read(Array(text.utf8))["findings"]?.sequence?.count ?? 0
    }
    try ReviewCheck.expectValid(outputs["json"]?.first ?? "", against: "plan.schema.json")
    try ReviewCheck.expectValid(outputs["json"]?.last ?? "", against: "findings.schema.json")
    for (text, count) in zip(outputs["github"] ?? [], counts) {
      let lines = text.split(separator: "\n")
      #expect(lines.count { $0.hasPrefix("::error ") } == count, "\(text)")
      let command = /::(error|warning|notice) [a-z]+=[^:,]*(,[a-z]+=[^:,]*)*::[^\r\n]*/
      for line in lines { #expect(line.wholeMatch(of: command) != nil, "\(line)") }
    }
    try ReviewCheck.expectNoErrors("junit", texts: outputs["junit"] ?? [])
    if let schema = ReviewCheck.sarifSchema {
      try ReviewCheck.expectNoErrors("sarif", [schema], texts: outputs["sarif"] ?? [])
    }
    try await installation.discard()
  }
}
