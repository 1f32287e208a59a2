// The slow pass: walks a node that is known to be invalid and says all that is wrong with it, for
// somebody who edits the file. Only here are paths and messages built.

internal import Documents

/// The walk, and what it has found.
struct Explanation {
  /// A step from a container to one of its parts.
  enum Step {
    case key(String)
    case index(Int)
  }

  var evaluation: Evaluation
  private var path: [Step] = []
  /// The path that leads to the node that the walk began with.
  private let origin: String
  /// Where what is missing should stand: the key of the current node, if it has one.
  private(set) var anchor: Position
  /// What the author of the schema says is expected of the current node.
  private(set) var hint: String?
  /// What could be written at the current place instead; nil where no schema gives an example.
  private(set) var example: Example?
  private var position: Position
  /// The current node is this key of the mapping at `path`.
  private var key: String?
  private var violations: [Violation] = []
  private var suggestionStepsLeft = Limits.suggestionStepsMax
  /// It has been said that no steps are left; once is enough.
  private var isExhaustionSaid = false

  private init(_ program: Program, steps: Int, origin: String, position: Position) {
    self.origin = origin
    evaluation = Evaluation(program, steps: steps)
    anchor = position
    self.position = position
  }

  /// All violations of a node by a schema, each once.
  static func violations(
    of node: Node, at origin: String, by index: Int, in program: Program,
    _ budget: inout CheckBudget
  ) -> [Violation] {
    var explanation = Explanation(
      program, steps: budget.stepsLeft, origin: origin, position: node.position)
    explanation.explain(node, index)
    if explanation.violations.isEmpty { explanation.addUndecided() }
    budget.stepsLeft = explanation.evaluation.stepsLeft
    var seen = Set<Violation>()
    return explanation.violations.filter { seen.insert($0).inserted }
  }

  /// Adds what is wrong with the current node.
  mutating func explain(_ node: Node, _ index: Int) {
    do throws(Undecided) {
      try evaluation.enter()
    } catch {
      addUndecided()
      return
    }
    defer { evaluation.leave() }
    let entered = evaluation.enterScope(of: index)
    defer { if entered { evaluation.leaveScope() } }
    let outer = (hint, example)
    defer { (hint, example) = outer }
    // Who refers to a schema knows more about the place than the schema itself.
    hint = hint ?? evaluation.program.schemas[index].hint
    example = example ?? evaluation.program.schemas[index].example
    for keyword in evaluation.program.schemas[index].keywords {
      explain(node, keyword, in: index)
      // What else is said of another type is not about this node.
      if case .types(let types) = keyword, !types.contains(node) { return }
    }
  }

  private mutating func explain(_ node: Node, _ keyword: Keyword, in index: Int) {
    switch keyword {
    case .never: add(.wrongValue, "\(subject) is not allowed here", remedy: "Remove it")
    case .types(let types):
      if !types.contains(node) { addWrongType(node, expected: types) }
    case .values(let values): values.with { $0.explain(node, &self) }
    case .number(let number): number.with { $0.explain(node, &self) }
    case .string(let string): string.with { $0.explain(node, &self) }
    case .format(let format): format.explain(node, &self)
    case .array(let array): array.with { $0.explain(node, &self) }
    case .contains(let contains): contains.with { $0.explain(node, &self) }
    case .object(let object): object.with { $0.explain(node, &self) }
    case .reference(let index): explain(node, index)
    case .dynamicReference(let reference):
      do throws(Undecided) {
        explain(node, try evaluation.target(of: reference))
      } catch {
        addUndecided()
      }
    case .dependents(let dependents): dependents.with { $0.explain(node, &self) }
    case .combination(let combination): combination.with { $0.explain(node, &self) }
    case .unevaluated(let unevaluated):
      unevaluated.with { $0.explain(node, in: index, &self) }
    }
  }

  // MARK: Moving

