// The command line as its users meet it: help texts as golden files, exit codes, output that other
// programs read, and the commands that stand around the main job. FLAGSTAFF_UPDATE_GOLDEN=1 writes
// the golden files anew.

import Documents
import Foundation
import Testing

enum Golden {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden")

  /// Expects the content of a golden file, or writes it.
  static func expect(
    _ text: String, as name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let file = folder.appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["FLAGSTAFF_UPDATE_GOLDEN"] == "1" {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    let golden = try String(contentsOf: file, encoding: .utf8)
    #expect(text == golden, "\(name)", sourceLocation: sourceLocation)
  }
}

@Suite("The command line")
struct CommandLineTests {
  static let commands = [
    "", "init", "validate", "plan", "approve", "approvals", "accept-history", "reconcile", "serve",
    "kill", "release", "status",
    "evaluate", "explain",
    "simulate",
    "history", "audit", "audit verify", "audit log", "audit report", "audit export",
    "audit verify-export", "audit rotate", "keys", "keys generate", "snapshot",
    "snapshot verify",
    "snapshot flagd", "database",
    "database start", "database stop", "database url", "database migrate",
    "import", "import flagd", "import go-feature-flag",
    "trust", "trust init", "trust show", "trust reset",
  ]

  @Test("The help of each command is as it was read and agreed", arguments: commands)
  func help(command: String) throws {
    let words = command.split(separator: " ").map(String.init)
    let ended = try Self.run(words + ["--help"])
    #expect(ended.code == 0 && ended.errors.isEmpty, "\(ended)")
    // A paragraph that was wrapped twice has lines to which the next one's first word would fit.
    let lines = ended.output.split(separator: "\n", omittingEmptySubsequences: false)
    for (line, next) in zip(lines, lines.dropFirst())
    where line.contains(" ") && ![line.first, next.first].contains(" ") && !line.hasSuffix(":") {
      let word = next.prefix { $0 != " " }
      #expect(word.isEmpty || line.count + 1 + word.count >= 80, "\(line)")
    }
    #expect(lines.allSatisfy { $0.count <= 80 }, "\(ended.output)")
    let name = (["help", "flagstaff"] + words).joined(separator: "-")
    try Golden.expect(ended.output, as: name + ".txt")
  }

  @Test(
    "A variable that says 0 or false does not ask for quiet",
    arguments: [("0", false), ("false", false), ("FALSE", false), ("", false), ("1", true)])
  func quietVariable(_ value: String, _ isQuiet: Bool) throws {
    let repository = try DefinitionsRepository.small()
    var variables = Programs.variables
    variables["FLAGSTAFF_QUIET"] = value
    let ended = try Running(
      Programs.flagstaff, ["validate", repository.path], variables: variables, in: "/"
    ).wait()
    #expect(ended.code == 0 && ended.errors.isEmpty == isQuiet, "\(ended)")
  }

  @Test("The help of the program names every command that it has")
  func everyCommandHasGolden() throws {
    func subcommands(_ words: [String]) throws -> [String] {
      let lines = try Self.run(words + ["--help"]).output
        .components(separatedBy: "\n")
      guard let start = lines.firstIndex(of: "SUBCOMMANDS:") else { return [] }
      return lines[(start + 1)...].prefix { $0.hasPrefix(" ") }.compactMap { line in
        guard line.hasPrefix("  "), !line.hasPrefix("   ") else { return nil }
        return line.split(separator: " ").first.map(String.init)
      }.filter { $0 != "help" }
    }
    var found = [""]
    for command in try subcommands([]) {
      found.append(command)
      found += try subcommands([command]).map { "\(command) \($0)" }
    }
    #expect(Set(found) == Set(Self.commands))
  }

  @Test(
    "What cannot be parsed is a usage error, with a word on what is meant",
    arguments: [
      ["reconcile", "--enviroment", "production"], ["plna"], ["evaluate"],
      ["serve", "--interval", "soon"], ["serve", "--interval", "0"],
      ["status", "--format", "yaml"], ["audit", "verify", "--origin", "s3://bucket/flags"],
      ["audit", "verify", "--from", "0"], ["audit", "verify", "--max-age", "soon"],
      ["audit", "log", "--commit", "xyz"], ["audit", "log", "--since", "yesterday"],
      ["audit", "export"], ["audit", "export", "--from", "5", "--to", "4", "a"], ["history"],
      ["evaluate", "--flag", "a", "--context", "{"], ["evaluate", "--contexts", "nowhere"],
      ["evaluate", "--contexts", "-", "--explain"], ["simulate", "--ids", "0"], ["explain"],
      ["evaluate", "--contexts", "-", "--context", "{}"],
      ["explain", "a", "--at", "yesterday"], ["keys", "generate"], ["snapshot", "verify"],
      ["plan", "one", "two"], ["reconcile", "--state-dir"],
    ])
  func usage(words: [String]) throws {
    let folder = try Folder()
    let ended = try Self.run(words, in: folder.path)
    #expect(ended.code == 64, "\(ended)")
    #expect(ended.errors.contains("Error: "), "\(ended)")
    #expect(ended.output.isEmpty)
  }

