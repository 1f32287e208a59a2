// What flagd answers is what we answer, for every flag that is in its document and whatever the
// context holds: random conditions and rules, asked with missing, mistyped and odd attributes, of
// the real provider. The operands and attributes are drawn from the places where JsonLogic converts
// what we never do.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Foundation
import TestHarness
import Testing

/// Makes flags and contexts that try the conversions of JsonLogic.
private struct FlagdCases {
  var random: SeededGenerator

  static let strings = [
    "", "a", "ab", "b", "é", "e\u{301}", "ß", "😀", "\u{1F600}\u{200D}", "true", "True", "false",
    "null", "None", "0", "1", "-1", "1.0", "1e0", " 1 ", "inf", "NaN", "a,b", "[object Object]",
    "{}", "length", "0.1", "\u{0}", "\n", "a\n", "\u{FFFF}", "u-1", "7",
  ]
  static let instants = [
    "2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z", "2024-02-29T12:00:00Z", "0000-02-29T00:00:00Z",
    "9999-12-31T23:59:59Z", "2000-02-29T00:00:00Z",
  ]
  static let noInstants = [
    "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-00-10T00:00:00Z",
    "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01t00:00:00Z", "2026-01-01T00:00:00z",
    "2026-01-01T00:00:00", "2026-01-01T00:00:00Z\n", "2026-01-01T00:00:00ZZ", "2026-01-01",
    "20２6-01-01T00:00:00Z", "+026-01-01T00:00:00Z", "2026-1-001T00:00:00Z", "-026-01-01T00:00:00Z",
    "2026-01-01 00:00:00Z", "2026-01-01T00:00:0 Z", "2026-01-01T 0:00:00Z",
  ]
  static let versions = [
    "1.2.3", "1.2.3-rc.1", "1.2.3-rc.1+b.7", "1.2.3+b-1.x", "0.0.0", "0.0.0-0", "10.0.0",
    "99999999999999999999.0.0", "1.2.3--", "1.2.3-0a", "1.2.3-10", "1.2.3-9", "2.0.0-alpha",
  ]
  static let noVersions = [
    "v1.2.3", "V1.2.3", "vv1.2.3", "1.2", "1", "1.2-rc.1", "1+b", "1.2+b.3", "1.2.3.4", "01.2.3",
    "1.02.3", "1.2.3-01", "1.2.3-", "1.2.3+", "1.2.3 ", " 1.2.3", "1.2.3\n", "1.2.٣", "1..2",
    "-1.2.3", "1.2.3-a..b", "v1", "v", ".1.2", "0.", "1.", "1.-1", "=1.2.3",
    String(repeating: "1", count: 250) + ".2.334", String(repeating: "1", count: 251) + ".2.334",
    String(repeating: "9", count: 5_000) + ".0.0",
  ]
  static let numbers = [
    "0", "-0", "0.0", "-0.0", "1", "1.0", "-1", "2", "7", "0.1", "0.5", "1.5", "-2.25", "1e3",
    "1e15", "1e16", "1e21", "1e300", "5e-324", "9007199254740991", "9007199254740992",
    "9007199254740993", "-9007199254740991", "-9007199254740993", "123456789012345678901",
  ]
  static let others = [
    "true", "false", "null", "[]", "{}", "[null]", #"["a"]"#, #"["a","b"]"#, #"["ab"]"#, #"[""]"#,
    "[0]", "[1]", "[-0.0]", "[1.0]", "[true]", "[false]", "[1,true]", #"[0,"a",false]"#,
    #"["1"]"#, #"["true"]"#, #"[["a"]]"#, "[[1]]", #"[{"a":1}]"#, #"{"a":"a"}"#, #"{"length":1}"#,
    #"{"0":"a"}"#, #"["2026-01-01T00:00:00Z"]"#, #"["1.2.3"]"#, "[1.5,2]", "[9007199254740993]",
  ]

  static let names = [
    "plain", "zip code", "ключ", "0", "length", "var", "targetingKey", "__proto__",
  ]

  /// A context as JSON: some attributes are missing, the others are anything.
  mutating func context() -> String {
    var members: [String] = []
    for name in Self.names where Int.random(in: 0..<5, using: &random) > 0 {
      members.append("\(quoted(name)):\(name == "targetingKey" ? quoted(unit()) : value())")
    }
    return "{\(members.joined(separator: ","))}"
  }

