// A stage's output can be made by its stage alone (rule 3 of the house style): the type has a
// private initialiser in the file of the stage's entry point, and none elsewhere, so that a plan
// that nobody judged cannot be applied.

import Testing

@Suite("Stages")
struct StageTests {
  @Test("The output of every stage has private initialisers only")
  func outputsArePrivate() throws {
    let sources = try Repository.current().sources
    try expectNone(House.stageOutputs.flatMap { try StageCheck.violations($0, in: sources) })
  }

  @Test("A type with private initialisers passes, whatever stands inside it")
  func privateInitialisersPass() throws {
    let text = """
      package struct Plan {
        package let parent: Int
        private init(parent: Int) { self.parent = parent }
        package static func of(_ state: Int) -> Plan { Plan(parent: state) }
        package struct Change {
          package init() {}
        }
      }
      struct Planner { init() {} }
      """
    #expect(try StageCheck.violations(sample, in: [SourceFile(sample.path, text)]).isEmpty)
  }

  @Test(
    "The check of stages finds what it is for",
    arguments: [
      "struct Planning { private init() {} }",
      "package struct Plan { package let parent: Int }",
      "package struct Plan {\n  package init() {}\n}",
      "package struct Plan {\n  private init(a: Int) {}\n  init() {}\n}",
      "package struct Plan {\n  private init() {}\n}\nextension Plan {\n  package init(a: Int) {}\n}",
      "// struct Plan { private init() {} }",
    ])
  func openOutputsAreFound(text: String) throws {
    #expect(try StageCheck.violations(sample, in: [SourceFile(sample.path, text)]).count == 1)
  }

  @Test("An initialiser that another file adds is found, and so is a file that is gone")
  func otherFilesAreSeen() throws {
    let good = SourceFile(sample.path, "package struct Plan { private init() {} }")
    let other = SourceFile("Sources/Origins/A.swift", "extension Plan {\n  init(a: Int) {}\n}")
    #expect(try StageCheck.violations(sample, in: [good, other]).map(\.path) == [other.path])
    #expect(try StageCheck.violations(sample, in: []).count == 1)
  }

  private let sample = StageOutput(type: "Plan", path: "Sources/FlagstaffCore/3-Plan/Plan.swift")
}

enum StageCheck {
  /// What lets anybody but its own file make a type.
  static func violations(_ output: StageOutput, in files: [SourceFile]) throws -> [Violation] {
    guard let home = files.first(where: { $0.path == output.path }) else {
      return [Violation(path: output.path, line: 1, message: "\(output.type) has no such file")]
    }
    let declared = try blocks(of: "struct|class|enum|actor", output.type, in: home)
    guard let declaration = declared.first else {
      return [home.violation(line: 1, "\(output.type) is not declared here")]
    }
    var violations: [Violation] = []
    if initialisers(declaration.lines).isEmpty {
      // Without one the compiler makes an initialiser that the whole target may call.
      violations.append(home.violation(line: declaration.line, "\(output.type) has no initialiser"))
    }
    for file in files {
      let extensions = try blocks(of: "extension", output.type, in: file)
      for block in (file.path == home.path ? declared : []) + extensions {
        for found in initialisers(block.lines) where !found.isPrivate {
          let line = block.line + found.offset
          violations.append(file.violation(line: line, "an initialiser of \(output.type) is open"))
        }
      }
    }
    return violations
  }

  private struct Block {
    let line: Int
    let lines: [Substring]
  }

  private static func blocks(of kinds: String, _ type: String, in file: SourceFile) throws
    -> [Block]
  {
    let braces = Braces(file.code)
    let lines = file.codeLines
    return try Pattern(#"\b(?:\#(kinds))[ \t]+\#(type)\b(?![.\w])"#).matches(in: file.code)
      .compactMap { match in
        braces.body(after: match.groups[0], line: match.line).map {
          Block(line: match.line, lines: Array(lines[(match.line - 1)..<$0]))
        }
      }
  }

  /// The initialisers of a block's own level, by the line on which they stand.
  private static func initialisers(_ lines: [Substring]) -> [(offset: Int, isPrivate: Bool)] {
    var depth = 0
    var found: [(offset: Int, isPrivate: Bool)] = []
    for (offset, line) in lines.enumerated() {
      var statement = ""
      for character in line {
        if character == "{" || character == "}" {
          depth += character == "{" ? 1 : -1
          statement = ""
          continue
        }
        statement.append(character)
        guard depth == 1, statement.hasSuffix("init(") || statement.hasSuffix("init?(") else {
          continue
        }
        let words = statement.split { !$0.isLetter && $0 != "." }
        guard words.last == "init" else { continue }
        let isPrivate = words.contains("private") || words.contains("fileprivate")
        found.append((offset, isPrivate))
      }
    }
    return found
  }
}
