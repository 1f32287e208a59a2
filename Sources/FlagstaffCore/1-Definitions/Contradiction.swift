// Finds conditions that no context can meet, where that is certain: comparisons of one attribute
// that exclude each other, and something together with its opposite. What it passes over may still
// be impossible; what it reports is impossible for every context, by the evaluator's own rules.

internal import Documents
internal import FlagstaffEvaluation

/// A place in a condition that nobody can meet.
struct Contradiction {
  let position: Position
  let reason: String

  /// The contradictions of a condition in resolved form, each `all` by itself and with those
  /// directly inside it.
  static func all(in condition: Node) -> [Contradiction] {
    var found: [Contradiction] = []
    collect(condition, into: &found)
    return found
  }

  /// Whether anything was found in the part.
  @discardableResult
  private static func collect(_ node: Node, into found: inout [Contradiction]) -> Bool {
    guard let entry = node.mapping?.entries.first, node.mapping?.count == 1 else { return false }
    switch entry.key {
    case "not":
      return collect(entry.value, into: &found)
    case "all", "any":
      var isFound = false
      for member in entry.value.sequence ?? [] where collect(member, into: &found) {
        isFound = true
      }
      guard entry.key == "all", !isFound, let reason = Conjunction(node).contradiction else {
        return isFound
      }
      found.append(Contradiction(position: node.position, reason: reason))
      return true
    default:
      return false
    }
  }
}

/// What a condition asks for all at once: its members, with those of each `all` among them.
struct Conjunction {
  private(set) var members: [Node] = []

  init(_ condition: Node) {
    add(condition)
  }

  private mutating func add(_ node: Node) {
    guard let all = node["all"]?.sequence, node.mapping?.count == 1 else {
      members.append(node)
      return
    }
    for member in all { add(member) }
  }

  /// The members as bytes by which they can be looked up.
  var keys: [[UInt8]] { members.map { CanonicalJSON.bytes($0) } }

  /// Up to this many members are compared one by one, which is faster than to look them up.
  static let scanCountMax = 16

  /// Whether everything that the other asks for is asked for here. For few members.
  func includes(_ other: Conjunction) -> Bool {
    other.members.allSatisfy { member in members.contains { $0 == member } }
  }

  /// Why nobody can meet it; nil where somebody might.
  var contradiction: String? {
    guard members.count > 1, mayExclude else { return nil }
    if asksForOpposites { return "it asks for something and for its opposite" }
    var attributes: [Text: AttributeDemands] = [:]
    for member in members {
      let opposite = member["not"]
      guard let name = (opposite ?? member)["attribute"]?.string else { continue }
      attributes[Text(name), default: AttributeDemands(name)].add(
        opposite ?? member, isNegated: opposite != nil)
    }
    for (_, demands) in attributes.sorted(by: { $0.key < $1.key }) where demands.areImpossible {
      return "no value of `\(demands.name)` meets all that is asked of it"
    }
    return nil
  }

  /// Whether some member is the opposite of others: `not: c` beside all that `c` asks for.
  private var asksForOpposites: Bool {
    let opposites = members.compactMap { $0["not"] }
    guard !opposites.isEmpty else { return false }
    let alternatives = opposites.flatMap { $0["any"]?.sequence ?? [$0] }.map { Conjunction($0) }
    if members.count <= Self.scanCountMax { return alternatives.contains(where: includes) }
    let keys = Set(keys)
    return alternatives.contains { $0.keys.allSatisfy(keys.contains) }
  }

  /// Whether two members speak of one attribute, or some member is no plain comparison. Mostly
  /// neither is so, and nothing more is looked at.
  private var mayExclude: Bool {
    guard members.count <= Self.scanCountMax else { return true }
    var names: [String] = []
    for member in members {
      guard let name = member["attribute"]?.string else { return true }
      if names.contains(where: { $0.hasSameBytes(as: name) }) { return true }
      names.append(name)
    }
    return false
  }
}

/// The comparisons of one attribute that all have to be met, or all not.
private struct AttributeDemands {
  let name: String
  private var wanted: [Node] = []
  private var unwanted: [Node] = []

  init(_ name: String) {
    self.name = name
  }

  mutating func add(_ test: Node, isNegated: Bool) {
    if isNegated { unwanted.append(test) } else { wanted.append(test) }
  }

  var areImpossible: Bool {
    guard !wanted.isEmpty, wanted.count + unwanted.count > 1 else { return false }
    let absences = wanted.filter {
      $0["operator"]?.string == "exists" && $0["value"] == .boolean(false)
    }
    guard absences.isEmpty else { return absences.count < wanted.count }
    if let candidates { return !hasPossible(candidates) }
    return excludeByOrder || excludeByAffixes("startsWith") || excludeByAffixes("endsWith")
  }

  /// The only values that one of the comparisons lets through; nil where none names its values.
  private var candidates: [Node]? {
    operands("equals").first.map { [$0] } ?? operands("in").first?.sequence
  }

  private func operands(_ comparison: String) -> [Node] {
    wanted.filter { $0["operator"]?.string == comparison }.compactMap { $0["value"] }
  }

  /// Asks the evaluator about each.
  private func hasPossible(_ candidates: [Node]) -> Bool {
    let tests = wanted + unwanted.map { Node.fields(["not": $0]) }
    guard let condition = try? Condition(.fields(["all": .sequence(tests)])) else { return true }
    return candidates.contains { value in
      condition.isMet(by: EvaluationContext(attributes: [(key: name, value: JSONValue(value))]))
    }
  }

  /// Bounds that leave nothing between them, or bounds of a number on what has to be text.
  private var excludeByOrder: Bool {
    let below = operands("lessThan").compactMap(\.double).min()
    let atMost = operands("lessOrEqual").compactMap(\.double).min()
    let above = operands("greaterThan").compactMap(\.double).max()
    let atLeast = operands("greaterOrEqual").compactMap(\.double).max()
    if let least = above, let most = below ?? atMost, least >= most { return true }
    if let least = above, let most = atMost, least >= most { return true }
    if let least = atLeast, let most = below, least >= most { return true }
    if let least = atLeast, let most = atMost, least > most { return true }
    let before = operands("before").compactMap(\.string).compactMap { Instant($0) }.min()
    let after = operands("after").compactMap(\.string).compactMap { Instant($0) }.max()
    if let before, let after, after >= before { return true }
    let isNumber = [below, atMost, above, atLeast].contains { $0 != nil }
    let texts = ["startsWith", "endsWith", "before", "after", "semver"]
    return isNumber && texts.contains { !operands($0).isEmpty }
  }

  /// Two beginnings, or two ends, of which neither is part of the other.
  private func excludeByAffixes(_ comparison: String) -> Bool {
    let texts = operands(comparison).compactMap(\.string).map { text in
      comparison == "endsWith" ? Array(text.utf8.reversed()) : Array(text.utf8)
    }
    guard let longest = texts.max(by: { $0.count < $1.count }) else { return false }
    return !texts.allSatisfy { longest.starts(with: $0) }
  }
}
