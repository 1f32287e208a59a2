// The units and contexts that both versions are asked about. They follow from scope and commit
// alone, so a plan that fails fails again. Attributes are drawn from what the conditions compare
// with, a little below and above it, or left out, so that conditions are met and missed.

internal import Documents
internal import FlagstaffEvaluation
internal import Signing

/// A user who is asked about.
struct SampledUser {
  let attributes: [(key: String, value: JSONValue)]
  let context: EvaluationContext
  /// Whether the user has a unit that nobody chose, and so may be counted.
  let isOrdinary: Bool

  init(_ attributes: [(key: String, value: JSONValue)], isOrdinary: Bool) {
    self.attributes = attributes
    self.isOrdinary = isOrdinary
    context = EvaluationContext(attributes: attributes)
  }

  /// The unit by an attribute: a text that is not empty, or an integer in decimal; nil where there
  /// is none.
  func unit(by attribute: String) -> String? {
    switch attributes.last(where: { $0.key.hasSameBytes(as: attribute) })?.value {
    case .string(let text): text.isEmpty ? nil : text
    case .integer(let integer): abs(integer) <= Node.integerMax ? "\(integer)" : nil
    default: nil
    }
  }
}

struct SampledUsers {
  /// What is compared with, by attribute.
  private var candidates: [Text: [JSONValue]] = [:]
  private var units: Set<Text> = ["targetingKey"]
  private var random: SampleGenerator
  private let seed: [UInt8]

  /// - Parameter definitions: the published definitions that are looked at.
  init(_ definitions: [Node], scope: ScopeID, commit: String) {
    seed = Signing.sha256(Array("\(scope)/\(commit)".utf8)).bytes
    random = SampleGenerator(seed)
    for definition in definitions {
      if let unit = definition["bucketBy"]?.string { units.insert(Text(unit)) }
      collect(definition["targeting"])
      for rule in definition["rules"]?.sequence ?? [] { collect(rule["when"]) }
      for unit in definition["force"]?.mapping?.entries.compactMap(\.value.sequence?.first) ?? [] {
        if let text = unit.string { forced.append(text) }
      }
    }
  }

  private var forced: [String] = []

  private mutating func collect(_ condition: Node?) {
    guard let mapping = condition?.mapping else { return }
    if let attribute = mapping["attribute"]?.string, let value = mapping["value"] {
      let found = Self.values(near: value, for: mapping["operator"]?.string ?? "")
      let known = candidates[Text(attribute)] ?? []
      candidates[Text(attribute)] = known + found.prefix(max(0, 16 - known.count))
      return
    }
    for entry in mapping.entries {
      if let members = entry.value.sequence {
        for member in members { collect(member) }
      } else {
        collect(entry.value)
      }
    }
  }

  private static func values(near operand: Node, for name: String) -> [JSONValue] {
    switch operand.value {
    case .sequence(let nodes): return nodes.prefix(4).flatMap { values(near: $0, for: name) }
    case .integer(let integer):
      return [.integer(integer), .integer(integer - 1), .integer(integer + 1)]
    case .number(let number): return [.double(number), .double(number + 1)]
    case .boolean(let boolean):
      return name == "exists" ? [.string("x")] : [.boolean(boolean), .boolean(!boolean)]
    case .string(let text):
      if let instant = Instant(text) {
        return [-1, 0, 1].map { .string(instant.adding(seconds: $0).description) }
      }
      guard name == "semver" else { return [.string(text), .string("x\(text)x")] }
      return text.split(separator: " ").map { part in
        .string(String(part.drop { !$0.isNumber }))
      }
    case .null, .mapping: return []
    }
  }
}

extension SampledUsers {
  /// The next user: a unit that nobody chose, and attributes drawn at random.
  mutating func next(_ number: Int) -> SampledUser {
    let hash = Signing.sha256(seed + Array("\(number)".utf8)).hexadecimal
    // A few users have no unit, and a few are forced.
    let isForced = !forced.isEmpty && random.below(8) == 0
    let unit = isForced ? forced[random.below(forced.count)] : String(hash.prefix(16))
    var attributes: [(key: String, value: JSONValue)] = []
    for (name, values) in candidates.sorted(by: { $0.key < $1.key }) where !units.contains(name) {
      let choice = random.below(values.count + 2)
      if choice < values.count { attributes.append((name.string, values[choice])) }
    }
    var isOrdinary = !isForced
    for name in units.sorted() {
      let values = candidates[name] ?? []
      let isCompared = !values.isEmpty && random.below(4) == 0
      let isLeftOut = random.below(32) == 0
      if isCompared || isLeftOut { isOrdinary = false }
      if !isLeftOut { attributes.append((name.string, isCompared ? values[0] : .string(unit))) }
    }
    return SampledUser(attributes, isOrdinary: isOrdinary)
  }
}

/// Numbers that follow from a seed (SplitMix64, Steele, Lea and Flood 2014).
private struct SampleGenerator {
  private var state: UInt64

  init(_ seed: [UInt8]) {
    state = seed.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A number in 0..<bound.
  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, bound)))
  }
}
