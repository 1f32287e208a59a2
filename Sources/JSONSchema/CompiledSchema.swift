// What a schema is after compiling: a list of keywords that refer to other schemas by index, so
// that recursive schemas need no cycles of references and the whole is one immutable value. A
// keyword's family is a class, because an enum of large structs would copy them at each check.

internal import Documents

/// One schema object; `true` is one without keywords, `false` one whose keyword is `never`.
struct CompiledSchema: Sendable {
  var keywords: [Keyword] = []
  var title: String?
  var explanation: String?
  /// Schemas that this one applies to the same node, for the search for endless loops.
  var inPlace: [Int] = []

  /// What the schema's author says about what is expected.
  var hint: String? { explanation ?? title }

  var isNever: Bool {
    keywords.contains { if case .never = $0 { true } else { false } }
  }
}

/// A family of keywords, one file each.
enum Keyword: Sendable {
  case never
  case types(TypeSet)
  case values(ValueKeywords)
  case number(NumberKeywords)
  case string(StringKeywords)
  case array(ArrayKeywords)
  case object(ObjectKeywords)
  case reference(Int)
  case combination(CombinationKeywords)
}

/// The check could not be finished within its limits: neither valid nor invalid.
struct Undecided: Error {}

/// The fast pass: says only whether a node is valid.
struct Evaluation {
  let schemas: [CompiledSchema]
  private var stepsLeft = Limits.schemaStepsMax
  private let depthMax = Limits.schemaDepthMax
  private var depth = 0

  init(schemas: [CompiledSchema]) {
    self.schemas = schemas
  }

  /// Begins the application of a schema to a node; `leave()` ends it.
  ///
  /// - Throws: `Undecided` where there have been more than `Limits.schemaStepsMax`, or are more
  ///   than `Limits.schemaDepthMax` inside each other. Then there is nothing to end.
  mutating func enter() throws(Undecided) {
    guard stepsLeft > 0, depth < depthMax else { throw Undecided() }
    stepsLeft -= 1
    depth += 1
  }

  mutating func leave() {
    depth -= 1
  }

  mutating func isValid(_ node: Node, _ index: Int) throws(Undecided) -> Bool {
    try enter()
    defer { leave() }
    for keyword in schemas[index].keywords {
      guard try isValid(node, keyword) else { return false }
    }
    return true
  }

  private mutating func isValid(_ node: Node, _ keyword: Keyword) throws(Undecided) -> Bool {
    switch keyword {
    case .never: return false
    case .types(let types): return types.contains(node)
    case .values(let values): return values.allow(node)
    case .reference(let index): return try isValid(node, index)
    case .combination(let combination): return try combination.allow(node, &self)
    case .number(let number):
      guard let double = node.double else { return true }
      return number.allow(node, double)
    case .string(let string):
      guard case .string(let text) = node.value else { return true }
      return try string.allow(text)
    case .array(let array):
      guard case .sequence(let items) = node.value else { return true }
      return try array.allow(items, &self)
    case .object(let object):
      guard case .mapping(let mapping) = node.value else { return true }
      return try object.allow(mapping, &self)
    }
  }
}
