// Comments that silence findings: where they count, what they may silence, and that nobody can hide
// a mistake that would be applied. Positions are shown by fixtures: FS2005, FS2121, FS2122.

import Documents
import FlagstaffCore
import Foundation
import Testing
import YAMLDocuments

@Suite("Ignored findings")
struct IgnoreTests {
  private func comments(_ text: String) throws -> [String] {
    let reading = YAMLReader.read(Array(text.utf8), file: "f.yaml")
    let document = try #require(reading.document, "\(reading.findings)")
    return document.comments.map {
      "\($0.position.line):\($0.position.column)\($0.isAlone ? " alone" : "")\($0.text)"
    }
  }

  @Test(
    "A comment is told from a `#` in a string or a block of text",
    arguments: [
      ("a: 1 # flagstaff:ignore x", ["1:6 flagstaff:ignore x"]),
      ("  # flagstaff:ignore x\r\na: 1\r\n", ["1:3 alone flagstaff:ignore x"]),
      ("a: ' # flagstaff:ignore x'", []),
      ("a: \"é # flagstaff:ignore \\\" x\" # flagstaff:ignore y", ["1:32 flagstaff:ignore y"]),
      (
        "a: |\n  # flagstaff:ignore x\n# flagstaff:ignore y\nb: 1", ["3:1 alone flagstaff:ignore y"]
      ),
      ("a: > # flagstaff:ignore x\n  text # no\nb: 1", ["1:6 flagstaff:ignore x"]),
      ("a: b#c flagstaff:ignore", []),
      ("a: [1,# flagstaff:ignore x\n 2]", ["1:7 flagstaff:ignore x"]),
      ("{a: '#', # one\n b: 1} # flagstaff:ignore x", ["1:10 one", "2:8 flagstaff:ignore x"]),
      ("a: 'x\n  # flagstaff:ignore x'\n# two\n", ["3:1 alone two"]),
      ("a: one\n  two # flagstaff:ignore x", ["2:7 flagstaff:ignore x"]),
      ("a: 1 # an ordinary comment", []),
    ])
  func comments(text: String, expected: [String]) throws {
    #expect(try comments(text) == expected)
  }

  /// Without any definition at all there is a warning of that.
  private static let flag = "flags: {f: {environments: {production: {}}}}"

  private static func rules(_ lines: String) -> String {
    "flags:\n  search:\n    environments: {production: {}}\n    rules:\n      - serve: true\n"
      + lines
  }

  @Test(
    "A comment counts for its own line, or alone for the next line that is no comment",
    arguments: [
      ("      - {when: {a: 1}, serve: true} # flagstaff:ignore FS2123 so\n", []),
      ("      # flagstaff:ignore FS2123 so\n      - {when: {a: 1}, serve: true}\n", []),
      (
        "      # flagstaff:ignore FS2123 so\n      # more\n      - {when: {a: 1}, serve: true}\n",
        []
      ),
      (
        "      # flagstaff:ignore FS2123 so\n\n      - {when: {a: 1}, serve: true}\n",
        ["FS2005 customers/acme/a.yaml:7:7", "FS2123 customers/acme/a.yaml:9:9"]
      ),
      (
        "      - {when: {a: 1}, serve: true}\n      # flagstaff:ignore FS2123 so\n",
        ["FS2123 customers/acme/a.yaml:7:9", "FS2005 customers/acme/a.yaml:8:7"]
      ),
      (
        "      - {when: {a: 1}, serve: true} # flagstaff:ignore FS2124, FS2123 so\n",
        ["FS2005 customers/acme/a.yaml:7:37"]
      ),
      (
        "      - {when: {a: 1}, serve: true} # flagstaff:ignore FS2123\n",
        ["FS2123 customers/acme/a.yaml:7:9", "FS2121 customers/acme/a.yaml:7:37"]
      ),
    ])
  func lines(lines: String, expected: [String]) {
    #expect(TestRepository(Self.rules(lines)).codes == expected)
  }