  /// Explains a part of the current node.
  ///
  /// - Parameter anchor: where the part begins, its key included.
  mutating func descend(_ step: Step, to node: Node, at anchor: Position, _ index: Int) {
    // Most parts are valid; finding that out builds no strings.
    if (try? evaluation.isValidApart(node, index)) == true { return }
    descend(step, at: anchor) { explanation in
      explanation.position = node.position
      explanation.explain(node, index)
    }
  }

  mutating func descend(
    _ step: Step, at anchor: Position, _ body: (inout Explanation) -> Void
  ) {
    let outer = (self.anchor, position, hint, example, key)
    path.append(step)
    (self.anchor, position, hint, example, key) = (anchor, anchor, nil, nil, nil)
    body(&self)
    path.removeLast()
    (self.anchor, position, hint, example, key) = outer
  }

  /// Explains a key of the current mapping.
  mutating func inKey(_ key: String, at anchor: Position, _ body: (inout Explanation) -> Void) {
    let outer = (self.anchor, position, hint, example, self.key)
    (self.anchor, position, hint, example, self.key) = (anchor, anchor, nil, nil, key)
    body(&self)
    (self.anchor, position, hint, example, self.key) = outer
  }

  // MARK: Schemas

  func isNever(_ index: Int) -> Bool {
    evaluation.program.schemas[index].isNever
  }

  func title(of index: Int) -> String? {
    first(from: index) { $0.title }
  }

  /// What the schema's author says, there or where the schema refers to.
  func hint(of index: Int) -> String? {
    first(from: index) { $0.hint }
  }

  private func first(from index: Int, _ text: (CompiledSchema) -> String?) -> String? {
    var index = index
    while true {
      let schema = evaluation.program.schemas[index]
      if let found = text(schema) { return found }
      var next: Int?
      for case .reference(let target) in schema.keywords { next = target }
      guard let next else { return nil }
      index = next
    }
  }

  // MARK: Alternatives

  /// What would be wrong if the node were meant as this alternative.
  mutating func attempt(_ node: Node, _ index: Int) -> Attempt {
    var trial = self
    trial.violations = []
    trial.hint = trial.hint(of: index) ?? hint
    trial.explain(node, index)
    // The work counts, whether its result is used or not: alternatives stand inside each other.
    evaluation = trial.evaluation
    suggestionStepsLeft = trial.suggestionStepsLeft
    let onLevel = trial.violations.filter { $0.depth == path.count }
    let wrongType = onLevel.first { $0.code == .wrongType }
    // An entry with the wrong constant shows as plainly as a missing one that another was meant.
    let onNext = trial.violations.filter { $0.depth == path.count + 1 && $0.code == .wrongValue }
    return Attempt(
      schema: index, violations: trial.violations, expectedTypes: wrongType?.expectedTypes,
      distance: onLevel.count * 1_000 + onNext.count * 100 + trial.violations.count)
  }

  mutating func adopt(_ attempt: Attempt) {
    violations += attempt.violations
  }
}

// What was found.
extension Explanation {
  /// The path of the current node, or of the mapping whose key it is.
  var place: String { place(below: []) }

  /// The path of a part of the current node.
  func place(below more: [Step]) -> String {
    let steps = Violation.path(path + more)
    let joint = origin.isEmpty || steps.isEmpty || steps.hasPrefix("[") ? "" : "."
    return origin + joint + steps
  }

  /// The current node, as a message calls it.
  var subject: String {
    guard let key else { return place.isEmpty ? "the document" : place }
    let name = "the key '\(Violation.shortened(key))'"
    return place.isEmpty ? name : "\(name) of \(place)"
  }

  /// Whether the current node is the key of a mapping.
  var isKey: Bool { key != nil }

  mutating func add(
    _ code: Finding.Code, _ message: String, remedy: String, hint: String? = nil,
    at spot: Position? = nil, missing: String? = nil
  ) {
    violations.append(
      Violation(
        code: code, path: place, position: spot ?? position, message: message,
        remedy: Violation.remedy(remedy, hint: hint ?? (spot == nil ? self.hint : nil)),
        depth: path.count, missing: missing))
  }

