// `--format` of the commands that run for pull requests: what each format says of the same findings
// and the same plan, and that others can read it by the rules of their own formats.

import Documents
import Foundation
import Testing

/// A pull request on two customers: one of them raises traffic, would delete what runs and gets a
/// new flag, the other is held by a mistake.
actor ReviewedRepository {
  static let shared = ReviewedRepository()

  private var task: Task<Installation, any Error>?

  func installation() async throws -> Installation {
    let prepared = task ?? Task { try await Self.make() }
    task = prepared
    return try await prepared.value
  }

  private static func make() async throws -> Installation {
    let repository = try DefinitionsRepository.small()
    var installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    installation.variables["FLAGSTAFF_INSTANT"] = "2026-11-24T12:00:00Z"
    let shop = "customers/acme/shop.yaml"
    try repository.replace("traffic: 20%", by: "traffic: 50%", in: shop)
    try repository.write(
      """
      flagstaff: v1
      flags:
        snow:
          environments: {production: {}}
          rules: [{key: ramp, serve: true, rollout: {2026-12-01T00:00:00Z: 50%}}]

      """, to: "customers/acme/winter.yaml")
    try repository.replace("serve: true", by: "serv: true", in: "customers/globex/depot.yaml")
    try repository.write("flagstaff: v1\nflags: {}\n", to: "customers/globex/empty.yml")
    try repository.commit()
    return installation
  }
}

@Suite("Formats for pull requests")
struct ReviewFormatTests {
  private static let formats = ["text", "json", "markdown", "github", "sarif", "junit"]

