// Local times as instants: where clocks go forward, where they go back, and where a day is left
// out.

import Documents
import FlagstaffController
import FlagstaffCore
import Testing

@Suite("Times of zones")
struct ZoneRulesTests {
  @Test(
    "A local time is one instant, two where clocks go back, and one where it does not come",
    arguments: [
      ("2026-11-23T07:00", "America/New_York", ["2026-11-23T12:00:00Z"]),
      ("2026-07-01T07:00", "America/New_York", ["2026-07-01T11:00:00Z"]),
      // Back from 03:00 to 02:00, and forward from 02:00 to 03:00.
      ("2026-10-25T02:30", "Europe/Berlin", ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]),
      ("2026-03-29T02:30", "Europe/Berlin", ["2026-03-29T01:30:00Z"]),
      // Half an hour back, at 02:00.
      (
        "2026-04-05T01:45", "Australia/Lord_Howe", ["2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"]
      ),
      // The day that Samoa left out.
      ("2011-12-30T12:00", "Pacific/Apia", ["2011-12-30T22:00:00Z"]),
      ("2026-01-01T00:00", "Nowhere/Atlantis", []),
    ])
  func instants(_ local: String, _ zone: String, _ expected: [String]) throws {
    let time = try #require(LocalTime(local))
    #expect(ZoneRules.instants(of: time, in: zone).map(\.description) == expected)
  }
}