  /// OpenFeature's SDKs take texts alone as targeting keys.
  private mutating func unit() -> String { random.pick(["u-1", "u-2", "7", "", "é"]) }

  private func quoted(_ text: String) -> String { CanonicalJSON.string(.string(text)) }

  mutating func value() -> String {
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<3: quoted(random.pick(Self.strings))
    case 3: quoted(random.pick(Self.instants + Self.noInstants))
    case 4: quoted(random.pick(Self.versions + Self.noVersions))
    case 5..<7: random.pick(Self.numbers)
    default: random.pick(Self.others)
    }
  }

  // MARK: Conditions

  mutating func condition(depth: Int = 0) -> Node {
    let kind = depth > 3 ? 9 : Int.random(in: 0..<10, using: &random)
    switch kind {
    case 0: return .fields(["not": condition(depth: depth + 1)])
    case 1, 2:
      let members = (0..<Int.random(in: 1...3, using: &random)).map { _ in
        condition(depth: depth + 1)
      }
      return .mapping([(kind == 1 ? "all" : "any", .sequence(members))])
    default:
      let comparison = random.pick(ConditionOperator.allCases)
      return .fields([
        "attribute": .string(random.pick(Self.names)), "operator": .string(comparison.rawValue),
        "value": operand(comparison.operand),
      ])
    }
  }

  private mutating func operand(_ operand: ConditionOperator.Operand) -> Node {
    switch operand {
    case .scalar: return scalar()
    case .list:
      return .sequence((0..<Int.random(in: 0...4, using: &random)).map { _ in scalar() })
    case .string: return .string(random.pick(Self.strings))
    case .number: return number()
    case .instant: return .string(random.pick(Self.instants))
    case .boolean: return .boolean(Bool.random(using: &random))
    case .versions:
      let count = Int.random(in: 1...2, using: &random)
      let comparators = (0..<count).map { _ in
        random.pick(["", "=", "<", "<=", ">", ">="]) + random.pick(Self.versions)
      }
      return .string(comparators.joined(separator: " "))
    }
  }

  private mutating func scalar() -> Node {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: .boolean(Bool.random(using: &random))
    case 1, 2: number()
    case 3: .string(random.pick(Self.instants + Self.versions))
    default: .string(random.pick(Self.strings))
    }
  }

  private mutating func number() -> Node {
    (try? JSONReader.read(Array(random.pick(Self.numbers).utf8))) ?? .integer(0)
  }

  // MARK: Flags

  /// A flag with an experiment of its own; nothing of it needs a hash.
  mutating func definitions(_ number: Int) -> [Node] {
    let name = "f\(number)"
    let rules = (0..<Int.random(in: 0...4, using: &random)).map { rule(name, $0) }
    let flag = Node.fields([
      "kind": .string("flag"), "key": .string(name), "type": .string("string"),
      "variants": .fields(["a": .string("A"), "b": .string("B"), "off": .string("")]),
      "off": .string("off"), "default": .string(random.pick(["a", "b", "off"])),
      "enabled": .boolean(Int.random(in: 0..<8, using: &random) > 0),
      "killed": .boolean(Int.random(in: 0..<12, using: &random) == 0),
      "bucketBy": .string(random.pick(Self.names)), "rules": .sequence(rules),
    ])
    return [flag, experiment(name)]
  }

  private mutating func rule(_ flag: String, _ place: Int) -> Node {
    let when = Int.random(in: 0..<8, using: &random) > 0 ? condition() : nil
    let serve = Node.string(random.pick(["a", "b", "off"]))
    let id = Node.string("\(flag)/\(place)")
    switch Int.random(in: 0..<8, using: &random) {
    case 0:
      return .fields([
        "key": .string("r\(place)"), "id": id, "when": when, "serve": serve,
        "share": .integer(random.pick([0, 10_000])),
      ])
    case 1:
      let all = Node.sequence([.sequence([.integer(0), .integer(10_000)])])
      let variants = Node.sequence([
        .fields(["key": .string("a"), "ranges": all]),
        .fields(["key": .string("b"), "ranges": .sequence([])]),
      ])
      return .fields(["key": .string("r\(place)"), "id": id, "when": when, "split": variants])
    case 2, 3: return .fields(["experiment": .string(random.pick([flag, "absent"]))])
    default: return .fields(["when": when, "serve": serve])
    }
  }

  private mutating func experiment(_ key: String) -> Node {
    let all = Node.sequence([.sequence([.integer(0), .integer(10_000)])])
    let isLive = Bool.random(using: &random)
    return .fields([
      "kind": .string("experiment"), "key": .string(key), "id": .string(key), "hash": .integer(1),
      "live": .boolean(isLive), "bucketBy": .string(random.pick(Self.names)),
      "trafficSalt": .string(key), "traffic": Bool.random(using: &random) ? all : .sequence([]),
      "salt": .string("\(key)/1/"),
      "targeting": Bool.random(using: &random) ? condition() : nil, "control": .string("a"),
      "variants": .sequence([
        .fields(["key": .string("a"), "ranges": all]),
        .fields(["key": .string("b"), "ranges": .sequence([])]),
      ]),
      "force": .fields([
        "a": .strings(["u-1", "7", "-1"]), "b": .strings(["é", "1e3", "0", "9007199254740991"]),
      ]),
      "winner": !isLive && Bool.random(using: &random) ? .string("b") : nil,
    ])
  }
}