  @Test("A format that a command does not have is a usage error that names those that it has")
  func refused() throws {
    for command in ["reconcile", "status", "serve", "audit log"] {
      let words = command.split(separator: " ").map(String.init)
      let ended = try Running(
        Programs.flagstaff, words + ["--format", "markdown"], variables: Programs.variables,
        in: "/tmp"
      ).wait()
      #expect(ended.code == 64 && ended.output.isEmpty, "\(ended)")
      #expect(ended.errors.contains("'text' and 'json'"), "\(ended)")
    }
    let variable = try Running(
      Programs.flagstaff, ["reconcile"],
      variables: Programs.variables.merging(["FLAGSTAFF_FORMAT": "sarif"]) { $1 }, in: "/tmp"
    ).wait()
    #expect(variable.code == 64 && variable.errors.contains("text or json"), "\(variable)")
    let unknown = try Running(
      Programs.flagstaff, ["plan", "--format", "yaml"], variables: Programs.variables, in: "/tmp"
    ).wait()
    for format in Self.formats { #expect(unknown.errors.contains(format), "\(unknown)") }
  }

  @Test("Every format ends as text does, and leaves standard error to notes", arguments: formats)
  func endings(format: String) async throws {
    let installation = try await ReviewedRepository.shared.installation()
    let path = installation.repository.path
    for words in [["validate", path], ["plan"], ["plan", path]] {
      let ended = try installation.start(words + ["--format", format]).wait()
      #expect(ended.code == 3 && !ended.output.isEmpty, "\(ended)")
      #expect(ended.errors.isEmpty || (words[0] == "validate" && format == "text"), "\(ended)")
      #expect(ended.output.hasSuffix("\n") && !ended.output.hasSuffix("\n\n"))
    }
    let variables = ["FLAGSTAFF_FORMAT": format]
    let byOption = try installation.start(["plan", "--format", format]).wait()
    let byVariable = try installation.start(["plan"], with: variables).wait()
    #expect(byOption.output == byVariable.output)
  }

  @Test("Where warnings fail, every format that knows failures says so")
  func strict() throws {
    let repository = try DefinitionsRepository.small()
    try repository.write("flagstaff: v1\nsegments: {idle: {a: b}}\n", to: "customers/acme/b.yaml")
    func output(_ words: String...) throws -> Ended {
      try Running(
        Programs.flagstaff, ["validate", repository.path] + words, variables: Programs.variables,
        in: "/tmp"
      ).wait()
    }
    for (format, warning, error) in [
      ("junit", "failures=\"0\"", "failures=\"1\""), ("github", "::warning ", "::error "),
      ("sarif", "\"level\":\"warning\",\"locations\"", "\"level\":\"error\",\"locations\""),
    ] {
      let lenient = try output("--format", format)
      #expect(lenient.code == 0 && lenient.output.contains(warning), "\(lenient)")
      #expect(!lenient.output.contains(error), "\(lenient)")
      let strict = try output("--format", format, "--strict")
      #expect(strict.code == 3 && strict.output.contains(error), "\(strict)")
    }
    #expect(try output("--strict").errors.contains("--strict ends with 3 on warnings"))
  }

  @Test("The schemas describe every property with title, description and example, all valid")
  func schemas() throws {
    try ReviewCheck.expectNoErrors(
      "examples",
      [
        ReviewCheck.schemas, "plan.schema.json", "findings.schema.json",
        "blast-radius.schema.json",
      ])
  }

  @Test("The JSON of plans and findings is valid against its schema, by two engines")
  func json() async throws {
    let installation = try await ReviewedRepository.shared.installation()
    let contexts = installation.folder.path + "/some.ndjson"
    try Data("{\"targetingKey\":\"a\"}\n".utf8).write(to: URL(filePath: contexts))
    let later = ["--until", "2026-12-02T00:00:00Z"]
    for words in [["plan"], ["plan"] + later, ["plan", "--population", contexts]] {
      let plan = try installation.start(words + ["--format", "json"]).wait()
      try ReviewCheck.expectValid(plan.output, against: "plan.schema.json")
      let report = try JSONReader.read(Array(plan.output.utf8))
      let outcomes = report["scopes"]?.sequence?.compactMap { $0["outcome"]?.string }
      #expect(outcomes == ["planned", "held", "planned", "held"])
    }
    let found = try installation.expect(
      3, "validate", installation.repository.path, "--format", "json")
    try ReviewCheck.expectValid(found.output, against: "findings.schema.json")
  }

  @Test("A comment names what the schedule brings later, and what the plan was compared with")
  func scheduled() async throws {
    let repository = try DefinitionsRepository.small()
    let installation = try await Installation(repository)
    try repository.write(Self.snow, to: "customers/acme/winter.yaml")
    try repository.commit()
    let comment = try installation.expect(
      0, "plan", "--against", "rev:HEAD", "--until", "2026-12-02T00:00:00Z", "--format", "markdown"
    ).output
    #expect(comment.contains("compared with the revision `HEAD`, as if"), "\(comment)")
    let row =
      "| 2026-12-01T00:00:00Z | `production/acme` | flag `snow`<br>`rollout.advanced`"
      + " | as scheduled | all users<br>in flag `snow`"
      + " | █████░░░░░ 50% | █████░░░░░ 50% |"
    #expect(comment.contains("#### Later, by schedule alone\n") && comment.contains(row))
    try await installation.discard()
  }

  @Test("GitHub's annotations, SARIF and JUnit have the schedule too", arguments: [true, false])
  func scheduledElsewhere(hasSteps: Bool) throws {
    let repository = try DefinitionsRepository.small()
    if hasSteps {
      try repository.write(Self.snow, to: "customers/acme/winter.yaml")
      try repository.commit()
    }
    func plan(_ format: String) throws -> String {
      let words = ["--against", "rev:HEAD", "--until", "2026-12-02T00:00:00Z", "--format", format]
      let ended = try AgainstTests.plan(words, in: repository)
      #expect(ended.code == 0, "\(ended)")
      return ended.output
    }
    let line = "2026-12-01T00:00:00Z production/acme: flag snow rollout.advanced"
    let nothing = "The schedule changes nothing until then."
    let github = try plan("github")
    let notice = "::notice title=Later%2C by schedule alone::\(hasSteps ? line : nothing)"
    #expect(github.split(separator: "\n").contains { $0 == notice }, "\(github)")
    let sarif = try plan("sarif")
    #expect(sarif.contains("Later, by schedule alone:\\n\(hasSteps ? line : nothing)"), "\(sarif)")
    if let schema = ReviewCheck.sarifSchema {
      try ReviewCheck.expectNoErrors("sarif", [schema], texts: [sarif])
    }
    let junit = try plan("junit")
    try ReviewCheck.expectNoErrors("junit", texts: [junit])
    let suite = "production/acme at 2026-12-01T00:00:00Z, by schedule"
    #expect(junit.contains("name=\"\(suite)\" tests=\"1\"") == hasSteps, "\(junit)")
  }

  @Test("A comment names the merge and the base with their commits")
  func revisionsAreNamed() throws {
    let repository = try DefinitionsRepository.small()
    let base = try repository.git("rev-parse", "--short=12", "HEAD")
    try repository.git("checkout", "--quiet", "-b", "side")
    try repository.replace("default: true", by: "default: false", in: "customers/acme/shop.yaml")
    let head = try repository.commit().prefix(12)
    let words = [
      ".", "--against", "rev:main", "--head", "side", "--merge", "main", "--base", "main",
    ]
    let comment = try AgainstTests.plan(words + ["--format", "markdown"], in: repository).output
    #expect(
      comment.contains("Commit `\(head)`, merged with `main` (`\(base)`), as of 20"), "\(comment)")
    #expect(comment.contains(". What `main` (`\(base)`) defines counts as applied"), "\(comment)")
    let text = try AgainstTests.plan(words, in: repository)
    #expect(text.errors.contains("Planned as merged with main (\(base))."), "\(text)")
    #expect(text.errors.contains("What main (\(base)) defines counts as applied"), "\(text)")
  }

