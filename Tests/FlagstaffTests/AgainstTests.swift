// `flagstaff plan` without a registry: against what is published and against a revision. Whatever
// it is compared with, the same parents give the same bytes, and what cannot be compared is said.

import Foundation
import Signing
import Testing

extension Installation {
  /// What a pull request's job does not have.
  static let credentials = ["DATABASE_URL", "AUDIT_HMAC_SECRET", "FLAGSTAFF_SIGNING_KEY_FILE"]

  /// Runs `plan` as a job with the public key and a clone alone.
  func planPublished(
    _ arguments: [String] = [], origin: String? = nil, with more: [String: String] = [:]
  ) throws -> Ended {
    let words = ["plan", "--against", "origin:\(origin ?? self.origin)"] + arguments
    let variables = more.merging(["FLAGSTAFF_STATE_DIR": folder.path + "/none"]) { first, _ in first
    }
    return try start(words, with: variables, without: Self.credentials).wait()
  }

  /// The same plan both ways; they have to be the same bytes and end alike.
  @discardableResult
  func expectSamePlan(
    _ arguments: [String], at instant: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Ended {
    let words = arguments + ["--format", "json"]
    let clock = ["FLAGSTAFF_INSTANT": instant]
    let registered = try start(["plan"] + words, with: clock).wait()
    let published = try planPublished(words, with: clock)
    #expect(
      published.output == registered.output && published.code == registered.code,
      "\(arguments) at \(instant): \(published) instead of \(registered)",
      sourceLocation: sourceLocation)
    #expect([0, 3, 4].contains(registered.code), "\(registered)", sourceLocation: sourceLocation)
    return registered
  }
}

@Suite("Plans without a registry")
struct AgainstTests {
  private static let histories =
    ProcessInfo.processInfo.environment["FLAGSTAFF_TEST_HISTORIES"].flatMap(UInt64.init) ?? 3

  @Test("Against the origin a plan is that against the registry, byte for byte, after any history")
  func sameBytes() async throws {
    for seed in 1...Self.histories {
      var history = try RandomHistory(seed: seed)
      let installation = try await Installation(history.repository)
      for day in 10...13 {
        let clock = ["FLAGSTAFF_INSTANT": "2026-11-\(day)T12:00:00Z"]
        let ended = try installation.run("reconcile", "--quiet", with: clock)
        #expect([0, 3, 4].contains(ended.code), "seed \(seed), day \(day): \(ended)")
        try history.commit()
      }
      let origin = try installation.originTree()
      let now = "2026-11-14T12:00:00Z"
      let plan = try installation.expectSamePlan([], at: now)
      #expect(plan.output.contains(#""changes":[{"#), "seed \(seed) changes nothing")
      try installation.expectSamePlan(["--at", "2026-11-20T00:00:00Z"], at: now)
      // Earlier than any version: each scope at its last.
      try installation.expectSamePlan(["--at", "2026-11-01T00:00:00Z"], at: now)
      try installation.expectSamePlan(["--until", "2026-12-31T00:00:00Z"], at: now)
      try history.commit()
      try installation.expectSamePlan(["--base", "HEAD~1"], at: now)
      try installation.expectSamePlan(["--environment", "staging", "--head", "HEAD~2"], at: now)
      #expect(try installation.originTree() == origin)
      #expect(!FileManager.default.fileExists(atPath: installation.folder.path + "/none"))
      try await installation.discard()
    }
  }

