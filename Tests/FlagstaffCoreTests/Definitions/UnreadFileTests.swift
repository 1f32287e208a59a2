// Which files outside of the folders that are read are told, and where each should go. The nearest
// name decides, then what the file says.

import Documents
import FlagstaffCore
import Testing

@Suite("Definitions where nothing reads them")
struct UnreadFileTests {
  private static let flags = "flagstaff: v1\nflags: {a: {environments: {production: {}}}}\n"

  /// The place and the remedy, without what is said of `ignore`.
  private static func told(_ files: [String: String]) -> [String] {
    TestRepository(files).findings.filter { $0.code.rawValue == "FS2008" }
      .map { "\($0.location): \($0.remedy.replacing(Self.ignoring, with: ""))" }
  }

  private static let ignoring = ", or list it under `ignore` in flagstaff.yaml"

  @Test(
    "A file that looks like definitions is told, with the folder that was meant",
    arguments: [
      ("flags.yaml", flags, "Move it to customers/<customer>/"),
      ("flags.yml", flags, "Move it to customers/<customer>/, with a name that ends in .yaml"),
      ("team.yaml", "flagstaff: v1\nteams: {a: {members: [b]}}\n", "Move it to governance/"),
      ("Flagstaff.yaml", "workspace: {id: a}\n", "Rename it to flagstaff.yaml"),
      ("customer/x.yaml", flags, "Move it to customers/<customer>/"),
      ("Customers/acme/x.yaml", flags, "Rename the folder Customers/ to customers/"),
      ("Definitions/x.yaml", flags, "Move it to customers/<customer>/"),
      ("goverance/p.yaml", "people: {}\n", "Rename the folder goverance/ to governance/"),
      ("flags/checkout.yaml", flags, "Move it to customers/<customer>/"),
    ])
  func isTold(path: String, text: String, remedy: String) {
    let files = ["customers/acme/a.yaml": Self.flags, path: text]
    #expect(Self.told(files) == ["\(path): \(remedy)"])
  }

  @Test("Without customers/ the one folder is meant, and one finding tells of a whole folder")
  func oneLayout() {
    #expect(
      Self.told(["flags.yaml": Self.flags, "Definitions/a.yaml": Self.flags])
        == [
          "Definitions/a.yaml: Rename the folder Definitions/ to definitions/",
          "flags.yaml: Move it to definitions/",
        ])
    let many = TestRepository(["definition/b.yaml": Self.flags, "definition/a.yaml": Self.flags])
    #expect(
      many.findings.filter { $0.code.rawValue == "FS2008" }.map(\.described) == [
        "FS2008 definition/a.yaml: definition/ is not read, and 2 files in it look like definitions"
      ])
  }

  @Test(
    "Other programs' files are not, wherever they stand",
    arguments: [
      ("deployment.yaml", "apiVersion: v1\nflags: {}\n"), ("values.yaml", "replicas: 3\n"),
      ("share/a.yaml", "name: a\n"), ("app/a.yaml", "  flagstaff: v1\n"),
      ("app/b.yaml", "# flagstaff: v1\nflagstaffs: 2\n"), ("app/c.yaml", "flagstaff:v1\n"),
      ("empty.yaml", " "),
    ])
  func isNotTold(path: String, text: String) {
    #expect(Self.told(["customers/acme/a.yaml": Self.flags, path: text]).isEmpty)
  }

  @Test("What the workspace ignores is not told")
  func isIgnored() {
    let workspace = """
      flagstaff: v1
      workspace: {id: a, environments: [production], ignore: ["docs/**", "flags.yaml"]}
      """
    #expect(
      Self.told([
        "flagstaff.yaml": workspace, "customers/acme/a.yaml": Self.flags,
        "docs/example/a.yaml": Self.flags, "flags.yaml": Self.flags,
      ]).isEmpty)
  }

  @Test("A workspace further down is named where the top has none")
  func nestedWorkspace() {
    let unread = UnreadFiles([], workspaces: ["flags/flagstaff.yaml"])
    let findings = Definitions.check(RepositoryFiles([], unread: unread)).findings
    #expect(findings.map(\.code.rawValue) == ["FS2003"])
    #expect(findings[0].notes.map(\.location?.file) == ["flags/flagstaff.yaml"])
  }
}