  private static let snow = """
    flagstaff: v1
    flags:
      snow:
        environments: {production: {}}
        rules: [{key: ramp, serve: true, rollout: {2026-12-01T00:00:00Z: 50%}}]

    """

  @Test("So is the JSON of a reconciliation, of waits and of a workspace that cannot be read")
  func otherReports() async throws {
    let repository = try DefinitionsRepository.small()
    let installation = try await Installation(repository)
    let applied = try installation.expect(0, "reconcile", "--format", "json")
    try ReviewCheck.expectValid(applied.output, against: "plan.schema.json")
    try repository.remove("customers/acme/shop.yaml")
    try repository.commit()
    let waiting = try installation.expect(4, "plan", "--format", "json")
    try ReviewCheck.expectValid(waiting.output, against: "plan.schema.json")
    let comment = try installation.expect(4, "plan", "--format", "markdown").output
    #expect(comment.contains("`production/acme` **waits**: `"), "\(comment)")
    let junit = try installation.expect(4, "plan", "--format", "junit").output
    let suites = try #require(try ReviewCheck.run("junit", texts: [junit]).first?["suites"])
    let skipped = try #require(suites["production/acme"]?["skipped"]?.integer)
    #expect(skipped > 1 && skipped == suites["production/acme"]?["tests"]?.integer, "\(junit)")
    try ReviewCheck.expectNoErrors("junit", texts: [junit])
    let lines = try installation.expect(4, "plan", "--format", "github").output
    #expect(lines.contains("::warning title=production/acme waits::"), "\(lines)")
    try repository.write("flagstaff: v1\nworkspace: 1\n", to: "flagstaff.yaml")
    try repository.commit()
    let broken = try installation.expect(3, "plan", "--format", "json")
    try ReviewCheck.expectValid(broken.output, against: "plan.schema.json")
    try await installation.discard()
  }

  // MARK: Formats of others

