// A share of users as an exact number. Two layers make fractions of 10,000 by 10,000 buckets, and
// each further layer four more digits, so a share is counted in units of 10^-36: exact for nine
// independent layers, which is more than rules of one flag hash for a user in practice. Beyond
// nine, each step rounds down by less than 10^-32.

/// A share between nobody and everybody.
package struct UserShare: Hashable, Comparable, Sendable {
  /// In 10^-36 of all users.
  let units: UInt128

  private static let wholeUnits: UInt128 = 1_000_000_000_000_000_000_000_000_000_000_000_000

  package static let none = UserShare(units: 0)
  package static let whole = UserShare(units: wholeUnits)

  /// So many of the 10,000 buckets of a layer.
  package static func buckets(_ count: Int) -> UserShare { whole.part(buckets: count) }

  /// In buckets, rounded up: a share that is not nothing is at least one.
  package var bucketsRoundedUp: Int {
    let unit = Self.wholeUnits / UInt128(Share.whole)
    return Int((units + unit - 1) / unit)
  }

  /// The part of this share that falls into so many buckets of a layer that is independent of it.
  func part(buckets count: Int) -> UserShare {
    UserShare(units: units / UInt128(Share.whole) * UInt128(count))
  }

  package var isNone: Bool { units == 0 }

  package static func < (a: UserShare, b: UserShare) -> Bool { a.units < b.units }

  static func + (a: UserShare, b: UserShare) -> UserShare { UserShare(units: a.units + b.units) }

  static func += (a: inout UserShare, b: UserShare) { a = a + b }

  /// The difference, or nobody where it would be less.
  static func - (a: UserShare, b: UserShare) -> UserShare {
    UserShare(units: a.units > b.units ? a.units - b.units : 0)
  }

  /// At most everybody.
  var capped: UserShare { min(self, .whole) }

  /// Between 0 and 1, to 15 decimals.
  package var fraction: Double {
    Double(Int(rounded(toUnits: 1_000_000_000_000_000_000_000))) / 1e15
  }

  /// As a percentage with as few decimals as it needs, six at most: `7.5%`. What is not nothing is
  /// never shown as `0%`, and what is not everything never as `100%`.
  package var percent: String {
    let millionths = Int(rounded(toUnits: 10_000_000_000_000_000_000_000_000_000))
    if millionths == 0, !isNone { return "less than 0.000001%" }
    if millionths == 100_000_000, self < .whole { return "more than 99.999999%" }
    let (percent, rest) = millionths.quotientAndRemainder(dividingBy: 1_000_000)
    guard rest > 0 else { return "\(percent)%" }
    var digits = String(rest)
    digits = String(repeating: "0", count: 6 - digits.utf8.count) + digits
    while digits.utf8.last == UInt8(ascii: "0") { digits.removeLast() }
    return "\(percent).\(digits)%"
  }

  private func rounded(toUnits size: UInt128) -> UInt128 { (units + size / 2) / size }
}
