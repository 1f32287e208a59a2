// The comparisons of JsonLogic, and those that flagd adds: starts_with, ends_with, sem_ver. Each
// becomes a test of one attribute against a constant. What the loose ones do with values of other
// types is told beside them; the strict ones are carried over as they are.

internal import Documents
internal import FlagstaffEvaluation

extension JSONLogic {
  mutating func comparison(
    _ name: String, _ arguments: [Node], _ logic: Node
  ) throws(ImportGap) -> ImportedCondition {
    switch name {
    case "==", "!=", "===", "!==":
      let isEqual = try equality(arguments, logic, isStrict: name.count == 3)
      return name.hasPrefix("!") ? .negation(isEqual) : isEqual
    case "in": return try membership(arguments, logic)
    case "starts_with": return try text(.startsWith, arguments, logic)
    case "ends_with": return try text(.endsWith, arguments, logic)
    case "<", "<=", ">", ">=": return try order(name, arguments, logic)
    case "sem_ver": return try version(arguments, logic)
    case "fractional":
      throw unknown(logic, "`fractional` inside a condition")
    default: throw unknown(logic, "the operator `\(name)`")
    }
  }

  /// Two arguments, one of which is an attribute and the other a constant.
  private func pair(_ arguments: [Node], _ logic: Node) throws(ImportGap)
    -> (attribute: String, absent: Node?, literal: Node, isReversed: Bool)
  {
    guard arguments.count == 2 else {
      throw unknown(logic, "a comparison of other than two values")
    }
    switch (try argument(arguments[0]), try argument(arguments[1])) {
    case (.attribute(let name, let absent), .literal(let literal)):
      return (name, absent, literal, false)
    case (.literal(let literal), .attribute(let name, let absent)):
      return (name, absent, literal, true)
    case (.attribute, .attribute): throw unknown(logic, "a comparison of two attributes")
    case (.literal, .literal): throw unknown(logic, "a comparison of two constants")
    }
  }

  /// A test that also holds for an absent attribute where it holds for what stands for that.
  private mutating func test(
    _ name: String, _ comparison: ConditionOperator, _ operand: Node, absent: Node?, _ logic: Node
  ) throws(ImportGap) -> ImportedCondition {
    let test = ImportedCondition.test(attribute: name, comparison, operand)
    let isMet = { (value: Node?) -> Bool? in
      guard let form = test.resolved, let condition = try? Condition(form) else { return nil }
      let context = Node.mapping(value.map { [(name, $0)] } ?? [])
      return (try? EvaluationContext(json: CanonicalJSON.bytes(context))).map {
        condition.isMet(by: $0)
      }
    }
    guard isMet(nil) != nil else {
      throw unknown(logic, "the comparison of \(name) with this constant")
    }
    for scalar in operand.sequence ?? [operand] where (scalar.double?.magnitude ?? 0) > 0x1p53 - 1 {
      differs(logic, "readers do not agree on numbers beyond 9007199254740991, as \(name) may be")
    }
    if name == "targetingKey", isMet(.string("")) != isMet(nil) {
      differs(logic, "an empty targetingKey is an absent one for some clients there, not here")
    }
    guard let absent else { return test }
    guard let holds = isMet(absent) else {
      throw unknown(logic, "this default of \(name)")
    }
    return holds ? .either([test, .isAbsent(name)]) : test
  }

  // MARK: Equality

  private mutating func equality(
    _ arguments: [Node], _ logic: Node, isStrict: Bool
  ) throws(ImportGap) -> ImportedCondition {
    let (name, absent, literal, _) = try pair(arguments, logic)
    switch literal.value {
    case .null:
      if !isStrict {
        differs(logic, "`== null` also holds for 0 and false as \(name) in some clients there")
      }
      return absent == nil ? .isAbsent(name) : .always(false)
    case .sequence, .mapping: throw unknown(logic, "equality with a list or an object")
    default: break
    }
    if isStrict {
      noteTruthAsNumber([literal], name, logic)
    } else {
      differs(
        logic,
        "`==` converts types there: \(Self.converted(literal)) as \(name) can be equal to"
          + " \(CanonicalJSON.string(literal)); here only the same type is")
    }
    return try test(name, .equals, literal, absent: absent, logic)
  }

  /// What else can be equal to a constant.
  private static func converted(_ literal: Node) -> String {
    switch literal.value {
    case .string(let text):
      Double(text) == nil ? "a list of this one text" : "a number, or a list of this one text,"
    case .boolean(false), .integer(0): "an absent value, 0, false, or an empty text"
    default: "a text of digits, a list of one, or true as 1,"
    }
  }

  /// Python takes true for 1, also where types must be the same.
  private mutating func noteTruthAsNumber(_ literals: [Node], _ name: String, _ logic: Node) {
    let isOdd = literals.contains { $0.boolean != nil || $0.integer == 0 || $0.integer == 1 }
    if isOdd {
      differs(
        logic, "some clients there take true for 1 and false for 0 as \(name); here no one does")
    }
  }

  // MARK: Membership and text

  private mutating func membership(
    _ arguments: [Node], _ logic: Node
  ) throws(ImportGap) -> ImportedCondition {
    let (name, absent, literal, isReversed) = try pair(arguments, logic)
    if isReversed {
      guard literal.string != nil || literal.double != nil || literal.boolean != nil else {
        throw unknown(logic, "`in` with this constant")
      }
      if literal.string == nil {
        noteTruthAsNumber([literal], name, logic)
        differs(logic, "`in` also finds the digits of a number inside the text \(name) there")
      } else if literal.string == "" {
        differs(logic, "clients there do not agree whether the text \(name) holds an empty one")
      }
      return try test(name, .contains, literal, absent: absent, logic)
    }
    guard let items = literal.sequence else {
      throw gap(
        logic, "it asks whether \(name) is a part of a constant text",
        remedy: "Write the values out as a list")
    }
    return try member(of: items, name, absent, logic)
  }