  @Test("GitHub's annotations name the file from where CI runs, and say what to do")
  func github() async throws {
    let installation = try await ReviewedRepository.shared.installation()
    let path = installation.repository.path
    let above = URL(filePath: path).deletingLastPathComponent().path
    let name = URL(filePath: path).lastPathComponent
    for folder in [name, "./\(name)/", path] {
      let ended = try Running(
        Programs.flagstaff, ["validate", folder, "--format", "github"],
        variables: Programs.variables, in: above
      ).wait()
      let start = "::error file=\(name)/customers/globex/depot.yaml,line=5,col="
      #expect(ended.output.contains(start), "\(ended)")
    }
    let plan = try installation.expect(3, "plan", "--format", "github").output
    #expect(plan.contains("::notice title=Flagstaff plan::"), "\(plan)")
    #expect(plan.contains("%0AHeld: production/globex at version 1"), "\(plan)")
    #expect(plan.contains("title=production/acme%3A experiment checkout-v2::"), "\(plan)")
    #expect(plan.contains("30%25 of users who do not meet"), "\(plan)")
  }

  @Test("SARIF is valid against its schema, and an alert stays the same when lines move")
  func sarif() async throws {
    let installation = try await ReviewedRepository.shared.installation()
    let path = installation.repository.path
    let plan = try installation.expect(3, "plan", "--format", "sarif").output
    let first = try installation.expect(3, "validate", path, "--format", "sarif").output
    let moved = try Folder()
    try Programs.command("cp", ["-r", path + "/.", moved.path])
    let file = moved.path + "/customers/globex/depot.yaml"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try Data("# One\n# Two\n\(text)".utf8).write(to: URL(filePath: file))
    let second = try installation.expect(3, "validate", moved.path, "--format", "sarif").output
    func results(_ text: String) throws -> [Node] {
      try #require(
        JSONReader.read(Array(text.utf8))["runs"]?.sequence?.first?["results"]?.sequence)
    }
    func fingerprints(_ text: String) throws -> [String] {
      try results(text).compactMap {
        $0["partialFingerprints"]?["primaryLocationLineHash"]?.string
      }
    }
    let names = try fingerprints(first)
    #expect(names.count == (try results(first).count) && Set(names).count == names.count)
    #expect(try fingerprints(second) == names && first != second)
    if let schema = ReviewCheck.sarifSchema {
      try ReviewCheck.expectNoErrors("sarif", [schema], texts: [plan, first, second])
    } else {
      print("FLAGSTAFF_CONFORMANCE is not set, so SARIF is not compared with its schema")
    }
  }

  @Test("JUnit's counts are those of its elements; a scope that is held fails")
  func junit() async throws {
    let installation = try await ReviewedRepository.shared.installation()
    let plan = try installation.expect(3, "plan", "--format", "junit").output
    let path = installation.repository.path
    let found = try installation.expect(3, "validate", path, "--format", "junit").output
    try ReviewCheck.expectNoErrors("junit", texts: [plan, found])
    let results = try ReviewCheck.run("junit", texts: [plan, found])
    let suites = try #require(results.first?["suites"])
    #expect(suites["production/globex"]?["failures"]?.integer == 2, "\(plan)")
    #expect(suites["production/acme"]?["failures"]?.integer == 0)
    let file = results.last?["suites"]?["customers/globex/depot.yaml"]
    #expect(file?["failures"]?.integer == 1, "\(found)")
  }

  @Test("Definitions without problems are said to be so in every format")
  func nothingWrong() throws {
    let repository = try DefinitionsRepository.small()
    var outputs: [String: String] = [:]
    for format in Self.formats {
      let ended = try Running(
        Programs.flagstaff, ["validate", repository.path, "--format", format],
        variables: Programs.variables, in: "/tmp"
      ).wait()
      #expect(ended.code == 0, "\(ended)")
      outputs[format] = ended.output
    }
    #expect(outputs["text"] == "" && outputs["github"] == "")
    #expect(outputs["markdown"]?.contains("no problems") == true)
    #expect(outputs["markdown"]?.hasPrefix("<!-- flagstaff:validate workspace=tests -->\n") == true)
    try ReviewCheck.expectNoErrors("junit", texts: [outputs["junit"] ?? ""])
    try ReviewCheck.expectValid(outputs["json"] ?? "", against: "findings.schema.json")
  }
}
