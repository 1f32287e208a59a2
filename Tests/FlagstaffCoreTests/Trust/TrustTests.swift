// Trust as the repository states it, typed: what files say is what the types hold, in the shape
// that approvals will ask for. What is wrong in files is shown by the fixtures of findings; valid
// governance holds nobody, and nothing is gated by it yet.

import Documents
import FlagstaffCore
import SSHSignatures
import Testing

@Suite("Trust")
struct TrustTests {
  private static let workspace = """
    flagstaff: v1
    workspace:
      id: acme-experiments
      environments: [production, staging]
      roles:
        releaser: {extends: DEVELOPER, may: [approve, kill]}
        chief: {extends: releaser, may: [accept-history]}
      freezes:
        - {from: 2026-11-27T00:00, until: 2026-11-30T00:00, zone: America/New_York,
           environments: [production]}
        - {from: 2026-12-24T12:00, until: 2027-01-02T08:00, zone: Europe/Berlin}
      drift: report
    """
  private static let key =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM6HgAqxr1a8kINy1DmdOKVH0GTX9/AUisLiFemJWW2j"
  private static let other =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFv4GpBbflqfNqGUvFakoOwNRebQwqNGDNeLlluYP6l0"
  private static let people = """
    flagstaff: v1
    people:
      alice:
        role: ADMIN
        email: alice@acme.example
        keys: [{ssh: "\(key) laptop", until: 2027-06-30T00:00:00Z}]
      bob: {role: DEVELOPER}
      carol: {role: chief}
      merge-bot:
        role: BOT
        keys: [{ssh: "\(other)", from: 2026-01-01T00:00:00Z}]
    teams:
      growth: {members: [bob, alice]}
    """
  private static let policies = """
    flagstaff: v1
    approvals:
      exposure:
        match:
          environments: [production]
          customers: [acme]
          kinds: [experiment, flag]
          keys: [page]
          labels: {tier: [critical, high], area: pay}
          classes: [traffic.raised]
          blastRadius: {atLeast: 5%}
        require:
          allOf:
            - {count: 1, team: growth}
            - {anyOf: [{count: 1, role: ADMIN}, {count: 2, role: VIEWER}]}
        exempt: safer
      everything: {match: {}, require: {count: 1, role: DEVELOPER}}
    """
  private static let definitions = """
    flagstaff: v1
    flags:
      page: {labels: {tier: critical, area: pay}, environments: {production: {}}}
      other: {labels: {tier: high}, environments: {production: {}}}
    """

  private static let repository = TestRepository([
    "flagstaff.yaml": workspace, "governance/people.yaml": people,
    "governance/rules/approvals.yaml": policies, "customers/acme/a.yaml": definitions,
  ])

  private static func trust() throws -> Trust {
    let definitions = repository.definitions()
    #expect(definitions.findings.map(\.described) == [])
    return try #require(definitions.trust)
  }

  @Test("People, teams and their keys are what files say")
  func people() throws {
    let trust = try Self.trust()
    let alice = try #require(trust.people["alice"])
    #expect(alice.role == "ADMIN" && alice.email == "alice@acme.example")
    #expect(alice.keys.map(\.key.algorithm) == [.ed25519])
    #expect(alice.keys.first?.until == Instant("2027-06-30T00:00:00Z"))
    #expect(trust.teams["growth"]?.members == ["alice", "bob"])
    #expect(trust.people(among: .team("growth")).map(\.key) == ["alice", "bob"])
    #expect(trust.people.keys.sorted() == ["alice", "bob", "carol", "merge-bot"])
  }

  @Test("A key counts from its first instant on, and not at its last")
  func windows() throws {
    let trust = try Self.trust()
    func isValid(_ person: String, _ instant: String) throws -> Bool {
      let key = try #require(trust.people[person]?.keys.first)
      return key.isValid(at: try #require(Instant(instant)))
    }
    #expect(try isValid("alice", "2020-01-01T00:00:00Z"))
    #expect(try isValid("alice", "2027-06-29T23:59:59Z"))
    #expect(try !isValid("alice", "2027-06-30T00:00:00Z"))
    #expect(try !isValid("merge-bot", "2025-12-31T23:59:59Z"))
    #expect(try isValid("merge-bot", "2026-01-01T00:00:00Z"))
  }

  @Test(
    "Who has a role counts as having those that it extends",
    arguments: [
      ("ADMIN", ["alice"]), ("releaser", ["carol"]), ("DEVELOPER", ["alice", "bob", "carol"]),
      ("VIEWER", ["alice", "bob", "carol"]), ("BOT", ["merge-bot"]), ("unknown", []),
    ])
  func roles(role: String, people: [String]) throws {
    #expect(try Self.trust().people(having: role).map(\.key) == people)
  }

  @Test("An own role may what it adds, and what it extends adds")
  func permissions() throws {
    let roles = try Self.trust().roles
    #expect(roles["releaser"]?.permissions == [.approve, .kill])
    #expect(
      roles.lineage(of: "chief").map(\.name)
        == ["chief", "releaser", "DEVELOPER", "ANALYST", "VIEWER"])
  }

