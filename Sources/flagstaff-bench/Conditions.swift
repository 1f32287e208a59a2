// Targeting conditions for generated definitions: every operator of the design, over attributes
// that a shop would send. A list never holds an element twice.

enum Conditions {
  /// Entries of one mapping, each of another attribute; together they mean all.
  static func siblings(
    _ text: inout YAMLText, _ depth: Int, _ random: inout SplitMix64, count: Int, long: Bool
  ) {
    let first = random.below(attributes)
    for offset in 0..<count {
      attribute((first + offset * 5) % attributes, &text, depth, &random)
    }
    if long { text.line(depth, "postalCode: \(postalCodes(&random, count: 20, depth: depth))") }
  }

  /// An entry `any` with `all` and `not` inside it.
  static func nested(_ text: inout YAMLText, _ depth: Int, _ random: inout SplitMix64) {
    text.line(depth, "any:")
    text.line(depth + 1, "- all:")
    text.line(depth + 3, "- {visits: {greaterThan: \(random.below(20)), lessOrEqual: 400}}")
    text.line(depth + 3, "- not: {device: {in: [kiosk, \(random.pick(Vocabulary.devices))]}}")
    text.line(depth + 1, "- campaign: {startsWith: \(random.pick(Vocabulary.subjects))}")
    text.line(depth + 2, "country: \(random.pick(Vocabulary.countries))")
  }

  static func accounts(_ random: inout SplitMix64, count: Int, depth: Int) -> String {
    var number = 10_000 + random.below(50_000)
    let accounts = (0..<count).map { _ in
      number += 1 + random.below(900)
      return "acct-\(number)"
    }
    return list(accounts, depth: depth)
  }

  static func postalCodes(_ random: inout SplitMix64, count: Int, depth: Int) -> String {
    var number = 10_000 + random.below(60_000)
    let codes = (0..<count).map { _ in
      number += 1 + random.below(700)
      return "\"\(number)\""
    }
    return list(codes, depth: depth)
  }

  private static let attributes = 14

  private static func attribute(
    _ index: Int, _ text: inout YAMLText, _ depth: Int, _ random: inout SplitMix64
  ) {
    let number = random.below(40)
    let entry =
      switch index {
      case 0: "country: \(some(Vocabulary.countries, 8, &random, depth: depth))"
      case 1: "appVersion: {semver: \">=\(number / 10 + 2).\(number % 10).0 <9.0.0\"}"
      case 2: "plan: \(some(Vocabulary.plans, 4, &random, depth: depth))"
      case 3: "signedUpAt: {after: 2024-0\(number % 9 + 1)-01T00:00:00Z}"
      case 4: "orders: {greaterOrEqual: \(number), lessThan: \(number + 500)}"
      case 5: "platform: {notEquals: \(random.pick(Vocabulary.devices))}"
      case 6: "locale: {startsWith: \(random.pick(["en", "de", "fr", "es", "ja"]))-}"
      case 7: "accountId: {exists: true}"
      case 8: "basketCents: {greaterThan: \(number * 250), lessOrEqual: 250000}"
      case 9: "programmes: {contains: \(random.pick(Vocabulary.plans))}"
      case 10: "region: {notIn: \(some(Vocabulary.regions, 5, &random, depth: depth))}"
      case 11: "lastOrderAt: {before: 2026-0\(number % 9 + 1)-15T12:00:00Z}"
      case 12: "channel: {equals: \(random.pick(["web", "app", "phone", "store"]))}"
      default: "referrer: {endsWith: .\(random.pick(Vocabulary.subjects)).example}"
      }
    text.line(depth, entry)
  }

  /// Neighbours in a table, from a drawn place on.
  private static func some(
    _ table: [String], _ count: Int, _ random: inout SplitMix64, depth: Int
  ) -> String {
    let first = random.below(table.count)
    return list((0..<count).map { table[(first + $0) % table.count] }, depth: depth)
  }

  /// A flow sequence, ten elements a line.
  private static func list(_ elements: [String], depth: Int) -> String {
    guard elements.count > 10 else { return "[" + elements.joined(separator: ", ") + "]" }
    let indentation = String(repeating: "  ", count: depth + 1)
    let rows = stride(from: 0, to: elements.count, by: 10).map {
      indentation + elements[$0..<min($0 + 10, elements.count)].joined(separator: ", ")
    }
    return "[\n" + rows.joined(separator: ",\n") + "]"
  }
}

/// Lines of YAML, indented by two spaces a level.
struct YAMLText {
  var text = ""

  mutating func line(_ depth: Int, _ content: String) {
    if !content.isEmpty { text += Self.indentations[depth] + content }
    text += "\n"
  }

  mutating func lines(_ depth: Int, _ contents: [String]) {
    for content in contents { line(depth, content) }
  }

  private static let indentations = (0..<16).map { String(repeating: "  ", count: $0) }
}
