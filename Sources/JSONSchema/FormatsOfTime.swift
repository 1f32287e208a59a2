// The formats `date`, `time`, `date-time` and `duration`: RFC 3339, section 5.6 and appendix A.
// Days must exist in the calendar, and a leap second must fall on the last minute of a day in UTC.

extension FormatScanner {
  mutating func skipsDateTime() -> Bool {
    skipsDate() && skipsLetter("t") && skipsTime()
  }

  mutating func skipsDate() -> Bool {
    guard let year = number(digits: 4), skips("-"), let month = number(digits: 2), skips("-"),
      let day = number(digits: 2), (1...12).contains(month), day >= 1
    else { return false }
    return day <= Self.days(ofMonth: month, year)
  }

  private static func days(ofMonth month: Int, _ year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    switch month {
    case 2: return isLeap ? 29 : 28
    case 4, 6, 9, 11: return 30
    default: return 31
    }
  }

  mutating func skipsTime() -> Bool {
    guard let hour = number(digits: 2), skips(":"), let minute = number(digits: 2), skips(":"),
      let second = number(digits: 2), hour <= 23, minute <= 59, second <= 60
    else { return false }
    if skips("."), skipAll(\.isDigit) == 0 { return false }
    guard let offset = offset() else { return false }
    let minutesUTC = (hour * 60 + minute - offset + 48 * 60) % (24 * 60)
    return second < 60 || minutesUTC == 24 * 60 - 1
  }

  /// In minutes.
  private mutating func offset() -> Int? {
    if skipsLetter("z") { return 0 }
    let sign = skips("+") ? 1 : skips("-") ? -1 : 0
    guard sign != 0, let hour = number(digits: 2), skips(":"), let minute = number(digits: 2),
      hour <= 23, minute <= 59
    else { return nil }
    return sign * (hour * 60 + minute)
  }

  mutating func skipsDuration() -> Bool {
    guard skips("P") else { return false }
    let start = index
    if skipsUnit("W") { return true }
    index = start
    let hasDate = skipsUnits("Y", "M", "D")
    guard skips("T") else { return hasDate }
    return skipsUnits("H", "M", "S")
  }

  /// At least one of three units, with none left out between them.
  private mutating func skipsUnits(_ units: Unicode.Scalar...) -> Bool {
    for (first, unit) in units.enumerated() where skipsUnit(unit) {
      for next in units[(first + 1)...] where !skipsUnit(next) { return true }
      return true
    }
    return false
  }

  private mutating func skipsUnit(_ unit: Unicode.Scalar) -> Bool {
    let start = index
    if skipAll(\.isDigit) > 0, skips(unit) { return true }
    index = start
    return false
  }
}
