// JsonLogic as flagd evaluates it, in the few forms that mean the same to every context. JsonLogic
// converts types where our conditions never do, and its readers differ in how: in Python `true`
// equals 1, in JavaScript it does not. So each form here first asks for the type, by tests that
// hold under both readings; FlagdCondition puts them together.

internal import Documents

/// Expressions of JsonLogic with flagd's additions.
enum FlagdLogic {
  /// An attribute of the context; the empty name is the element that `some` and `all` look at.
  static func attribute(_ name: String) -> Node { .mapping([("var", .string(name))]) }
  static let element = attribute("")

  static func call(_ name: String, _ arguments: Node...) -> Node {
    .mapping([(name, .sequence(arguments))])
  }

  static func all(_ members: [Node]) -> Node { joined("and", members) }
  static func any(_ members: [Node]) -> Node { joined("or", members) }
  static func not(_ logic: Node) -> Node { call("!", logic) }

  private static func joined(_ name: String, _ members: [Node]) -> Node {
    members.count == 1 ? members[0] : .mapping([(name, .sequence(members))])
  }

  static func isSame(_ a: Node, _ b: Node) -> Node { call("===", a, b) }
  static func isIn(_ value: Node, _ list: [Node]) -> Node { call("in", value, .sequence(list)) }
  static func isIn(_ value: Node, _ list: [String]) -> Node { call("in", value, .strings(list)) }
}

// MARK: Types

extension FlagdLogic {
  /// Absent and null are one, here and there.
  static func isAbsent(_ value: Node) -> Node { isSame(value, .null) }
  static func isPresent(_ value: Node) -> Node { call("!==", value, .null) }

  /// A string alone is the same as its own text.
  static func isString(_ value: Node) -> Node { isSame(value, call("cat", value)) }

  /// A number alone is the same as the number that it converts to; in Python `true` and `false`
  /// are too, but not as text, which is `True` there and `true` elsewhere.
  static func isNumber(_ value: Node) -> Node {
    all([isSame(value, call("+", value)), not(isIn(call("cat", value), truths + falsehoods))])
  }

  private static let truths = ["True", "true"]
  private static let falsehoods = ["False", "false"]

  /// Whether a value is this scalar, of this type.
  static func equals(_ value: Node, _ scalar: Node) -> Node {
    if let boolean = scalar.boolean {
      return all([
        isSame(value, scalar), isIn(call("cat", value), boolean ? truths : falsehoods),
      ])
    }
    // Of all numbers, Python takes 0 and 1 alone for booleans.
    if scalar.integer == 0 || scalar.integer == 1 {
      return all([isNumber(value), isSame(value, scalar)])
    }
    return isSame(value, scalar)
  }

  /// Whether a value is one of several scalars.
  static func isAny(_ value: Node, of scalars: [Node]) -> Node {
    // Strings equal nothing but strings, so they need no guard and can be looked up together.
    let strings = scalars.filter { $0.string != nil }
    let others = scalars.filter { $0.string == nil }.map { equals(value, $0) }
    return any((strings.isEmpty && !others.isEmpty ? [] : [isIn(value, strings)]) + others)
  }

  /// Whether a value is what our hash takes as a unit: a string that is not empty, or an integer
  /// within ±(2^53−1).
  static func isUnit(_ value: Node) -> Node {
    any([all([isString(value), call("!==", value, .string(""))]), isInteger(value)])
  }

  private static func isInteger(_ value: Node) -> Node {
    all([
      isNumber(value), isSame(call("%", value, .integer(1)), .integer(0)),
      call(">=", value, .integer(-Node.integerMax)), call("<=", value, .integer(Node.integerMax)),
    ])
  }

  /// Whether a value is one of several units, as text or as the integer that the text writes.
  static func isUnit(_ value: Node, among units: [String]) -> Node {
    let integers = units.compactMap { unit in
      Int(unit).flatMap { String($0).hasSameBytes(as: unit) ? $0 : nil }
    }.filter { $0.magnitude <= UInt(Node.integerMax) }.map(Node.integer)
    let asText = isIn(value, units)
    return integers.isEmpty
      ? asText : any([asText, all([isNumber(value), isIn(value, integers)])])
  }
}

// MARK: Versions

extension FlagdLogic {
  /// Whether a value is a string that our versions are read from, given that `sem_ver` takes it:
  /// that one also takes a leading `v`, versions of any length, and those of one or two numbers.
  /// Such a short one is still taken with `0.` before it, where a whole version has one number too
  /// many.
  ///
  /// `sem_ver` takes no expression as its version, so the text is made the element of a list.
  static func isWholeVersion(_ value: Node) -> Node {
    let longer = Node.sequence([call("cat", .string("0."), value)])
    return all([
      isString(value), not(isIn(call("substr", value, .integer(0), .integer(1)), ["V", "v"])),
      isSame(call("substr", value, .integer(Limits.versionBytesMax)), .string("")),
      not(
        call("some", longer, call("sem_ver", element, .string(">="), .string("0.0.0-0")))),
    ])
  }
}

// MARK: Instants

extension FlagdLogic {
  /// Whether a value is a string `YYYY-MM-DDThh:mm:ssZ` that names an instant. All twenty places
  /// are looked at, so nothing else passes; then the order of texts is the order of instants.
  static func isInstant(_ value: Node) -> Node {
    func part(_ from: Int, _ length: Int) -> Node {
      call("substr", value, .integer(from), .integer(length))
    }
    let separators = call(
      "cat", part(4, 1), part(7, 1), part(10, 1), part(13, 1), part(16, 1),
      call("substr", value, .integer(19)))
    let digits = [0, 1, 2, 3, 15, 18].map { part($0, 1) }
    return all([
      isString(value), isSame(separators, .string("--T::Z")),
      call("all", .sequence(digits), isIn(element, numbers(0...9, width: 1))),
      call("all", .sequence([part(14, 1), part(17, 1)]), isIn(element, numbers(0...5, width: 1))),
      isIn(part(11, 2), numbers(0...23, width: 2)),
      isDate(year: part(0, 4), month: part(5, 2), day: part(8, 2), dayOfYear: part(5, 5)),
    ])
  }

  private static func isDate(year: Node, month: Node, day: Node, dayOfYear: Node) -> Node {
    func isMultiple(of divisor: Int) -> Node {
      isSame(call("%", year, .integer(divisor)), .integer(0))
    }
    let months = numbers(1...12, width: 2)
    return any([
      all([isIn(month, months), isIn(day, numbers(1...28, width: 2))]),
      all([isIn(month, months.filter { $0 != "02" }), isIn(day, ["29", "30"])]),
      all([
        isIn(month, ["01", "03", "05", "07", "08", "10", "12"]), isSame(day, .string("31")),
      ]),
      all([
        isSame(dayOfYear, .string("02-29")), isMultiple(of: 4),
        any([not(isMultiple(of: 100)), isMultiple(of: 400)]),
      ]),
    ])
  }

  private static func numbers(_ range: ClosedRange<Int>, width: Int) -> [String] {
    range.map { number in
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
  }
}