  @Test("With an origin behind the registry a plan is the one that was right at its version")
  func behind() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    let old = installation.folder.path + "/old"
    try Programs.command("cp", ["-a", installation.origin, old])
    let repository = installation.repository
    try repository.replace("traffic: 20%", by: "traffic: 30%", in: "customers/acme/shop.yaml")
    try repository.commit()
    let before = try installation.planPublished(["--format", "json"])
    try installation.expect(0, "reconcile", "--quiet")
    let after = try installation.planPublished(["--format", "json"])
    #expect(!after.output.contains("traffic.raised") && before.output.contains("traffic.raised"))
    #expect(
      try installation.planPublished(["--format", "json"], origin: old).output == before.output)
    try await installation.discard()
  }

  @Test("A pointer that expired is told, and the plan goes on; its key has to be the right one")
  func expired() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    let late = try installation.planPublished(with: ["FLAGSTAFF_INSTANT": "2027-01-01T00:00:00Z"])
    #expect(late.code == 0, "\(late)")
    #expect(late.errors.contains("What is published of production/acme may be out of date"))
    #expect(late.errors.contains("expired at 2026-12-23T12:00:00Z"))
    let other = try PrivateKey(seed: [UInt8](repeating: 8, count: 32)).publicKey
    let file = installation.folder.path + "/other.pem"
    try Data(other.pem()).write(to: URL(fileURLWithPath: file))
    let refused = try installation.planPublished(["--public-key", file])
    #expect(refused.code == 1 && refused.output.isEmpty, "\(refused)")
    #expect(refused.errors.contains("production/acme does not verify"), "\(refused)")
    try await installation.discard()
  }

  @Test(
    "A state that is missing, cut or changed fails its scope, and the others are planned",
    arguments: [("missing", "is missing"), ("cut", "bytes, not"), ("changed", "its digest")])
  func damagedState(_ damage: String, _ reason: String) async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    let states = try installation.originTree().keys.filter {
      $0.hasPrefix("v1/production/acme/state/") && $0.hasSuffix(".json")
    }
    let file = URL(fileURLWithPath: installation.origin + "/" + (try #require(states.first)))
    let bytes = try Data(contentsOf: file)
    try FileManager.default.removeItem(at: file)
    switch damage {
    case "cut": try bytes.dropLast().write(to: file)
    case "changed": try (bytes.dropLast() + Data("]".utf8)).write(to: file)
    default: break
    }
    try installation.repository.replace(
      "serve: true", by: "serve: false", in: "customers/globex/depot.yaml")
    try installation.repository.commit()
    let ended = try installation.planPublished()
    #expect(ended.code == 1 && ended.output.contains(reason), "\(ended)")
    #expect(ended.output.contains("production/acme  failed"), "\(ended)")
    #expect(ended.output.contains("production/globex  version 1 → 2"), "\(ended)")
    try await installation.discard()
  }

  @Test("Definitions that Git has in another form than was published are named")
  func otherDefinitions() async throws {
    let repository = try DefinitionsRepository.small()
    let installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    let published = try repository.git("rev-parse", "HEAD")
    try repository.replace("traffic: 20%", by: "traffic: 30%", in: "customers/acme/shop.yaml")
    let other = try repository.commit()
    // A pointer of the right key that names another commit than the one it was made of.
    let file = installation.origin + "/v1/production/acme/latest.json"
    let key = try PrivateKey(seed: [UInt8](repeating: 7, count: 32))
    let type = "application/vnd.flagstaff.pointer.v1+json"
    let envelope = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    let opened = try DSSE.opened(envelope, type: type, keys: [key.publicKey])
    let payload = String(decoding: opened.payload, as: UTF8.self)
      .replacing(published, with: other)
    let sealed = try DSSE.sealed(Array(payload.utf8), type: type, key: key)
    try Data(sealed).write(to: URL(fileURLWithPath: file))
    let ended = try installation.planPublished()
    #expect(ended.code == 1 && ended.output.contains("production/acme  failed"), "\(ended)")
    #expect(ended.output.contains("comparing experiment checkout-v2"), "\(ended)")
    #expect(ended.output.contains(other) && ended.output.contains("--against registry"))
    try await installation.discard()
  }

  @Test("What is no origin, or of another workspace, is not compared with")
  func wrongOrigin() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    let empty = try installation.planPublished()
    #expect(empty.code == 1 && empty.errors.contains("no scope is published there"), "\(empty)")
    #expect(empty.errors.contains("--against rev:REVISION"), "\(empty)")
    try installation.expect(0, "reconcile", "--quiet")
    try installation.repository.replace("id: tests", by: "id: others", in: "flagstaff.yaml")
    try installation.repository.commit()
    for ended in [try installation.run("plan"), try installation.planPublished()] {
      #expect(
        ended.code == 1 && ended.errors.contains("belongs to the workspace tests"), "\(ended)")
    }
    try await installation.discard()
  }

  @Test("A clone that was not fetched since names the published commit and what brings it")
  func oldClone() async throws {
    let repository = try DefinitionsRepository.small()
    let installation = try await Installation(repository)
    let clone = installation.folder.path + "/clone"
    try Programs.command("git", ["clone", "--quiet", "file://\(repository.path)", clone])
    try repository.replace("traffic: 20%", by: "traffic: 30%", in: "customers/acme/shop.yaml")
    let published = try repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    let here = ["FLAGSTAFF_REPOSITORY": clone]
    let lacking = try installation.planPublished(with: here)
    #expect(lacking.code == 1 && lacking.output.isEmpty, "\(lacking)")
    let remedy = "git fetch origin \(published)"
    #expect(lacking.errors.contains("does not have commit \(published)"), "\(lacking)")
    #expect(lacking.errors.contains("Bring what is missing with `\(remedy)`"), "\(lacking)")
    #expect(lacking.errors.contains("a head without that commit takes back"), "\(lacking)")
    try Programs.command("sh", ["-c", remedy + " --quiet"], in: clone)
    // What is wanted is still what the clone has checked out.
    let back = try installation.planPublished(with: here)
    #expect(back.code == 0 && back.output.contains("traffic: 30% → 20%"), "\(back)")
    try await installation.discard()
  }

  @Test("A shallow clone without the published commit names it and what brings it")
  func shallowClone() async throws {
    let repository = try DefinitionsRepository.small()
    let installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    let published = try repository.git("rev-parse", "HEAD")
    try repository.replace("traffic: 20%", by: "traffic: 30%", in: "customers/acme/shop.yaml")
    try repository.commit()
    let whole = try installation.planPublished(["--format", "json"])
    let clone = installation.folder.path + "/clone"
    try repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    try Programs.command(
      "git", ["clone", "--quiet", "--depth", "1", "file://\(repository.path)", clone])
    let here = ["FLAGSTAFF_REPOSITORY": clone]
    let lacking = try installation.planPublished(with: here)
    #expect(lacking.code == 1 && lacking.output.isEmpty, "\(lacking)")
    let remedy = "git fetch --depth=1 origin \(published)"
    #expect(lacking.errors.contains(remedy), "\(lacking)")
    #expect(lacking.errors.contains("fetch-depth: 0"), "\(lacking)")
    try Programs.command("sh", ["-c", remedy + " --quiet"], in: clone)
    let enough = try installation.planPublished(["--format", "json"], with: here)
    #expect(enough.code == 0 && enough.output == whole.output, "\(enough)")
    let base = try installation.planPublished(["--base", "HEAD~5"], with: here)
    #expect(base.code == 1 && base.errors.contains("this clone is shallow"), "\(base)")
    try await installation.discard()
  }

  @Test("Against a revision a plan shows what is added to it, and says what its figures assume")
  func revision() throws {
    let repository = try DefinitionsRepository.small()
    try repository.replace("traffic: 20%", by: "traffic: 30%", in: "customers/acme/shop.yaml")
    try repository.commit()
    func plan(_ words: String...) throws -> Ended { try Self.plan(words, in: repository) }
    let ended = try plan("--against", "rev:HEAD~1")
    #expect(ended.code == 0 && ended.errors.contains("an empty registry"), "\(ended)")
    #expect(ended.output.contains("~ experiment checkout-v2  traffic.raised"), "\(ended)")
    #expect(ended.output.contains("2 changes in 2 scopes"), "\(ended)")
    // What the other branch did is not this one's effect.
    try repository.git("checkout", "--quiet", "-b", "side")
    try repository.replace("default: true", by: "default: false", in: "customers/acme/shop.yaml")
    try repository.commit()
    let added = try plan("--against", "rev:main~1", "--base", "main", "--head", "side")
    #expect(added.output.contains("~ flag banner"), "\(added)")
    #expect(!added.output.contains("traffic.raised"), "\(added)")
    let unknown = try plan("--against", "rev:mian")
    #expect(unknown.code == 1 && unknown.errors.contains("mian"), "\(unknown)")
    #expect(!FileManager.default.fileExists(atPath: repository.path + "/.flagstaff"))
  }

  @Test("What a revision's own findings hold counts without it, and a note says so")
  func heldBase() throws {
    let repository = try DefinitionsRepository.small()
    try repository.replace("control: old", by: "control: none", in: "customers/acme/shop.yaml")
    try repository.commit()
    try repository.replace("control: none", by: "control: new", in: "customers/acme/shop.yaml")
    try repository.commit()
    let ended = try Self.plan(["--against", "rev:HEAD~1"], in: repository)
    #expect(ended.errors.contains("production/acme counts without HEAD~1: findings hold it there"))
    #expect(ended.output.contains("production/acme  version 0 → 1"), "\(ended)")
    #expect(!ended.output.contains("globex  version"), "\(ended)")
  }

  @Test("The schedule is followed, each step against what the one before it leaves")
  func schedule() throws {
    let file = "customers/acme/a.yaml"
    let repository = try DefinitionsRepository([
      "flagstaff.yaml": DefinitionsRepository.workspace,
      file: """
      flagstaff: v1
      experiments:
        speed: {status: running, traffic: 10%, control: a, variants: {a: 1, b: 1},
          schedule: {start: 2026-11-24T00:00:00Z, end: 2026-12-01T00:00:00Z},
          environments: {production: {}}}
      flags:
        page: {variants: {a: 1, b: 2}, off: a, environments: {production: {}},
          rules: [{experiment: speed}]}
        ramp:
          environments: {staging: {}}
          rules:
            - key: r
              serve: true
              rollout:
                  {2026-11-25T00:00:00Z: 5%, 2026-11-27T00:00:00Z: 50%, 2027-01-01T00:00:00Z: 9%}

      """,
    ])
    let words = ["--against", "rev:HEAD", "--until", "2026-12-24T00:00:00Z"]
    let text = try Self.plan(words, in: repository)
    let headings = text.output.split(separator: "\n").filter { $0.hasPrefix("By schedule, at ") }
    #expect(
      headings.map { $0.suffix(20) } == [
        "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z", "2026-11-27T00:00:00Z",
        "2026-12-01T00:00:00Z",
      ], "\(text)")
    for line in [
      "experiment speed  experiment.started", "experiment speed  experiment.completed",
      "production/acme  version 2 → 3", "staging/acme  version 2 → 3",
    ] { #expect(text.output.contains(line), "\(line) in \(text)") }
    let json = try Self.plan(words + ["--format", "json"], in: repository).output
    #expect(
      json.contains(#""scheduled":[{"findings":[],"instant":"2026-11-24T00:00:00Z","scopes":[{"#))
    let before = ["--until", "2026-11-23T11:00:00Z", "--against", "rev:HEAD"]
    #expect(try Self.plan(before, in: repository).code == 64)
  }

  @Test("A schedule beyond the limit is refused with what to do")
  func longSchedule() throws {
    // In many scopes, since each step of a flag is compared with all later ones.
    var files = ["flagstaff.yaml": DefinitionsRepository.workspace]
    for customer in 0..<16 {
      let steps = (0..<23).map { step in
        "2027-01-\(Self.two(customer + 1))T00:\(Self.two(step)):00Z: \(step + 1)%"
      }
      files["customers/c\(customer)/a.yaml"] = """
        flagstaff: v1
        flags:
          ramp:
            environments: {production: {}}
            rules: [{key: r, serve: true, rollout: {\(steps.joined(separator: ", "))}}]

        """
    }
    let repository = try DefinitionsRepository(files)
    let words = ["--against", "rev:HEAD", "--until"]
    let ended = try Self.plan(words + ["2027-02-01T00:00:00Z"], in: repository)
    #expect(ended.code == 1 && ended.errors.contains("more than 366 instants"), "\(ended)")
    #expect(ended.errors.contains("Give a nearer --until"))
    let nearer = try Self.plan(words + ["2027-01-01T00:05:00Z"], in: repository)
    #expect(nearer.code == 0, "\(nearer)")
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  @Test("Without any history the folder's files are planned and validated, and a note says so")
  func noHistory() throws {
    let repository = try DefinitionsRepository()
    try repository.write(DefinitionsRepository.workspace, to: "flagstaff.yaml")
    try repository.write(DefinitionsRepository.depot, to: "customers/globex/depot.yaml")
    for isRepository in [true, false] {
      if !isRepository { try repository.remove(".git") }
      let ended = try Self.plan([], in: repository)
      #expect(ended.code == 0 && ended.output.contains("commit working-tree"), "\(ended)")
      #expect(ended.errors.contains("no Git commit yet"), "\(ended)")
      // Whatever asks for a revision still needs one.
      for words in [["--head", "main"], ["--base", "main"], ["--branch", "main"]] {
        #expect(try Self.plan(words, in: repository).code == 1, "\(words)")
      }
    }
    try repository.write("damaged", to: ".git/HEAD")
    #expect(try Self.plan([], in: repository).code == 1)
  }

  @Test(
    "Options that mean nothing together are usage errors that say what goes together",
    arguments: [
      (["--against", "orgin:x"], "origin:PATH"), (["--against", "origin:"], "origin:PATH"),
      (["--against", "registry:x"], "registry, origin:PATH"), (["--against", "rev"], "rev:REV"),
      (["--public-key", "k.pem"], "--against origin:PATH"),
      (["--against", "rev:HEAD", "--public-key", "k.pem"], "--against origin:PATH"),
      (["--at", "tomorrow"], "YYYY-MM-DDThh:mm:ssZ"),
      (["--until", "2026-12-01"], "YYYY-MM-DDThh:mm:ssZ"),
    ])
  func usage(words: [String], lesson: String) throws {
    let ended = try Self.plan(words, in: try DefinitionsRepository.small())
    #expect(ended.code == 64 && ended.errors.contains(lesson), "\(ended)")
  }

  /// Runs `plan` in a repository, with no variables but the instant.
  static func plan(
    _ words: [String], in repository: DefinitionsRepository, command: String = "plan"
  ) throws -> Ended {
    var variables = Programs.variables
    variables["FLAGSTAFF_INSTANT"] = Installation.instant
    return try Running(
      Programs.flagstaff, [command] + words, variables: variables, in: repository.path
    ).wait()
  }
}

/// Two pull requests that are fine alone.
struct MergeFixture: Sendable, CustomTestStringConvertible {
  let name: String
  /// What each adds: a file and its content.
  let ours: (file: String, content: String)
  let theirs: (file: String, content: String)
  /// How a plan of both ends, and what it says.
  let code: Int32
  let says: [String]

  var testDescription: String { name }

  private static func experiment(_ key: String, _ traffic: Int) -> String {
    """
    flagstaff: v1
    experiments:
      \(key): {status: running, group: checkout, traffic: \(traffic)%, control: a,
        variants: {a: 1, b: 1}, environments: {production: {}}}

    """
  }

  static let all = [
    MergeFixture(
      name: "both define the same key, in different files",
      ours: (
        "customers/acme/one.yaml",
        "flagstaff: v1\nflags: {twice: {environments: {production: {}}}}\n"
      ),
      theirs: (
        "customers/acme/two.yaml",
        "flagstaff: v1\nflags: {twice: {environments: {staging: {}}}}\n"
      ), code: 3, says: ["flag twice is defined twice", "customers/acme/two.yaml"]),
    MergeFixture(
      name: "one deletes the segment that the other uses",
      ours: ("customers/acme/segments.yaml", "flagstaff: v1\nsegments: {other: {a: b}}\n"),
      theirs: (
        "customers/acme/one.yaml",
        "flagstaff: v1\nflags: {light: {environments: {production: {}},"
          + " rules: [{when: {segment: loyal}, serve: true}]}}\n"
      ), code: 3, says: ["loyal", "customers/acme/one.yaml"]),
    MergeFixture(
      name: "the experiments of a group take more than there is",
      ours: ("customers/acme/one.yaml", experiment("first", 40)),
      theirs: ("customers/acme/two.yaml", experiment("second", 40)), code: 3,
      says: ["checkout"]),
    MergeFixture(
      name: "both change the same line",
      ours: (
        "customers/acme/shop.yaml",
        DefinitionsRepository.shop.replacing("traffic: 20%", with: "traffic: 25%")
      ),
      theirs: (
        "customers/acme/shop.yaml",
        DefinitionsRepository.shop.replacing("traffic: 20%", with: "traffic: 30%")
      ), code: 3, says: ["FS3011", "customers/acme/shop.yaml:14:1"]),
    MergeFixture(
      name: "nothing is wrong with both",
      ours: (
        "customers/acme/shop.yaml",
        DefinitionsRepository.shop.replacing("traffic: 20%", with: "traffic: 25%")
      ),
      theirs: (
        "customers/acme/shop.yaml",
        DefinitionsRepository.shop.replacing("default: true", with: "default: false")
      ), code: 0, says: ["traffic.raised", "default.changed"]),
  ]
}

@Suite("Plans of a merge")
struct MergePlanTests {
  @Test("Two pull requests that are fine alone are caught together", arguments: MergeFixture.all)
  func together(fixture: MergeFixture) throws {
    let repository = try DefinitionsRepository.small()
    try repository.write(
      "flagstaff: v1\nsegments: {loyal: {orders: {greaterThan: 3}}}\n",
      to: "customers/acme/segments.yaml")
    try repository.commit()
    for (branch, side) in [("ours", fixture.ours), ("theirs", fixture.theirs)] {
      try repository.git("checkout", "--quiet", "-b", branch, "main")
      try repository.write(side.content, to: side.file)
      try repository.commit()
    }
    let words = ["--against", "rev:main"]
    for branch in ["ours", "theirs"] {
      let alone = try AgainstTests.plan(words + ["--head", branch], in: repository)
      #expect(alone.code == 0, "\(alone)")
      let valid = try AgainstTests.plan(["--head", branch], in: repository, command: "validate")
      #expect(valid.code == 0, "\(valid)")
    }
    let references = try repository.git("for-each-ref")
    let both = ["--head", "ours", "--merge", "theirs"]
    let ended = try AgainstTests.plan(words + both, in: repository)
    #expect(ended.code == fixture.code, "\(ended)")
    for text in fixture.says { #expect(ended.output.contains(text), "\(text) in \(ended)") }
    // A customer in conflict is held, and the other goes on.
    #expect(!ended.output.contains("globex  held"), "\(ended)")
    #expect(try repository.git("for-each-ref") == references)
    // What needs no state is found without any.
    let valid = try AgainstTests.plan(both, in: repository, command: "validate")
    #expect([0, fixture.code].contains(valid.code), "\(valid)")
  }
}
