// A share of all units, in buckets of 0.01 %. It is read as decimal text and never as a binary
// fraction, so that 33.33% is 3,333 buckets on every machine.

internal import FlagstaffEvaluation

package enum Share {
  /// All buckets: 100 %.
  package static let whole = BucketRanges.bucketCount

  /// Buckets of `^(100(\.0{1,2})?|(0|[1-9][0-9]?)(\.[0-9]{1,2})?)%$`; nil for any other text.
  package static func buckets(_ text: String) -> Int? {
    var bytes = Array(text.utf8)
    guard bytes.popLast() == UInt8(ascii: "%") else { return nil }
    let parts = bytes.split(
      separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let percent = number(parts[0], digits: 1...3), parts[0].count == 1 || parts[0][0] != zero
    else { return nil }
    var hundredths = 0
    if parts.count == 2 {
      guard let fraction = number(parts[1], digits: 1...2) else { return nil }
      hundredths = parts[1].count == 1 ? fraction * 10 : fraction
    }
    let buckets = percent * 100 + hundredths
    return buckets <= whole ? buckets : nil
  }

  /// The text of a number of buckets, with as few decimals as it needs.
  package static func text(_ buckets: Int) -> String {
    let (percent, hundredths) = buckets.quotientAndRemainder(dividingBy: 100)
    if hundredths == 0 { return "\(percent)%" }
    if hundredths % 10 == 0 { return "\(percent).\(hundredths / 10)%" }
    return "\(percent).\(hundredths < 10 ? "0" : "")\(hundredths)%"
  }

  /// A number of buckets as a percentage with two decimals and no sign: `25.00`.
  package static func percent(_ buckets: Int) -> String {
    let (percent, hundredths) = buckets.quotientAndRemainder(dividingBy: 100)
    return "\(percent).\(hundredths < 10 ? "0" : "")\(hundredths)"
  }

  private static let zero = UInt8(ascii: "0")

  private static func number(_ bytes: ArraySlice<UInt8>, digits: ClosedRange<Int>) -> Int? {
    guard digits.contains(bytes.count) else { return nil }
    var number = 0
    for byte in bytes {
      guard (zero...UInt8(ascii: "9")).contains(byte) else { return nil }
      number = number * 10 + Int(byte - zero)
    }
    return number
  }
}