  @Test("What is only a part of a repository is not checked, and the whole is named")
  func partOfRepository() throws {
    let repository = try DefinitionsRepository.small()
    let file = try Self.run(["validate", "flagstaff.yaml"], in: repository.path)
    #expect(file.code == 64 && file.errors.contains("is a file"), "\(file)")
    for words in [["validate", "customers/acme"], ["validate", repository.path + "/customers"]] {
      let part = try Self.run(words, in: repository.path)
      #expect(part.code == 64 && part.output.isEmpty, "\(part)")
      #expect(part.errors.contains("flagstaff validate \(repository.path)\n"), "\(part)")
    }
    let other = try Folder()
    #expect(try Self.run(["validate"], in: other.path).code == 3)
  }

  @Test("A misspelt option gets a suggestion")
  func suggestion() throws {
    let ended = try Self.run(["reconcile", "--enviroment", "production"])
    #expect(ended.errors.contains("--environment"), "\(ended)")
  }

  @Test(
    "A misspelt command gets a suggestion",
    arguments: [
      (["plna"], "Did you mean plan?"), (["recon"], "Did you mean reconcile?"),
      (["audit", "verfy"], "Did you mean verify?"), (["frobnicate"], "no command frobnicate. See"),
    ])
  func command(words: [String], lesson: String) throws {
    let ended = try Self.run(words)
    #expect(ended.code == 64 && ended.errors.contains(lesson), "\(ended)")
  }

  @Test("A variable that does not parse is a usage error, never the default")
  func badVariable() throws {
    for (name, value) in [
      ("FLAGSTAFF_FORMAT", "yaml"), ("FLAGSTAFF_INTERVAL", "soon"),
      ("FLAGSTAFF_GIT_TRANSPORT", "carrier-pigeon"),
    ] {
      let ended = try Self.run(["serve"], variables: [name: value])
      #expect(ended.code == 64, "\(name): \(ended)")
      #expect(ended.errors.contains(name), "\(name): \(ended)")
    }
  }

  @Test(
    "A variable that names nothing is a usage error, since no name at all would mean all",
    arguments: ["FLAGSTAFF_ENVIRONMENT", "FLAGSTAFF_CUSTOMER", "FLAGSTAFF_ORIGIN"])
  func emptyList(name: String) throws {
    for value in [",", " , ,", " "] {
      let ended = try Self.run(["status"], variables: [name: value])
      #expect(ended.code == 64 && ended.errors.contains(name), "\(name): \(ended)")
    }
  }

  @Test("A value that cannot be used is told without the usage of the command")
  func valueWithoutUsage() throws {
    let ended = try Self.run(["evaluate", "--flag", "a", "--context", "{"])
    #expect(ended.code == 64 && ended.errors.contains("--context: "), "\(ended)")
    #expect(!ended.errors.contains("Usage:"), "\(ended)")
  }

  /// Runs the program with no variables but the search path.
  private static func run(
    _ words: [String], variables: [String: String] = [:], in folder: String = "/tmp"
  ) throws -> Ended {
    try Running(
      Programs.flagstaff, words, variables: Programs.variables.merging(variables) { $1 },
      in: folder
    ).wait()
  }
}

// MARK: Output

extension CommandLineTests {
  @Test("What every command prints with --format json is JSON, with a format version")
  func everythingIsJSON() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    let own = ["FLAGSTAFF_STATE_DIR": installation.folder.path + "/own"]
    func check(
      _ words: String..., with more: [String: String] = [:], without: [String] = [],
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let ended = try installation.start(
        words + ["--format", "json"], with: more, without: without
      ).wait()
      #expect(ended.code == 0, "\(words): \(ended)", sourceLocation: sourceLocation)
      let lines = ended.output.split(separator: "\n")
      #expect(!lines.isEmpty, "\(words)", sourceLocation: sourceLocation)
      for line in lines {
        let node = try JSONReader.read(Array(line.utf8))
        let version = node["formatVersion"] ?? node["format"]
        #expect(version?.integer == 1, "\(words): \(line)", sourceLocation: sourceLocation)
      }
    }
    try check("validate", installation.repository.path)
    try check("plan")
    try check("reconcile")
    try check("reconcile")
    try check("status")
    try check(
      "evaluate", "--flag", "checkout", "--environment", "production", "--customer", "acme",
      "--explain")
    try check("evaluate", "--context", "{}", "--environment", "production", "--customer", "acme")
    try check(
      "explain", "checkout", "--unit", "u", "--environment", "production", "--customer", "acme")
    try check("simulate", "--ids", "100", "--environment", "production", "--customer", "acme")
    try check("audit", "verify")
    try check("audit", "log")
    try check("snapshot", "verify", installation.origin)
    try check("keys", "generate", installation.folder.path + "/new.pem")
    try check("database", "migrate")
    try check("database", "url")
    try check("database", "start", with: own, without: ["DATABASE_URL"])
    try check("database", "stop", with: own, without: ["DATABASE_URL"])
    try await installation.discard()
  }