@Suite("flagd answers as we do")
struct FlagdEquivalenceTests {
  @Test("Random flags have the same answers for random contexts", arguments: 1...4)
  func sameAnswers(seed: UInt64) throws {
    var cases = FlagdCases(random: SeededGenerator(seed: seed))
    let definitions = (0..<400).flatMap { cases.definitions($0) }
    let contexts = ["{}"] + (0..<80).map { _ in cases.context() }
    let comparison = try FlagdComparison(definitions)
    let (compared, differences) = try comparison.differences(contexts)
    #expect(differences.isEmpty, "seed \(seed): \(differences.joined(separator: "\n"))")
    #expect(compared == comparison.document.keys.count * contexts.count)
    // Most flags can be said, or nothing would have been tried.
    #expect(comparison.document.keys.count > 250, "\(comparison.document.omissions.count) left out")
    for omission in comparison.document.omissions {
      #expect(Set(omission.gaps.map(\.code)).isSubset(of: ["targeting-key", "number"]))
    }
  }

  @Test(
    "Each operator has the same answer for each odd value", arguments: ConditionOperator.allCases)
  func eachOperator(_ comparison: ConditionOperator) throws {
    let values =
      FlagdCases.numbers + FlagdCases.others
      + (FlagdCases.strings + FlagdCases.instants + FlagdCases.noInstants + FlagdCases.versions
      + FlagdCases.noVersions).map { CanonicalJSON.string(.string($0)) }
    let contexts = ["{}"] + values.map { #"{"x":\#($0)}"# }
    let operands = Self.operands(comparison.operand)
    let definitions = operands.enumerated().flatMap { place, operand in
      let test = Node.fields([
        "attribute": .string("x"), "operator": .string(comparison.rawValue), "value": operand,
      ])
      return [("is", test), ("not", Node.fields(["not": test]))].map { name, when in
        Self.boolean("\(name)-\(place)", when: when)
      }
    }
    let pair = try FlagdComparison(definitions)
    let (compared, differences) = try pair.differences(contexts)
    #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    #expect(compared == pair.document.keys.count * contexts.count && compared > 300)
  }

  private static func operands(_ operand: ConditionOperator.Operand) -> [Node] {
    let numbers = FlagdCases.numbers.compactMap { try? JSONReader.read(Array($0.utf8)) }
    let strings = FlagdCases.strings.map(Node.string)
    let scalars = numbers + strings + [.boolean(true), .boolean(false)]
    switch operand {
    case .scalar: return scalars
    case .list:
      return [.sequence([]), .sequence(scalars.filter { $0.double ?? 0 < 1e15 })]
        + scalars.map { .sequence([$0]) }
    case .string: return strings
    case .number: return numbers
    case .instant: return FlagdCases.instants.map(Node.string)
    case .versions:
      return FlagdCases.versions.flatMap { version in
        ["", "=", "<", "<=", ">", ">="].map { .string($0 + version) }
      }
    case .boolean: return [.boolean(true), .boolean(false)]
    }
  }

  private static func boolean(_ key: String, when: Node) -> Node {
    .fields([
      "kind": .string("flag"), "key": .string(key), "type": .string("boolean"),
      "variants": .fields(["false": .boolean(false), "true": .boolean(true)]),
      "off": .string("false"), "default": .string("false"), "enabled": .boolean(true),
      "killed": .boolean(false), "bucketBy": .string("targetingKey"),
      "rules": .sequence([.fields(["when": when, "serve": .string("true")])]),
    ])
  }
}