  /// Takes back that the current mapping lacks a field, since it stands there misspelt.
  mutating func removeMissing(_ field: String) {
    let place = place
    removeViolations {
      $0.path.hasSameBytes(as: place) && $0.missing?.hasSameBytes(as: field) == true
    }
  }

  mutating func removeViolations(where isTakenBack: (Violation) -> Bool) {
    violations.removeAll(where: isTakenBack)
  }

  /// Adds a field that is not known here.
  ///
  /// - Parameters:
  ///   - former: the field before it that stands where it should.
  ///   - absent: the fields that could stand here too.
  ///   - inner: the field here that has a field of its name.
  /// - Returns: which of them was probably meant.
  mutating func addUnknownField(
    _ entry: Mapping.Entry, after former: Former? = nil, absent: [String],
    inner: (inout Explanation) -> String? = { _ in nil }
  ) -> String? {
    let meant = closest(to: entry.key, among: absent)
    if meant == nil, addLostIndentation(entry, standing: .unknown, after: former) { return nil }
    let place = place.isEmpty ? "" : " in \(subject)"
    let remedy: String
    if let meant {
      remedy = "Write '\(meant)' instead"
    } else if let inner = inner(&self) {
      remedy = "Write it below '\(inner)'"
    } else if absent.isEmpty {
      remedy = "Remove it"
    } else {
      remedy = "Remove it; what may stand here: " + Violation.list(absent)
    }
    let key = Violation.shortened(entry.key)
    add(.unknownField, "unknown field '\(key)'\(place)", remedy: remedy, at: entry.keyPosition)
    return meant
  }

  mutating func addWrongType(_ node: Node, expected: TypeSet) {
    let message =
      node.isNull
      ? "\(subject) has no value" : "\(subject) is \(Violation.typeWords(of: node))"
    add(.wrongType, message, remedy: "Write \(instead(of: node, expected))")
    violations[violations.count - 1].expectedTypes = expected
  }

  /// Words for what is expected, with an example where the schema has one of the type.
  private func instead(of node: Node, _ expected: TypeSet) -> String {
    guard let example, expected.contains(example.type) else { return expected.words }
    guard example.type == .string else {
      return expected == example.type ? "\(expected.words) such as \(example.text)" : expected.words
    }
    // A share without its sign.
    if example.text.last == "%", case .integer(let number) = node.value,
      (0...100).contains(number)
    {
      return "'\(number)%'"
    }
    return expected == .string
      ? "\(expected.words) such as '\(Violation.shortened(example.text))'" : expected.words
  }

  mutating func addUndecided() {
    if evaluation.isExhausted {
      if isExhaustionSaid { return }
      isExhaustionSaid = true
    }
    add(
      .notChecked, "\(subject) could not be checked within the limits of time",
      remedy: "Make it shorter, or the pattern or schema that it must match simpler")
  }
}

// Suggestions, which have steps of their own: what is wrong matters more.
extension Explanation {
  /// Those of the fields that a mapping does not have, and that may stand in it.
  mutating func absent(
    of fields: [String], in mapping: Mapping, where isAllowed: (String) -> Bool = { _ in true }
  ) -> [String] {
    guard charge(fields.count * (1 + mapping.count / 16)) else { return [] }
    return fields.filter { isAllowed($0) && mapping.entry($0) == nil }
  }

  /// The word that was probably meant.
  mutating func closest(to word: String, among candidates: [String]) -> String? {
    let length = word.utf8.count
    guard charge(candidates.count * (1 + length * length / 64)) else { return nil }
    return Spelling.likely(word, among: candidates)
  }

  mutating func charge(_ steps: Int) -> Bool {
    suggestionStepsLeft -= steps
    return suggestionStepsLeft > 0
  }
}
