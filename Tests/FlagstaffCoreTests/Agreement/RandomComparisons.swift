// Comparisons made at random out of small alphabets, so that what is compared is often nearly the
// same: numbers that differ in the last bit or in their spelling alone, versions and instants that
// are not quite well formed, texts of the same few characters in other compositions.

import TestHarness

struct RandomComparisons {
  private var random: SeededGenerator

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  /// A condition of one comparison, which may be malformed, and values to ask it about, as JSON.
  mutating func comparison() -> (condition: String, values: [String]) {
    let (operators, make) = pick(Self.kinds)
    let name = pick(operators)
    var operand = make(&self)
    if name == "in" || name == "notIn" {
      operand = "[\((0..<number(0...12)).map { _ in make(&self) }.joined(separator: ","))]"
    } else if name == "semver" {
      let words = (0..<(chance(70) ? 1 : number(2...3))).map { _ in
        pick(["", "=", "<", "<=", ">", ">=", "<", ">="]) + version()
      }
      operand = "\"\(words.joined(separator: chance(95) ? " " : "  "))\""
    } else if name == "exists" {
      operand = pick(["true", "false"])
    }
    var values = (0..<8).map { _ in make(&self) }
    values.append("[\((0..<number(0...3)).map { _ in make(&self) }.joined(separator: ","))]")
    values.append(pick(Self.kinds).make(&self))
    if chance(30), operand.first != "[" { values.append(operand) }
    return (#"{"attribute":"x","operator":"\#(name)","value":\#(operand)}"#, values)
  }

  private static let kinds:
    [(operators: [String], make: @Sendable (inout RandomComparisons) -> String)] = [
      (
        [
          "equals", "notEquals", "in", "notIn", "contains", "lessThan", "lessOrEqual",
          "greaterThan", "greaterOrEqual", "exists",
        ], { $0.numeral() }
      ),
      (["semver"], { "\"\($0.version())\"" }),
      (["before", "after"], { "\"\($0.instant())\"" }),
      (
        ["equals", "notEquals", "in", "notIn", "contains", "startsWith", "endsWith"],
        { "\"\($0.text())\"" }
      ),
    ]

  private mutating func numeral() -> String {
    let sign = chance(25) ? "-" : ""
    switch number(0...4) {
    case 0: return sign + String(number(0...3)) + pick(["", ".0", ".5", "e0", "E+1", "e-1"])
    case 1: return sign + String(9_007_199_254_740_990 + number(0...4)) + pick(["", ".0", ".4"])
    case 2:
      return sign + pick(["0.1", "0.10", "1e-1", "0.1000000000000000055", "0.30000000000000004"])
    case 3:
      let digits = (0..<number(1...22)).map { _ in String(number(0...9)) }.joined()
      return sign + "1" + digits + "e\(number(0...310) - 310)"
    default:
      return sign + pick(["1e308", "1e-324", "5e-324", "2.5e-324", "1.7976931348623157e308"])
    }
  }

  private mutating func version() -> String {
    // Mostly one release, so that prereleases decide.
    let major = chance(70) ? "1" : pick(["0", "2", "10", "01", "18446744073709551616"])
    let rest = chance(70) ? "0.0" : "\(pick(["0", "1", "9", "10"])).\(pick(["0", "1"]))"
    var text = "\(major).\(rest)"
    if chance(70) {
      let identifiers = (0...number(0...2)).map { _ in
        pick(["0", "1", "2", "10", "a", "b", "A", "a1", "1a", "-", "a", chance(10) ? "" : "1", "9"])
      }
      text += "-" + identifiers.joined(separator: ".")
    }
    if chance(20) { text += "+" + pick(["x", "01", "a.b", "", "a..b", "é"]) }
    return chance(95) ? text : pick(["v", " ", ""]) + text + pick([" ", ".0", "\\n", "\\u0000"])
  }

  private mutating func instant() -> String {
    let year = pick(["0000", "1970", "1900", "2000", "2024", "2026", "9999"])
    let month = pick(["01", "02", "12", "00", "13", "02"])
    let day = pick(["01", "28", "29", "30", "31", "00"])
    let time = pick(["00:00:00", "23:59:59", "12:30:00", "24:00:00", "00:60:00", "00:00:60"])
    return "\(year)-\(month)-\(day)T\(time)" + pick(["Z", "Z", "Z", "Z", "z", "+00:00", ""])
  }

  private mutating func text() -> String {
    let pieces = [
      "a", "b", "é", "e", "\\u0301", "\\u0323", "\\u0307", "q", "\\u0000", "日", "\\ud83d\\ude00",
    ]
    return (0..<number(0...5)).map { _ in pick(pieces) }.joined()
  }
}

extension RandomComparisons {
  mutating func chance(_ percent: Int) -> Bool { number(0...99) < percent }

  mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(random.next() >> 33) % range.count
  }

  mutating func pick<Element>(_ list: [Element]) -> Element { list[number(0...(list.count - 1))] }
}