  @Test(
    "What is nearly an ignore is told, with the comment as it should be",
    arguments: [
      ("flagstaff: ignore FS2123 why not", "FS2123 why not"),
      ("flagstaff:ignore FS2123: why not", "FS2123 why not"),
      ("flagstaff:ignore FS2123 FS2124 why not", "FS2123, FS2124 why not"),
      ("flagstaff:ignore fs2123,FS2124 - why not", "FS2123, FS2124 why not"),
      ("flagstaff:ignored FS2123 why not", "FS2123 why not"),
      ("flagstaff:ingore FS2123 why not", "FS2123 why not"),
      ("flagstaff:ignore: FS2123 why not", "FS2123 why not"),
      ("flagstaff:ignore-next-line FS2123 why not", "FS2123 why not"),
      ("flagstaff:ignore(FS2123) why not", "FS2123 why not"),
      ("Flagstaff:ignore FS2123 why not", "FS2123 why not"),
      ("flagstaff-ignore FS2123 why not", "FS2123 why not"),
      ("flagstaff ignore FS2123 why not", "FS2123 why not"),
      ("flagstaff:disable FS2123 why not", "FS2123 why not"),
      ("flagstaff:ignore FS2123", "FS2123 and why"),
      ("flagstaff:ignore why not", "FS… why not"), ("flagstaff:ignore", "FS… and why"),
    ])
  func nearly(comment: String, meant: String) {
    let repository = TestRepository("owner: ‸me # \(comment)\n\(Self.flag)")
    let findings = repository.findings.filter { $0.code.rawValue != "FS2128" }
    #expect(findings.map(\.code.rawValue) == ["FS2121"], "\(repository.codes)")
    #expect(findings.map(\.remedy) == ["Write `# flagstaff:ignore \(meant)`"])
  }

  @Test(
    "A comment that only begins with the program's name is none",
    arguments: [
      "flagstaff ignores the rest", "flagstaff: v2 comes later", "Flagstaff's own",
      "flagstaffs:ignore",
      "flagstaff-schemas are here", "see flagstaff:ignore FS2123 why", "flagstaff: allows FS2123",
    ])
  func prose(comment: String) {
    #expect(TestRepository("\(Self.flag) # \(comment)").codes == [])
  }

  @Test("An ignore of a code that is not there names the one that is, and an unknown code is told")
  func otherCode() {
    let rule = "      - {when: {a: 1}, serve: true} # flagstaff:ignore"
    let other = TestRepository(Self.rules("\(rule) FS2124 why\n")).findings
    #expect(other.map(\.code.rawValue) == ["FS2123", "FS2005"])
    #expect(other.last?.remedy.contains("Write FS2123, if that is meant") == true)
    let unknown = TestRepository(Self.rules("\(rule) FS9999 why\n")).findings
    #expect(unknown.map(\.code.rawValue) == ["FS2123", "FS2122"])
    #expect(unknown.last?.message == "FS9999 is no finding that can be ignored")
  }

  @Test("An ignored error holds nobody, and one that cannot be ignored still holds")
  func holding() {
    let address = "    force: {new: [x@acme.example]}"
    let base = Samples.replacing(Samples.draft, "    traffic: 30%", "    traffic: 30%\n\(address)")
    #expect(TestRepository(base).definitions().held.customers == ["acme"])
    let ignored = base.replacingFirst(address, address + " # flagstaff:ignore FS2120 a test's")
    #expect(TestRepository(ignored).findings.isEmpty)
    #expect(TestRepository(ignored).definitions().held.customers.isEmpty)
    let cycle = "segments: {a: {segment: a}} # flagstaff:ignore FS2014 no"
    #expect(TestRepository(cycle).findings.map(\.code.rawValue) == ["FS2014", "FS2122"])
    #expect(TestRepository(cycle).definitions().held.customers == ["acme"])
  }

  @Test("A comment is not called unused where something else keeps findings from being made")
  func unusedBesideErrors() {
    let text = "segments: {a: {b: c}} # flagstaff:ignore FS2130 for later"
    #expect(TestRepository(text).findings.isEmpty)
    let beside = TestRepository(text + "\nflags: {f: {environments: {nowhere: {}}}}")
    #expect(beside.findings.map(\.code.rawValue) == ["FS2010"])
  }

  @Test("What may be ignored is what its code says")
  func ignorable() throws {
    let declared = try SourceCodes.ignorable()
    #expect(declared.count > 10)
    #expect(Set(Finding.Code.ignorable.map(\.rawValue)) == declared)
    #expect(!Finding.Code.ignorable.contains { !$0.mayBeIgnored })
  }
}