  private mutating func member(
    of items: [Node], _ name: String, _ absent: Node?, _ logic: Node
  ) throws(ImportGap) -> ImportedCondition {
    let values = items.filter { !$0.isNull }
    guard values.allSatisfy({ $0.sequence == nil && $0.mapping == nil }) else {
      throw unknown(logic, "a list of lists or objects")
    }
    noteTruthAsNumber(values, name, logic)
    var parts: [ImportedCondition] = []
    if !values.isEmpty {
      parts.append(try test(name, .in, .sequence(values), absent: absent, logic))
    }
    if values.count < items.count, absent == nil { parts.append(.isAbsent(name)) }
    return .either(parts)
  }

  private mutating func text(
    _ comparison: ConditionOperator, _ arguments: [Node], _ logic: Node
  ) throws(ImportGap) -> ImportedCondition {
    let (name, absent, literal, isReversed) = try pair(arguments, logic)
    guard !isReversed else { throw unknown(logic, "a text comparison of this form") }
    // What is no text begins with nothing, and ends with nothing.
    guard literal.string != nil else { return .always(false) }
    return try test(name, comparison, literal, absent: absent, logic)
  }
}

// MARK: Order

extension JSONLogic {
  private static let mirrored = ["<": ">", "<=": ">=", ">": "<", ">=": "<="]
  private static let operators: [String: ConditionOperator] = [
    "<": .lessThan, "<=": .lessOrEqual, ">": .greaterThan, ">=": .greaterOrEqual,
  ]

  private mutating func order(
    _ sign: String, _ arguments: [Node], _ logic: Node
  ) throws(ImportGap) -> ImportedCondition {
    if arguments.count == 3 {
      return .every([
        try order(sign, Array(arguments[..<2]), logic),
        try order(sign, Array(arguments[1...]), logic),
      ])
    }
    let (name, absent, literal, isReversed) = try pair(arguments, logic)
    guard let number = literal.double,
      let comparison = Self.operators[isReversed ? Self.mirrored[sign] ?? sign : sign]
    else { throw unknown(logic, "an order of what is no number") }
    differs(
      logic,
      "`\(sign)` converts types there: a text of digits, a boolean or a list as \(name) is"
        + " compared as a number; here it never meets the condition")
    // An absent attribute is null there, and null is 0.
    let isZeroIn =
      switch comparison {
      case .lessThan: 0 < number
      case .lessOrEqual: 0 <= number
      case .greaterThan: 0 > number
      default: 0 >= number
      }
    let test = try test(name, comparison, literal, absent: absent, logic)
    return absent == nil && isZeroIn ? .either([test, .isAbsent(name)]) : test
  }

  // MARK: Versions

  private mutating func version(
    _ arguments: [Node], _ logic: Node
  ) throws(ImportGap) -> ImportedCondition {
    guard arguments.count == 3, let sign = arguments[1].string else {
      throw unknown(logic, "`sem_ver` without its three arguments")
    }
    let (name, absent, literal, isReversed) = try pair([arguments[0], arguments[2]], logic)
    guard !isReversed, let text = literal.string else {
      throw unknown(logic, "`sem_ver` of this form")
    }
    // With what is no version nothing compares.
    guard let version = WholeVersion(text) else { return .always(false) }
    differs(
      logic,
      "`sem_ver` also reads versions such as v1.2.3 and 1.2 as \(name) there; here only whole"
        + " ones")
    func range(_ text: String) throws(ImportGap) -> ImportedCondition {
      try test(name, .semver, .string(text), absent: absent, logic)
    }
    switch sign {
    case "=", "<", "<=", ">", ">=": return try range(sign + version.text)
    case "!=": return .every([try range(">=0.0.0-0"), .negation(try range("=" + version.text))])
    case "^": return try range(version.sameMajor)
    case "~": return try range(version.sameMinor)
    default: throw unknown(logic, "`sem_ver` with \(sign)")
    }
  }
}

/// A version of the document, filled up as flagd does: `v1` is 1.0.0.
private struct WholeVersion {
  let text: String
  private let major: Int
  private let minor: Int

  init?(_ written: String) {
    let bare = written.hasPrefix("v") || written.hasPrefix("V") ? written.dropFirst() : written[...]
    let numbers = bare.prefix { $0 != "-" && $0 != "+" }
    let parts = numbers.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...3).contains(parts.count) else { return nil }
    text = numbers + String(repeating: ".0", count: 3 - parts.count) + bare.dropFirst(numbers.count)
    // Nobody's numbers are longer, and one more than each of them is a number too.
    guard SemanticVersionRange(text) != nil, let major = Int(parts[0]), major < Node.integerMax,
      let minor = parts.count > 1 ? Int(parts[1]) : 0, minor < Node.integerMax
    else { return nil }
    (self.major, self.minor) = (major, minor)
  }

  /// Every version of the same first number, its prereleases included.
  var sameMajor: String { ">=\(major).0.0-0 <\(major + 1).0.0-0" }

  var sameMinor: String { ">=\(major).\(minor).0-0 <\(major).\(minor + 1).0-0" }
}