  @Test("Piped output has no escape codes, and neither has NO_COLOR on a terminal")
  func noEscapes() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    let escape = "\u{1B}"
    for words in [["reconcile"], ["status"], ["audit", "verify"], ["plan"]] {
      let ended = try installation.start(words).wait()
      #expect(!ended.output.contains(escape) && !ended.errors.contains(escape), "\(words)")
    }
    // `script` gives the program a terminal.
    func onTerminal(_ more: [String: String]) throws -> String {
      let variables = Programs.variables.merging(installation.variables) { $1 }
        .merging(["TERM": "xterm"]) { $1 }.merging(more) { $1 }
      return try Running(
        "script",
        ["--quiet", "--return", "--command", "\(Programs.flagstaff) status", "/dev/null"],
        variables: variables, in: "/tmp"
      ).wait().output
    }
    #expect(try onTerminal([:]).contains(escape + "[32m"))
    for more in [["NO_COLOR": "1"], ["FLAGSTAFF_NO_COLOR": "1"], ["TERM": "dumb"]] {
      #expect(try !onTerminal(more).contains(escape), "\(more)")
    }
    try await installation.discard()
  }

  @Test("Changes have their own exit code where it is asked for")
  func detailedExitCode() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "plan")
    try installation.expect(2, "plan", "--detailed-exitcode")
    #expect(try installation.dump().isEmpty)
    try installation.expect(2, "reconcile", "--detailed-exitcode")
    try installation.expect(0, "plan", "--detailed-exitcode")
    // A folder is planned as it is, committed or not.
    try installation.repository.replace(
      "zone: A", by: "zone: B", in: "customers/globex/depot.yaml")
    try installation.expect(0, "plan", "--detailed-exitcode")
    try installation.expect(2, "plan", installation.repository.path, "--detailed-exitcode")
    try await installation.discard()
  }
}

// MARK: Around the main job

extension CommandLineTests {
  @Test("The private database starts, says its address, and stops")
  func database() async throws {
    let folder = try Folder()
    func run(_ words: String...) throws -> Ended {
      let ended = try Self.run(
        ["database"] + words, variables: ["FLAGSTAFF_STATE_DIR": folder.path + "/state"])
      #expect(ended.code == 0, "\(words): \(ended)")
      return ended
    }
    let processFile = folder.path + "/state/postgres/data/postmaster.pid"
    let started = try run("start").output
    #expect(FileManager.default.fileExists(atPath: processFile))
    #expect(try run("start").output == started)
    #expect(try run("url").output == started)
    let answer = try Programs.command(
      "psql", [started.trimmingCharacters(in: .newlines), "-Atc", "SELECT 'here'"])
    #expect(answer == "here\n")
    _ = try run("migrate")
    #expect(FileManager.default.fileExists(atPath: processFile))
    _ = try run("stop")
    #expect(!FileManager.default.fileExists(atPath: processFile))
    _ = try run("stop")
  }

  @Test("A key pair is readable by its owner alone, and is never overwritten")
  func keys() throws {
    let folder = try Folder()
    let file = folder.path + "/signing.pem"
    let first = try Self.run(["keys", "generate", file])
    #expect(first.code == 0, "\(first)")
    let former = try Installation.tree(folder.path)
    #expect(former.keys.sorted() == ["signing.pem", "signing.pub.pem"])
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let second = try Self.run(["keys", "generate", file])
    #expect(second.code == 1)
    #expect(second.errors.contains("exists. Name another file"), "\(second)")
    #expect(try Installation.tree(folder.path) == former)
    // Half a pair is not left behind either.
    try FileManager.default.removeItem(atPath: file)
    let third = try Self.run(["keys", "generate", file])
    #expect(third.code == 1)
    #expect(try Installation.tree(folder.path).keys.sorted() == ["signing.pub.pem"])
  }

