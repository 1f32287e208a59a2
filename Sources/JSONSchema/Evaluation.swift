// The fast pass: says only whether a node is valid. It counts its steps, since schemas can be
// written that take for ever, and keeps what two keywords need that look beyond their own schema:
// the resources on the way here (`$dynamicRef`) and the parts already looked at (`unevaluated…`).
// Where no schema has those, it does nothing for them.

internal import Documents

/// The check could not be finished within its limits: neither valid nor invalid.
struct Undecided: Error {}

struct Evaluation {
  let program: Program
  private let isPlain: Bool
  private(set) var stepsLeft: Int
  private let depthMax = Limits.schemaDepthMax
  private var depth = 0
  /// The scopes that were entered on the way here, the outermost first, each once.
  private var scopes: [Int] = []
  /// Of the current node, while a schema around asks for them.
  private(set) var evaluated: EvaluatedParts?
  private var matcher: PatternMatcher?

  init(_ program: Program, steps: Int) {
    self.program = program
    stepsLeft = steps
    isPlain = program.traits.isEmpty
  }

  /// There are no steps left.
  var isExhausted: Bool { stepsLeft <= 0 }

  // MARK: Limits

  /// Begins the application of a schema to a node; `leave()` ends it.
  ///
  /// - Throws: `Undecided` where there have been more steps than there may be, or are more
  ///   than `Limits.schemaDepthMax` inside each other. Then there is nothing to end.
  mutating func enter() throws(Undecided) {
    guard stepsLeft > 0, depth < depthMax else { throw Undecided() }
    stepsLeft -= 1
    depth += 1
  }

  mutating func leave() {
    depth -= 1
  }

  /// Counts work that is not the application of a schema.
  ///
  /// - Parameter steps: each about as much as applying a schema.
  mutating func charge(_ steps: Int) throws(Undecided) {
    stepsLeft -= steps
    if stepsLeft <= 0 { throw Undecided() }
  }

  mutating func matches(_ pattern: Pattern, _ text: String) throws(Undecided) -> Bool {
    let bytes = text.utf8.count
    try charge(PatternMatcher.steps(bytes: bytes))
    if matcher == nil { matcher = PatternMatcher() }
    guard let matcher else { throw Undecided() }
    if let isMatch = try matcher.quickly(pattern, text) { return isMatch }
    try charge(PatternMatcher.thoroughSteps)
    return try matcher.thoroughly(pattern, text)
  }

  // MARK: Schemas

  /// Applies a schema to the current node.
  mutating func isValid(_ node: Node, _ index: Int) throws(Undecided) -> Bool {
    try enter()
    defer { leave() }
    if isPlain { return try meets(node, index) }
    let entered = enterScope(of: index)
    defer { if entered { scopes.removeLast() } }
    return program.traits[index].isAsking
      ? try meetsAsking(node, index) : try meets(node, index)
  }

  /// Applies a schema to another node than the current one, or to the current one where it does not
  /// matter which parts it looks at.
  mutating func isValidApart(_ node: Node, _ index: Int) throws(Undecided) -> Bool {
    guard evaluated != nil else { return try isValid(node, index) }
    let outer = evaluated
    evaluated = nil
    defer { evaluated = outer }
    return try isValid(node, index)
  }

  /// Applies a schema to the current node that may fail without the schema around failing: what it
  /// looked at counts only where it does not.
  mutating func isValidBranch(_ node: Node, _ index: Int) throws(Undecided) -> Bool {
    guard var outer = evaluated else { return try isValid(node, index) }
    try charge(outer.steps)
    evaluated = outer.emptied
    defer { evaluated = outer }
    guard try isValid(node, index) else { return false }
    if let inner = evaluated { outer.formUnion(inner) }
    return true
  }

  private mutating func meets(_ node: Node, _ index: Int) throws(Undecided) -> Bool {
    var next = index == 0 ? 0 : program.ends[index - 1]
    let end = program.ends[index]
    while next < end {
      guard try isValid(node, program.keywords[next]) else { return false }
      next += 1
    }
    return true
  }

