// A query of GO Feature Flag as a condition of ours. There a comparison of texts ignores case, save
// for `in`; a value of another type meets nothing, not even `ne`; `key` is the targeting key, empty
// where there is none; `anonymous` is false where it is not true.

internal import Documents
internal import FlagstaffEvaluation

struct QueryCondition {
  let flag: String
  let position: Position
  var notes: ImportNotes

  mutating func condition(_ query: Query) throws(ImportGap) -> ImportedCondition {
    switch query {
    case .and(let a, let b): return .every([try condition(a), try condition(b)])
    case .or(let a, let b): return .either([try condition(a), try condition(b)])
    case .not(let inner): return .negation(try condition(inner))
    case .present(let written):
      let name = try attribute(written)
      // There both are always in the context.
      if name == "anonymous" || name == "targetingKey" { return .always(true) }
      return .exists(name)
    case .comparison(let written, let sign, let operand):
      let name = try attribute(written)
      return name == "anonymous"
        ? try anonymous(sign, operand) : try comparison(name, sign, operand)
    }
  }

  private mutating func attribute(_ written: String) throws(ImportGap) -> String {
    let isNested = written.utf8.contains(UInt8(ascii: "."))
    try ImportGap.checkAttribute(written, isNested: isNested, at: position)
    if written == "env" {
      differs("GO Feature Flag can add `env` to each context; here it must be in the context")
    }
    return written == "key" ? "targetingKey" : written
  }

  private func unknown(_ what: String) -> ImportGap {
    .noCounterpart(of: what, at: position)
  }

  private mutating func differs(_ message: String) {
    notes.conditionDiffers(at: position, of: flag, message)
  }

  private func anonymous(
    _ sign: String, _ operand: Query.Operand
  ) throws(ImportGap) -> ImportedCondition {
    guard case .boolean(let value) = operand, sign == "eq" || sign == "ne" else {
      throw unknown("this comparison of `anonymous`")
    }
    let isTrue = ImportedCondition.test(attribute: "anonymous", .equals, .boolean(true))
    return value == (sign == "eq") ? isTrue : .negation(isTrue)
  }

  private mutating func comparison(
    _ name: String, _ sign: String, _ operand: Query.Operand
  ) throws(ImportGap) -> ImportedCondition {
    switch operand {
    case .null: throw unknown("a comparison with null; `pr` asks whether an attribute is there")
    case .boolean(let value):
      // What is no boolean is neither equal nor unequal to one.
      guard sign == "eq" || sign == "ne" else { throw unknown("`\(sign)` with true or false") }
      return .test(attribute: name, .equals, .boolean(value == (sign == "eq")))
    case .text(let text): return try self.text(name, sign, text)
    case .version(let text): return try version(name, sign, text)
    case .integer(let integer): return try number(name, sign, .integer(integer), isWhole: true)
    case .number(let number):
      return try self.number(name, sign, Node.number(number), isWhole: false)
    case .texts(let texts): return try list(name, sign, texts.map(Node.string))
    case .integers(let integers):
      noteFractions(name)
      return try list(name, sign, integers.map(Node.integer))
    case .numbers(let numbers): return try list(name, sign, numbers.map { Node.number($0) })
    }
  }

  // MARK: Text

  private mutating func text(
    _ name: String, _ sign: String, _ text: String
  ) throws(ImportGap) -> ImportedCondition {
    let operand = Node.string(text)
    let condition: ImportedCondition
    switch sign {
    case "eq": condition = .test(attribute: name, .equals, operand)
    case "ne":
      condition = .every([.isString(name), .test(attribute: name, .notEquals, operand)])
    case "sw": condition = .test(attribute: name, .startsWith, operand)
    case "ew": condition = .test(attribute: name, .endsWith, operand)
    case "co": condition = .every([.isString(name), .test(attribute: name, .contains, operand)])
    default: throw unknown("`\(sign)` with a text")
    }
    if !Self.isCaseless(text) {
      differs(
        "`\(sign)` ignores case there: \(name) in other letters also meets it; here it does not")
    }
    guard name == "targetingKey" else { return condition }
    // Without one, the key is an empty text there.
    let isEmptyIn =
      switch sign {
      case "eq": text.isEmpty
      case "ne": !text.isEmpty
      default: text.isEmpty
      }
    return isEmptyIn ? .either([condition, .isAbsent(name)]) : condition
  }

  /// Whether no other text is the same in small letters.
  private static func isCaseless(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy {
      !$0.properties.isCased && !$0.properties.changesWhenLowercased
        && !$0.properties.changesWhenUppercased
    }
  }

  // MARK: Versions, numbers and lists

  private func version(
    _ name: String, _ sign: String, _ text: String
  ) throws(ImportGap) -> ImportedCondition {
    let signs = ["eq": "=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="]
    func range(_ text: String) throws(ImportGap) -> ImportedCondition {
      guard SemanticVersionRange(text) != nil else { throw unknown("the value \(text)") }
      return .test(attribute: name, .semver, .string(text))
    }
    if sign == "ne" { return .every([try range(">=0.0.0-0"), .negation(try range("=" + text))]) }
    guard let comparator = signs[sign] else { throw unknown("`\(sign)` with a version") }
    return try range(comparator + text)
  }

  private mutating func number(
    _ name: String, _ sign: String, _ operand: Node, isWhole: Bool
  ) throws(ImportGap) -> ImportedCondition {
    guard (operand.double ?? .infinity).magnitude <= Double(Node.integerMax) else {
      throw unknown("a number beyond \(Node.integerMax)")
    }
    if isWhole { noteFractions(name) }
    switch sign {
    case "eq": return .test(attribute: name, .equals, operand)
    case "ne":
      // What is no number is neither less nor greater.
      return .either([
        .test(attribute: name, .lessThan, operand), .test(attribute: name, .greaterThan, operand),
      ])
    case "lt": return .test(attribute: name, .lessThan, operand)
    case "le": return .test(attribute: name, .lessOrEqual, operand)
    case "gt": return .test(attribute: name, .greaterThan, operand)
    case "ge": return .test(attribute: name, .greaterOrEqual, operand)
    default: throw unknown("`\(sign)` with a number")
    }
  }

  private mutating func noteFractions(_ name: String) {
    differs(
      "a whole number is compared with whole numbers alone there: \(name) with a fraction is"
        + " refused or cut off, and here compared as it is")
  }

  private func list(
    _ name: String, _ sign: String, _ values: [Node]
  ) throws(ImportGap) -> ImportedCondition {
    guard sign == "in" else { throw unknown("`\(sign)` with a list") }
    guard values.allSatisfy({ ($0.double ?? 0).magnitude <= Double(Node.integerMax) }) else {
      throw unknown("a number beyond \(Node.integerMax)")
    }
    let isIn = ImportedCondition.test(attribute: name, .in, .sequence(values))
    let hasEmpty = values.contains { $0.string == "" }
    return name == "targetingKey" && hasEmpty ? .either([isIn, .isAbsent(name)]) : isIn
  }
}
