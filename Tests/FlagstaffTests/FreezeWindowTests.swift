// Freezes as instants, over the days on which clocks are put back and forward.

import Documents
import FlagstaffController
import FlagstaffCore
import Testing

@Suite("Freezes as instants")
struct FreezeWindowTests {
  @Test(
    "A freeze covers what clocks of its zone show, the longer way where they change",
    arguments: [
      (
        "Etc/UTC", "2026-11-27T00:00", "2026-11-30T00:00", "2026-11-27T00:00:00Z",
        "2026-11-30T00:00:00Z"
      ),
      (
        "America/New_York", "2026-11-27T00:00", "2026-11-30T00:00", "2026-11-27T05:00:00Z",
        "2026-11-30T05:00:00Z"
      ),
      // Put back at 03:00, so that 02:30 is shown twice.
      (
        "Europe/Berlin", "2026-10-25T02:30", "2026-10-25T04:00", "2026-10-25T00:30:00Z",
        "2026-10-25T03:00:00Z"
      ),
      (
        "Europe/Berlin", "2026-10-24T00:00", "2026-10-25T02:30", "2026-10-23T22:00:00Z",
        "2026-10-25T01:30:00Z"
      ),
      // Put forward at 02:00, so that 02:30 is never shown.
      (
        "Europe/Berlin", "2026-03-29T02:30", "2026-03-29T04:00", "2026-03-29T00:30:00Z",
        "2026-03-29T02:00:00Z"
      ),
      (
        "Europe/Berlin", "2026-03-28T00:00", "2026-03-29T02:30", "2026-03-27T23:00:00Z",
        "2026-03-29T01:30:00Z"
      ),
      // Half an hour of summer time.
      (
        "Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-05T03:00", "2026-04-04T14:45:00Z",
        "2026-04-04T16:30:00Z"
      ),
      // A day that there was not.
      (
        "Pacific/Apia", "2011-12-29T12:00", "2011-12-31T12:00", "2011-12-29T22:00:00Z",
        "2011-12-30T22:00:00Z"
      ),
    ])
  func windows(zone: String, from: String, until: String, first: String, last: String) throws {
    let freeze = Freeze(
      from: try #require(LocalTime(from)), until: try #require(LocalTime(until)), zone: zone,
      environments: ["production"])
    let window = try #require(freeze.window)
    #expect(window.from == Instant(first) && window.until == Instant(last), "\(window)")
    #expect(window.environments == ["production"])
  }

  @Test("Every zone that files may name is known here")
  func zones() {
    for name in TimeZones.names {
      let time = LocalTime("2026-07-01T00:00")
      guard let time else { continue }
      let freeze = Freeze(from: time, until: time, zone: name, environments: nil)
      #expect(freeze.window != nil, "\(name)")
    }
  }
}
