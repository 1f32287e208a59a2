// The second opinion on verdicts: it agrees with the gate over random trust, evidence and
// contributors, and it finds a gate that judges by too little. What the gate admits is given to it
// together with another judgement than the one that the gate had, as a fault in the gate would.

import Documents
import FlagstaffCore
import Signing
import TestHarness
import Testing

@Suite("The second opinion on verdicts")
struct VerdictCheckTests {
  private static let before =
    "flags: {page: {labels: {tier: critical}, environments: {production: {}}}}"
  private static let after =
    "flags: {page: {labels: {tier: critical}, environments: {production: {}}, default: true}}"

  private static func isAgreed(_ admitted: AdmittedPlan, by judgement: Judgement? = nil) -> Bool {
    do {
      try VerdictCheck(admitted, by: judgement).run()
      return true
    } catch {
      #expect(error.check == .approval)
      return false
    }
  }

  @Test("Agrees with the gate, whatever was signed", arguments: 1...40 as ClosedRange<UInt64>)
  func agreement(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let plan = try TestScope.applied(Self.before).plan(Self.after)
    var admitted = 0
    for _ in 0..<10 {
      var trust = TestTrust()
      trust.teams["chiefs"] = ["alice", "dave"]
      let leaves = [
        "{count: 1, team: growth}", "{count: 1, role: DEVELOPER}", "{count: 1, role: ADMIN}",
        "{count: 1, team: chiefs}",
      ].shuffled(using: &random)
      let require = [
        leaves[0], "{allOf: [\(leaves[0]), \(leaves[1])]}", "{anyOf: [\(leaves[0]), \(leaves[1])]}",
        "{allOf: [\(leaves[0]), {anyOf: [\(leaves[1]), \(leaves[2])]}]}",
      ][Int.random(in: 0..<4, using: &random)]
      trust.policies =
        "  one: {match: {labels: {tier: critical}}, require: \(require)}\n"
        + "  two: {match: {blastRadius: {atLeast: 50%}}, require: {count: 1, role: VIEWER}}"
      let people = ["alice", "bob", "carol", "dave", "merge-bot", "mallory"]
      func some() -> [String] { people.filter { _ in Bool.random(using: &random) } }
      let contributors = Set(some().prefix(1))
      let judgement = plan.judged(
        by: try trust.judging(), evidence: try some().map { try .by($0, plan.subjects) },
        contributors: contributors, unknown: Int.random(in: 0..<4, using: &random) == 0 ? ["x"] : []
      )
      guard let passed = AdmittedPlan.judge(plan, by: judgement).admitted else { continue }
      admitted += 1
      #expect(Self.isAgreed(passed), "seed \(seed)")
    }
    #expect(admitted > 0, "seed \(seed)")
  }

  @Test("A gate that judges by too little does not open")
  func faults() throws {
    let plan = try TestScope.applied(Self.before).plan(Self.after)
    var trust = TestTrust()
    trust.policies = "  p: {match: {}, require: {count: 2, role: DEVELOPER}}"
    let judging = try trust.judging()
    let all = try ["alice", "bob"].map { try Evidence.by($0, plan.subjects) }
    let good = plan.judged(by: judging, evidence: all)
    let admitted = try #require(AdmittedPlan.judge(plan, by: good).admitted)
    #expect(Self.isAgreed(admitted))
    func judged(
      _ change: (inout TestTrust) -> Void = { _ in }, evidence: [Evidence] = all,
      contributors: Set<String> = [], unknown: [String] = [], freezes: [FreezeWindow] = []
    ) throws -> Judgement {
      var other = trust
      change(&other)
      return plan.judged(
        by: try other.judging(), evidence: evidence, contributors: contributors, unknown: unknown,
        freezes: freezes)
    }
    #expect(try Self.isAgreed(admitted, by: judged()))
    let instant = { (text: String) in try #require(Instant(text)) }
    let freeze = FreezeWindow(
      from: try instant("2026-11-20T00:00:00Z"), until: try instant("2026-11-22T00:00:00Z"),
      environments: ["production"])
    let faults: [(String, Judgement)] = [
      ("a signature is missing", try judged(evidence: [all[0]])),
      (
        "it is for another form",
        try judged(
          evidence: [
            all[0],
            .by(
              "bob",
              plan.subjects.map {
                Subject(
                  place: $0.place, kind: $0.kind, key: $0.key, generation: $0.generation,
                  before: $0.before, after: Signing.sha256([1]))
              }),
          ])
      ),
      (
        "it expired",
        try judged(evidence: [all[0], .by("bob", plan.subjects, expires: "2026-11-20T23:00:00Z")])
      ),
      (
        "its radius is less",
        try judged(evidence: [all[0], .by("bob", plan.subjects, blastRadius: 9_999)])
      ),
      ("somebody contributed", try judged(contributors: ["bob"])),
      ("somebody is unknown", try judged(unknown: ["09ab"])),
      ("his key does not count", try judged({ $0.people["bob"]?.until = "2026-11-20T00:00:00Z" })),
      ("he has another role", try judged({ $0.people["bob"]?.role = "VIEWER" })),
      (
        "the policy asks for more",
        try judged({ $0.policies = "  p: {match: {}, require: {count: 3, role: DEVELOPER}}" })
      ),
      (
        "another policy matches too",
        try judged({ $0.policies += "\n  q: {match: {}, require: {count: 1, role: BOT}}" })
      ),
      (
        "no policy is about it",
        try judged({
          $0.policies = "  p: {match: {kinds: [segment]}, require: {count: 2, role: DEVELOPER}}"
        })
      ),
      ("it is frozen", try judged(freezes: [freeze])),
      (
        "history goes back",
        Judgement(
          by: judging, evidence: all,
          contributors: [plan.changes[0].identity: .nobody],
          forward: .waits(reason: "the head does not descend", remedy: "accept it"))
      ),
      ("who contributed is not known", Judgement(by: judging, evidence: all)),
      (
        "nothing is known",
        Judgement(
          by: judging, evidence: all, contributors: [plan.changes[0].identity: .nobody],
          doubt: Doubt(reason: "shallow", remedy: "unshallow"))
      ),
      ("the mode says otherwise", .ungated),
    ]
    for (fault, judgement) in faults {
      #expect(!Self.isAgreed(admitted, by: judgement), "\(fault)")
    }
  }

  @Test("An exemption is looked at again")
  func exemption() throws {
    let plan = try TestScope.applied(Self.after).plan(Self.before)
    var trust = TestTrust()
    trust.people["erin"] = .init("ADMIN")
    trust.policies = "  p: {match: {}, require: {count: 2, role: ADMIN}, exempt: safer}"
    let judging = try trust.judging()
    let admitted = try #require(
      AdmittedPlan.judge(plan, by: plan.judged(by: judging)).admitted)
    #expect(Self.isAgreed(admitted))
    #expect(!Self.isAgreed(admitted, by: plan.judged(by: judging, unknown: ["09ab"])))
    trust.policies = "  p: {match: {}, require: {count: 2, role: ADMIN}}"
    #expect(!Self.isAgreed(admitted, by: plan.judged(by: try trust.judging())))
  }
}