  @Test("Policies are typed, in key order")
  func policies() throws {
    let policies = try Self.trust().policies
    #expect(policies.map(\.key) == ["everything", "exposure"])
    let exposure = try #require(policies.last)
    #expect(exposure.isSaferExempt && !policies[0].isSaferExempt)
    #expect(
      exposure.requirement
        == .allOf([
          .people(1, of: .team("growth")),
          .anyOf([.people(1, of: .role("ADMIN")), .people(2, of: .role("VIEWER"))]),
        ]))
    #expect(exposure.requirement.counts.map(\.count) == [1, 1, 2])
    let match = exposure.match
    #expect(match.environments == ["production"] && match.customers == ["acme"])
    #expect(match.kinds == [.experiment, .flag] && match.keys == ["page"])
    #expect(match.labels == ["tier": ["critical", "high"], "area": ["pay"]])
    #expect(match.classes == [.trafficRaised] && match.blastRadiusMin == 500)
    let every = policies[0].match
    #expect(every.environments == nil && every.customers == nil && every.kinds == nil)
    #expect(every.keys == nil && every.classes == nil && every.blastRadiusMin == nil)
    #expect(every.labels.isEmpty)
  }

  @Test("Freezes keep local time and zone, and drift what was chosen")
  func freezes() throws {
    let trust = try Self.trust()
    #expect(trust.freezes.map(\.zone) == ["America/New_York", "Europe/Berlin"])
    #expect(trust.freezes.map(\.from.description) == ["2026-11-27T00:00", "2026-12-24T12:00"])
    #expect(trust.freezes.map(\.environments) == [["production"], nil])
    #expect(Self.repository.definitions().workspace?.drift == .report)
    #expect(TestRepository("").definitions().workspace?.drift == .repair)
  }

  @Test("Valid governance holds no scope, and one that is wrong holds all")
  func holding() {
    #expect(Self.repository.resolved()?.definitions.count == 2)
    let wrong = TestRepository([
      "governance/a.yaml": "flagstaff: v1\npeople: {alice: {role: NOBODY}}",
      "customers/acme/a.yaml": Self.definitions,
    ]).definitions()
    #expect(wrong.held.isAll && wrong.trust == nil)
    #expect(
      wrong.findings(holding: .init(environment: "production", customer: "acme")).map(
        \.code.rawValue) == ["FS2100"])
  }

  @Test("A policy for a customer who is gone is a warning, which holds nobody")
  func customerGone() {
    let definitions = TestRepository([
      "governance/a.yaml": """
      flagstaff: v1
      people: {alice: {role: ADMIN}}
      approvals: {p: {match: {customers: [gone]}, require: {count: 1, role: ADMIN}}}
      """,
      "customers/acme/a.yaml": Self.definitions,
    ]).definitions()
    #expect(definitions.findings.map(\.code.rawValue) == ["FS2109"])
    #expect(!definitions.held.isAll && definitions.trust?.policies.count == 1)
  }

  @Test("One broken file of governance does not make the names of others dangle")
  func brokenFile() {
    for broken in ["flagstaff: v1\npeople: {bob: {rule: ADMIN}}", "flagstaff: v1\npeople: {bob"] {
      let codes = TestRepository([
        "governance/a.yaml": """
        flagstaff: v1
        people: {alice: {role: ADMIN}}
        teams: {growth: {members: [alice, bob]}}
        approvals: {p: {match: {}, require: {count: 2, team: growth}}}
        """,
        "governance/b.yaml": broken,
      ]).findings.map { "\($0.location.file) \($0.code.rawValue.prefix(4))" }
      #expect(codes.allSatisfy { $0.hasPrefix("governance/b.yaml FS1") }, "\(codes)")
    }
  }

  @Test(
    "A name that is nearly right gets a suggestion",
    arguments: [
      ("people: {a: {role: ADMN}}", "ADMIN"),
      ("people: {alice: {role: ADMIN}}\nteams: {t: {members: [alcie]}}", "alice"),
      (
        "people: {a: {role: ADMIN}}\nteams: {growth: {members: [a]}}\n"
          + "approvals: {p: {match: {}, require: {count: 1, team: groth}}}", "growth"
      ),
      (
        "people: {a: {role: ADMIN}}\n"
          + "approvals: {p: {match: {environments: [prodction]}, require: {count: 1, role: ADMIN}}}",
        "production"
      ),
    ])
  func suggestions(text: String, name: String) {
    let findings = TestRepository(["governance/a.yaml": "flagstaff: v1\n\(text)"]).findings
    let remedies = findings.map(\.remedy)
    #expect(remedies.contains { $0.contains("Did you mean \(name)?") }, "\(remedies)")
  }

  @Test("Long chains of roles, and teams of people who are none, are followed once")
  func longChains() {
    let count = 3_000
    func workspace(_ first: String) -> String {
      let roles = (1..<count).map { "    r\($0): {extends: r\($0 - 1)}" }.joined(separator: "\n")
      return """
        flagstaff: v1
        workspace:
          id: acme
          environments: [production]
          roles:
            r0: {extends: \(first)}
        \(roles)
        """
    }
    #expect(TestRepository(["flagstaff.yaml": workspace("VIEWER")]).errorCodes == [])
    let circle = TestRepository(["flagstaff.yaml": workspace("r\(count - 1)")])
    #expect(Set(circle.errorCodes.map { $0.prefix(6) }) == ["FS2101", "FS2007"])
    let members = (0..<count).map { "nobody-\($0)" }.joined(separator: ", ")
    let team = TestRepository([
      "governance/a.yaml": "flagstaff: v1\nteams: {growth: {members: [\(members)]}}"
    ])
    #expect(Set(team.errorCodes.map { $0.prefix(6) }) == ["FS2102", "FS2007"])
  }
}
