// A condition with its short forms written out, as it is checked. Segments stay named until the
// scope is resolved. Its node, which is hashed, published and evaluated, is made only where
// somebody asks for it: most of what is checked is never planned anew.

internal import Documents
internal import FlagstaffEvaluation

indirect enum ConditionForm: Sendable {
  case all([ConditionForm], at: Position)
  case any([ConditionForm], at: Position)
  case not(ConditionForm)
  case segment(String)
  /// The operand as the file has it: a list may be unsorted, and have an item twice.
  case test(attribute: String, ConditionOperator, Node)

  /// `{all:[…]}`, `{any:[…]}`, `{not:c}`, `{segment:key}` or `{attribute,operator,value}`.
  var node: Node {
    switch self {
    case .all(let members, _): .fields(["all": .sequence(members.map(\.node))])
    case .any(let members, _): .fields(["any": .sequence(members.map(\.node))])
    case .not(let member): .fields(["not": member.node])
    case .segment(let key): .fields(["segment": .string(key)])
    case .test(let attribute, let comparison, let operand):
      .fields([
        "attribute": .string(attribute), "operator": .string(comparison.rawValue),
        "value": Self.resolved(operand, for: comparison),
      ])
    }
  }

  var isAll: Bool { if case .all = self { true } else { false } }

  /// The same with each segment replaced by what a function says, where it says anything.
  func replacing(segments: (String) -> ConditionForm?) -> ConditionForm {
    switch self {
    case .all(let members, let position):
      .all(members.map { $0.replacing(segments: segments) }, at: position)
    case .any(let members, let position):
      .any(members.map { $0.replacing(segments: segments) }, at: position)
    case .not(let member): .not(member.replacing(segments: segments))
    case .segment(let key): segments(key)?.replacing(segments: segments) ?? self
    case .test: self
    }
  }

  /// A list without repetitions, sorted by canonical bytes; anything else as it is.
  private static func resolved(_ operand: Node, for comparison: ConditionOperator) -> Node {
    guard comparison.operand == .list, let values = operand.sequence else {
      return Node(operand.value)
    }
    let keyed = values.map { (bytes: CanonicalJSON.bytes($0), node: $0) }
      .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    var unique: [Node] = []
    for (index, item) in keyed.enumerated()
    where index == 0 || keyed[index - 1].bytes != item.bytes {
      unique.append(Node(item.node.value))
    }
    return .sequence(unique)
  }
}

extension ConditionForm: Equatable {
  /// Whether both have one node: places do not count.
  static func == (a: ConditionForm, b: ConditionForm) -> Bool {
    switch (a, b) {
    case (.all(let a, _), .all(let b, _)), (.any(let a, _), .any(let b, _)): a == b
    case (.not(let a), .not(let b)): a == b
    case (.segment(let a), .segment(let b)): a.hasSameBytes(as: b)
    case (.test(let name, let comparison, let a), .test(let otherName, let otherComparison, let b)):
      comparison == otherComparison && name.hasSameBytes(as: otherName)
        && (a == b
          || comparison.operand == .list
            && resolved(a, for: comparison) == resolved(b, for: comparison))
    default: false
    }
  }
}
