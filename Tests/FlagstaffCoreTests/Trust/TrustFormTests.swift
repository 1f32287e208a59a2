// Trust as forms, both ways: what is written is read back as it was, moving lines about is no
// change, and what this program would not have written is not read.

import Documents
import FlagstaffCore
import Signing
import TestHarness
import Testing

@Suite("Forms of trust")
struct TrustFormTests {
  /// Random governance of every field.
  private static func random(_ seed: UInt64) throws -> Trust {
    var random = SeededGenerator(seed: seed)
    func some<Value>(_ values: [Value]) -> [Value] {
      values.filter { _ in Bool.random(using: &random) }.shuffled(using: &random)
    }
    func one<Value>(_ values: [Value]) -> Value {
      values[Int.random(in: 0..<values.count, using: &random)]
    }
    func list(_ name: String, _ values: [String]) -> String? {
      let some = some(values)
      return some.isEmpty ? nil : "\(name): [\(some.joined(separator: ", "))]"
    }
    func requirement(_ depth: Int) -> String {
      switch Int.random(in: 0..<(depth > 2 ? 2 : 4), using: &random) {
      case 0: return "{count: 1, team: growth}"
      case 1: return "{count: 1, role: \(one(["ADMIN", "DEVELOPER", "chief"]))}"
      case 2: return "{allOf: [\(requirement(depth + 1)), \(requirement(depth + 1))]}"
      default: return "{anyOf: [\(requirement(depth + 1)), \(requirement(depth + 1))]}"
      }
    }
    var trust = TestTrust()
    trust.people["eve"] = .init(
      one(["ADMIN", "VIEWER", "chief"]), from: one([nil, "2026-01-01T00:00:00Z"]),
      until: one([nil, "2027-01-01T00:00:00Z"]), second: one([nil, "other"]))
    trust.people["frank"] = .init("chief")
    // Nobody counts twice in a policy, so there are enough of everybody.
    for number in 0..<8 { trust.people["chief-\(number)"] = .init("chief") }
    trust.teams["growth"] =
      (0..<8).map { "chief-\($0)" } + ["alice"] + some(["bob", "carol", "dave"])
    trust.policies = (0..<Int.random(in: 1...4, using: &random)).map { number in
      let fields = [
        list("environments", ["production", "staging"]), list("customers", ["acme"]),
        list("kinds", ["experiment", "flag", "segment", "group", "metric"]),
        list("keys", ["page", "search"]),
        list("classes", ["traffic.raised", "flag.created", "rules.changed"]),
        Bool.random(using: &random) ? "blastRadius: {atLeast: 5.25%}" : nil,
        Bool.random(using: &random) ? "labels: {tier: [a, b], area: c}" : nil,
      ].compactMap { $0 }.joined(separator: ", ")
      let exempt = Bool.random(using: &random) ? ", exempt: safer" : ""
      return "  p\(number): {match: {\(fields)}, require: \(requirement(0))\(exempt)}"
    }.shuffled(using: &random).joined(separator: "\n")
    trust.workspace = """
        id: acme-experiments
        environments: [\(["production", "staging"].shuffled(using: &random).joined(separator: ", "))]
        roles: {chief: {extends: ADMIN\(Bool.random(using: &random) ? ", may: [kill, approve]" : "")}}
        deletionBudget: {count: \(Int.random(in: 0..<5, using: &random)), share: 12.5%}
        drift: \(one(["repair", "report"]))
        freezes:
          - {from: 2026-12-24T12:00, until: 2027-01-02T08:00, zone: Europe/Berlin}
          - {from: 2026-11-27T00:00, until: 2026-11-30T00:00, zone: America/New_York,
             environments: [staging, production]}
      """
    return try trust.trust()
  }

  @Test("What is written is read back as it was", arguments: 1...200 as ClosedRange<UInt64>)
  func readWritten(seed: UInt64) throws {
    let trust = try Self.random(seed)
    let forms = trust.definitions.map(\.form)
    let read = try #require(Trust.registered(forms))
    #expect(read == trust && read.digest == trust.digest)
    // Through bytes, as the registry keeps them.
    let bytes = CanonicalJSON.bytes(.sequence(forms))
    let again = try JSONReader.read(bytes, depthMax: Limits.storedDepthMax).sequence ?? []
    #expect(Trust.registered(again) == trust)
  }

  @Test("The digest is fixed, and follows from what is said, not from where")
  func digest() throws {
    var trust = TestTrust()
    let digest = try trust.trust().digest
    #expect(
      digest.hexadecimal == "9d6383db2c27e715dcc166ab6b6561f459c8a7e52f01c6c188446cebb0b9d955")
    trust.teams["growth"] = ["carol", "bob"]
    trust.workspace = "  environments: [staging, production]\n  id: acme-experiments"
    #expect(try trust.trust().digest == digest)
    trust.people["carol"]?.until = "2027-01-01T00:00:00Z"
    #expect(try trust.trust().digest != digest)
  }

  @Test("Any damage to a form is seen")
  func damage() throws {
    let forms = try Self.random(7).definitions.map(\.form)
    var tried = 0
    for (place, form) in forms.enumerated() {
      for field in form.mapping?.entries.map(\.key) ?? [] {
        for value in [nil, Node.string("x"), .integer(7), .sequence([]), .fields([:])] {
          var entries = form.mapping?.entries ?? []
          entries.removeAll { $0.key == field }
          if let value { entries.append(.init(key: field, value: value)) }
          var damaged = forms
          damaged[place] = Node(.mapping(Mapping(entries)))
          guard damaged[place] != form else { continue }
          // Another key or address is another trust; everything else is no trust at all, or says
          // what it says to the byte.
          if let read = Trust.registered(damaged) {
            #expect(read.definitions.map(\.form) == damaged)
          }
          tried += 1
        }
      }
      var more = form.mapping?.entries ?? []
      more.append(.init(key: "note", value: .string("x")))
      var damaged = forms
      damaged[place] = Node(.mapping(Mapping(more)))
      #expect(Trust.registered(damaged) == nil)
    }
    #expect(tried > 100)
    #expect(Trust.registered(forms.reversed()) == nil)
    #expect(Trust.registered(forms + [forms[0]]) == nil)
    #expect(Trust.registered([]) == nil)
  }
}
