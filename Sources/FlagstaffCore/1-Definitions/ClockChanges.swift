// When clocks are put forward, in the zones that follow one of a few rules (version 2025b of the
// IANA database, from 2026 on): a time in the hour that they skip is on no clock, and somebody who
// writes it has most likely mistaken the day. Zones with rules of their own are left out, and so
// nothing is said of them. Laws change, so this holds nobody.

internal import Documents

/// An hour that the clocks of a zone skip, always on a Sunday.
struct ClockChange {
  /// The first moment that is skipped.
  let from: LocalTime
  /// What clocks show instead of it.
  let until: LocalTime

  /// The change that skips a time in a zone; nil where none is known to.
  init?(skipping time: LocalTime, in zone: String) {
    let text = time.description
    guard let rule = Self.rules[zone], text >= "2026", text.dropFirst(5).hasPrefix(rule.month),
      let day = Int(text.dropFirst(8).prefix(2)), let hour = Int(text.dropFirst(11).prefix(2)),
      hour == rule.hour, let midnight = Instant("\(text.prefix(10))T00:00:00Z"),
      // 1970-01-01 was a Thursday.
      (midnight.secondsSince1970 / 86_400 + 4) % 7 == 0, rule.week.contains(day),
      let from = LocalTime("\(text.prefix(10))T0\(hour):00"),
      let until = LocalTime("\(text.prefix(10))T0\(hour + 1):00")
    else { return nil }
    (self.from, self.until) = (from, until)
  }

  private struct Rule {
    let month: String
    /// The days of the month in which the Sunday lies.
    let week: ClosedRange<Int>
    let hour: Int

    /// Reads `03 last 02:00`.
    init?(_ text: Substring) {
      let words = text.split(separator: " ")
      guard words.count == 3, let hour = Int(words[2].prefix(2)) else { return nil }
      month = String(words[0])
      self.hour = hour
      switch words[1] {
      case "first": week = 1...7
      case "second": week = 8...14
      // Of a month with 31 days, or in September with 30.
      case "last": week = month == "09" ? 24...30 : 25...31
      default: return nil
      }
    }
  }

  /// The zones that the rules hold for.
  static var zones: [String] { Array(rules.keys) }

  private static let rules: [String: Rule] = {
    var rules: [String: Rule] = [:]
    var rule: Rule?
    for line in text.split(separator: "\n") {
      if line.last == ":" {
        rule = Rule(line.dropLast())
      } else {
        for zone in line.split(separator: " ") { rules[String(zone)] = rule }
      }
    }
    return rules
  }()

  /// Month, which Sunday of it, when; and then the zones.
  private static let text = """
    03 last 02:00:
      Africa/Ceuta Arctic/Longyearbyen Atlantic/Jan_Mayen Europe/Amsterdam Europe/Andorra
      Europe/Belgrade Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Budapest
      Europe/Busingen Europe/Chisinau Europe/Copenhagen Europe/Gibraltar Europe/Ljubljana
      Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Monaco Europe/Oslo Europe/Paris
      Europe/Podgorica Europe/Prague Europe/Rome Europe/San_Marino Europe/Sarajevo Europe/Skopje
      Europe/Stockholm Europe/Tirane Europe/Tiraspol Europe/Vaduz Europe/Vatican Europe/Vienna
      Europe/Warsaw Europe/Zagreb Europe/Zurich
    03 second 02:00:
      America/Adak America/Anchorage America/Atka America/Boise America/Cambridge_Bay
      America/Chicago America/Ciudad_Juarez America/Denver America/Detroit America/Edmonton
      America/Ensenada America/Fort_Wayne America/Glace_Bay America/Goose_Bay America/Grand_Turk
      America/Halifax America/Indiana/Indianapolis America/Indiana/Knox America/Indiana/Marengo
      America/Indiana/Petersburg America/Indiana/Tell_City America/Indiana/Vevay
      America/Indiana/Vincennes America/Indiana/Winamac America/Indianapolis America/Inuvik
      America/Iqaluit America/Juneau America/Kentucky/Louisville America/Kentucky/Monticello
      America/Knox_IN America/Los_Angeles America/Louisville America/Matamoros America/Menominee
      America/Metlakatla America/Miquelon America/Moncton America/Montreal America/Nassau
      America/New_York America/Nipigon America/Nome America/North_Dakota/Beulah
      America/North_Dakota/Center America/North_Dakota/New_Salem America/Ojinaga
      America/Pangnirtung America/Port-au-Prince America/Rainy_River America/Rankin_Inlet
      America/Resolute America/Santa_Isabel America/Shiprock America/Sitka America/St_Johns
      America/Thule America/Thunder_Bay America/Tijuana America/Toronto America/Vancouver
      America/Winnipeg America/Yakutat America/Yellowknife Atlantic/Bermuda
    10 first 02:00:
      Antarctica/Macquarie Australia/ACT Australia/Adelaide Australia/Broken_Hill
      Australia/Canberra Australia/Currie Australia/Hobart Australia/Melbourne Australia/NSW
      Australia/South Australia/Sydney Australia/Tasmania Australia/Victoria Australia/Yancowinna
      Pacific/Norfolk
    09 last 02:00:
      Antarctica/McMurdo Antarctica/South_Pole Pacific/Auckland
    03 last 03:00:
      Asia/Famagusta Asia/Nicosia Europe/Athens Europe/Bucharest Europe/Helsinki Europe/Kiev
      Europe/Kyiv Europe/Mariehamn Europe/Nicosia Europe/Riga Europe/Sofia Europe/Tallinn
      Europe/Uzhgorod Europe/Vilnius Europe/Zaporozhye
    03 last 01:00:
      Atlantic/Canary Atlantic/Faeroe Atlantic/Faroe Atlantic/Madeira Europe/Belfast Europe/Dublin
      Europe/Guernsey Europe/Isle_of_Man Europe/Jersey Europe/Lisbon Europe/London
    """
}