  @Test("`status` says what is registered, and what an origin lacks")
  func status() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    let empty = try installation.expect(0, "status")
    #expect(empty.errors.contains("Nothing was ever applied"), "\(empty)")
    try installation.expect(0, "reconcile", "--quiet")
    let published = try installation.expect(0, "status")
    #expect(published.output.split(separator: "\n").count == 4)
    let commit = try installation.repository.git("rev-parse", "HEAD")
    #expect(published.output.contains("production/acme  version 1  commit \(commit.prefix(12))"))
    try FileManager.default.removeItem(
      atPath: installation.origin + "/v1/production/acme/latest.json")
    let lacking = try installation.expect(1, "status")
    #expect(lacking.output.contains("not published; run `flagstaff reconcile`"), "\(lacking)")
    try installation.expect(0, "reconcile", "--quiet")
    try installation.expect(0, "status")
    try await installation.discard()
  }

  @Test("`status --groups` says who holds what, what rests until when, and what is free")
  func occupancy() async throws {
    let repository = try DefinitionsRepository.small()
    var installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    try repository.replace("traffic: 10%", by: "traffic: 4%", in: "customers/acme/shop.yaml")
    try repository.commit()
    installation.variables["FLAGSTAFF_INSTANT"] = "2026-11-24T12:00:00Z"
    try installation.expect(0, "reconcile", "--quiet")
    installation.variables["FLAGSTAFF_ENVIRONMENT"] = "production"
    installation.variables["FLAGSTAFF_CUSTOMER"] = "acme"
    let text = try installation.expect(0, "status", "--groups").output
    let lines = text.split(separator: "\n").dropFirst().map { $0.drop { $0 == " " } }
    #expect(
      lines == [
        "group checkout  68% free, the largest range 68%, holdout 2%",
        "checkout-speed holds 4%  0–399", "checkout-v2 holds 20%  1000–2999",
        "checkout-speed released 6%, which rests until 2026-12-08T12:00:00Z  400–999",
      ], "\(text)")
    let json = try installation.expect(0, "status", "--groups", "--format", "json").output
    #expect(json.contains(#""free":[[3000,9800]],"group":"checkout","holdout":[[9800,10000]]"#))
    try await installation.discard()
  }

  @Test("The audit log says what changed, where, by which commit and who")
  func auditLog() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    let all = try installation.expect(0, "audit", "log", "--format", "json").output
    #expect(all.split(separator: "\n").count == 14)
    let one = try installation.expect(
      0, "audit", "log", "--environment", "production", "--key", "checkout-v2"
    ).output
    let commit = try installation.repository.git("rev-parse", "HEAD")
    let words = [
      "2026-11-23T12:00:00Z", "production/acme version 1", "experiment checkout-v2",
      "experiment.created, experiment.started", "by reconciler flagstaff",
      "commit \(commit.prefix(12))", "ungated",
    ]
    for words in words { #expect(one.contains(words), "\(one)") }
    #expect(one.split(separator: "\n").count { !$0.hasPrefix(" ") } == 1, "\(one)")
    try await installation.discard()
  }

  @Test("`snapshot verify` finds what is wrong in what is published, and names it")
  func snapshotVerify() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    let scope = installation.origin + "/v1/production/acme"
    try installation.expect(0, "snapshot", "verify", scope)
    let object = try #require(
      try installation.originTree().keys.sorted().first {
        $0.hasPrefix("v1/production/acme/objects/") && $0.hasSuffix(".json")
      })
    let file = URL(fileURLWithPath: installation.origin + "/" + object)
    let bytes = try Data(contentsOf: file)
    for (damage, words) in [
      (bytes.dropLast(), "bytes, not \(bytes.count)"),
      (Data(bytes.dropLast() + [0x20]), "does not have its digest"),
    ] {
      try damage.write(to: file)
      let ended = try installation.expect(1, "snapshot", "verify", installation.origin)
      #expect(ended.output.contains("production/acme  does not verify"), "\(ended)")
      #expect(ended.output.contains(words), "\(ended)")
      #expect(ended.output.contains("production/globex  verifies"), "\(ended)")
    }
    try FileManager.default.removeItem(at: file)
    let missing = try installation.expect(1, "snapshot", "verify", scope)
    #expect(missing.output.contains("is missing"), "\(missing)")
    try installation.expect(0, "reconcile", "--quiet")
    try installation.expect(0, "snapshot", "verify", installation.origin)
    let nothing = try installation.expect(
      1, "snapshot", "verify", installation.folder.path + "/nowhere")
    #expect(nothing.errors.contains("no pointer"), "\(nothing)")
    try await installation.discard()
  }
}
