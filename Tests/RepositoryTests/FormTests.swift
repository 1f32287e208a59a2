// The form of the sources: how long files, functions and lines are, how a file begins, and which
// calls have no place in it (rules 6, 9 and 14 of the house style).

import Testing

@Suite("The form of sources")
struct FormTests {
  @Test("Most files are under 300 lines, and none is above 450")
  func filesAreShort() throws {
    try expectNone(LengthCheck.files(Repository.current().sources))
  }

  @Test("Most functions are under 40 lines, and none is above 70")
  func functionsAreShort() throws {
    try expectNone(LengthCheck.functions(Repository.current().sources))
  }

  @Test("No line is longer than 100 columns")
  func linesAreShort() throws {
    try expectNone(Repository.current().sources.flatMap(LengthCheck.lines))
  }

  @Test("Every file opens with a header of two to five sentences")
  func filesOpenWithHeader() throws {
    try expectNone(Repository.current().sources.flatMap(HeaderCheck.violations))
  }

  @Test("No source forces, prints, or leaves work for later, and what is unchecked says why")
  func nothingBanned() throws {
    try expectNone(Repository.current().sources.flatMap(BannedCheck.violations))
  }

  @Test(
    "A file above 450 lines is found, and so are too many above 300",
    arguments: [([451], 1), ([450], 1), (Array(repeating: 200, count: 9) + [301], 0), ([299], 0)])
  func longFilesAreFound(lengths: [Int], count: Int) {
    let files = lengths.enumerated().map { place, length in
      SourceFile("Sources/Signing/\(place).swift", String(repeating: "\n", count: length))
    }
    #expect(LengthCheck.files(files).count == count)
  }

  @Test(
    "A function above 70 lines is found, and so are too many above 40",
    arguments: [(71, 0, 1), (41, 0, 1), (41, 20, 0), (40, 0, 0)])
  func longFunctionsAreFound(lines: Int, others: Int, count: Int) throws {
    let body = String(repeating: "  call()\n", count: lines - 2)
    let text =
      "protocol P {\n  func p()\n  var q: Int { get }\n}\nfunc long() {\n\(body)}\n"
      + String(repeating: "func short() { call { } }\n", count: others)
    let file = SourceFile("Sources/Signing/Sample.swift", text)
    #expect(try LengthCheck.functions([file]).map(\.line) == Array(repeating: 5, count: count))
  }

  @Test("Functions are measured with their braces, and calls and requirements are none")
  func functionsAreMeasured() throws {
    let text = """
      protocol P { init(a: Int) ; func b() throws }
      extension A {
        init(_ block: () -> Void = { }) where B: C {
          self.init(1)
          let text = "func no() {"  // func no() {
        }
        func two(
          a: Int
        ) -> [Int: (Int) -> Void] { [:] }
        subscript(i: Int) -> Int { i }
        static func < (a: A, b: A) -> Bool {
          true
        }
      }
      """
    let functions = try LengthCheck.measured(SourceFile("Sources/A/A.swift", text))
    #expect(functions.map(\.line) == [3, 7, 10, 11])
    #expect(functions.map(\.lines) == [4, 3, 1, 3])
  }

  @Test("Functions of the program are seen at all")
  func functionsAreSeen() throws {
    let sources = try Repository.current().sources
    let file = try #require(sources.first { $0.path == "Sources/Documents/Instant.swift" })
    #expect(try LengthCheck.measured(file).count > 5)
  }

  @Test("A line of 101 columns is found, counted in characters")
  func longLinesAreFound() {
    let text = String(repeating: "–", count: 100) + "\n" + String(repeating: "a", count: 101)
    #expect(LengthCheck.lines(SourceFile("Sources/A/A.swift", text)).map(\.line) == [2])
  }

  @Test(
    "The check of headers finds what it is for",
    arguments: [
      ("import Testing\n", false), ("/// A docstring. It is no header.\nlet a = 1\n", false),
      ("// One sentence.\n\nlet a = 1\n", false),
      ("// One. Two. Three. Four. Five. Six.\n", false), ("\n// Late. Too late.\n", false),
      ("// What it is, v1.5 of RFC 8785\n// in two lines. Why it is.\n\nlet a = 1\n", true),
      ("// One. Two.\n// Three. Four. Five.\nlet a = 1\n", true),
      ("// What it does, e.g. this. See\n// https://example.org/a.b\n", true),
    ])
  func headersAreFound(text: String, isGood: Bool) {
    #expect(HeaderCheck.violations(SourceFile("Sources/A/A.swift", text)).isEmpty == isGood)
  }

  @Test(
    "The check of banned calls finds what it is for",
    arguments: [
      "let a = try! b()", "let a = b as! C", "fatalError(\"no\")", "print(a)", "debugPrint(a)",
      "// TODO: later", "/* FIXME */", "let a = \"\\(try! b())\"", "// XXX",
      "final class A: @unchecked Sendable {}", "nonisolated(unsafe) var a = 1",
    ])
  func bannedAreFound(line: String) throws {
    let file = SourceFile("Sources/Signing/Sample.swift", "let z = 1\n\(line)\n")
    #expect(try BannedCheck.violations(file).map(\.line) == [2])
  }

  @Test(
    "The check of banned calls lets through what is allowed",
    arguments: [
      ("Signing", "// Never try! or as! or fatalError( here."), ("flagstaff", "print(a)"),
      ("flagstaff-bench", "print(a)"), ("Signing", "self.fingerprint(a)"),
      ("Signing", "// Guarded by the lock.\nfinal class A: @unchecked Sendable {}"),
      ("Signing", "nonisolated(unsafe) let a = 1  // Written once, before any thread starts."),
    ])
  func allowedPass(target: String, text: String) throws {
    let file = SourceFile("Sources/\(target)/Sample.swift", "let z = 1\n\(text)\n")
    #expect(try BannedCheck.violations(file).isEmpty)
  }
}