  /// For a schema with `unevaluated…`, whose keywords stand last.
  private mutating func meetsAsking(_ node: Node, _ index: Int) throws(Undecided) -> Bool {
    guard let count = Self.partCount(of: node) else { return try meets(node, index) }
    var outer = evaluated
    let own = EvaluatedParts(count: count)
    try charge(own.steps)
    evaluated = own
    defer { evaluated = outer }
    guard try meets(node, index) else { return false }
    if let inner = evaluated { outer?.formUnion(inner) }
    return true
  }

  /// How many fields or items a node has; nil where it is neither mapping nor list.
  static func partCount(of node: Node) -> Int? {
    switch node.value {
    case .mapping(let mapping): mapping.count
    case .sequence(let items): items.count
    default: nil
    }
  }

  private mutating func isValid(_ node: Node, _ keyword: Keyword) throws(Undecided) -> Bool {
    switch keyword {
    case .never: return false
    case .types(let types): return types.contains(node)
    case .reference(let index): return try isValid(node, index)
    case .dynamicReference(let reference): return try isValid(node, target(of: reference))
    case .values(let values):
      return try values.with { family throws(Undecided) in try family.allow(node, &self) }
    case .combination(let combination):
      return try combination.with { family throws(Undecided) in try family.allow(node, &self) }
    case .dependents(let dependents):
      return try dependents.with { family throws(Undecided) in try family.allow(node, &self) }
    case .unevaluated(let unevaluated):
      return try unevaluated.with { family throws(Undecided) in try family.allow(node, &self) }
    case .number(let number):
      guard let double = node.double else { return true }
      return number.with { $0.allow(node, double) }
    case .string(let string):
      guard case .string(let text) = node.value else { return true }
      return try string.with { family throws(Undecided) in try family.allow(text, &self) }
    case .format(let format):
      guard case .string(let text) = node.value else { return true }
      return format.allows(text)
    case .array(let array):
      guard case .sequence(let items) = node.value else { return true }
      return try array.with { family throws(Undecided) in try family.allow(items, &self) }
    case .contains(let contains):
      guard case .sequence(let items) = node.value else { return true }
      return try contains.with { family throws(Undecided) in try family.allow(items, &self) }
    case .object(let object):
      guard case .mapping(let mapping) = node.value else { return true }
      return try object.with { family throws(Undecided) in try family.allow(mapping, &self) }
    }
  }
}

// What is known on the way.
extension Evaluation {
  /// Notes the resource of a schema; whether it is a new one, which then must be left.
  mutating func enterScope(of index: Int) -> Bool {
    guard !isPlain else { return false }
    let scope = program.traits[index].scope
    // The outermost counts, so a resource that is entered again changes nothing.
    guard scope >= 0, !scopes.contains(scope) else { return false }
    scopes.append(scope)
    return true
  }

  mutating func leaveScope() {
    scopes.removeLast()
  }

  mutating func target(of reference: DynamicReference) throws(Undecided) -> Int {
    try charge(scopes.count / 16)
    for scope in scopes where program.dynamicTargets[scope][reference.name] >= 0 {
      return program.dynamicTargets[scope][reference.name]
    }
    return reference.nearest
  }

  /// Notes that a part of the current node is right.
  @inline(__always)
  mutating func mark(_ index: Int) {
    evaluated?.insert(index)
  }

  mutating func markAll() {
    evaluated?.insertAll()
  }

  @inline(__always)
  var isAsked: Bool { evaluated != nil }

  /// The parts of a node that the keywords of a schema look at, without its own `unevaluated…`; nil
  /// where the node does not meet them.
  mutating func parts(of node: Node, evaluatedBy index: Int) throws(Undecided) -> EvaluatedParts? {
    guard let count = Self.partCount(of: node) else { return nil }
    let outer = evaluated
    evaluated = EvaluatedParts(count: count)
    defer { evaluated = outer }
    for keyword in program.schemas[index].keywords {
      if case .unevaluated = keyword { continue }
      guard try isValid(node, keyword) else { return nil }
    }
    return evaluated
  }
}
