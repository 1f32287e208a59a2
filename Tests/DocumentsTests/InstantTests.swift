// Instants are written in one way, and only dates that exist are read.

import Documents
import Testing

struct InstantTests {
  static let known: [(String, Int)] = [
    ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59Z", -1),
    ("2000-02-29T12:00:00Z", 951_825_600), ("2026-11-23T09:00:00Z", 1_795_424_400),
    ("0000-01-01T00:00:00Z", -62_167_219_200), ("9999-12-31T23:59:59Z", 253_402_300_799),
    ("1600-03-01T00:00:00Z", -11_670_912_000), ("2038-01-19T03:14:08Z", 2_147_483_648),
  ]

  @Test("An instant is the seconds since 1970", arguments: known)
  func seconds(text: String, seconds: Int) {
    #expect(Instant(text)?.secondsSince1970 == seconds)
    #expect(Instant(secondsSince1970: seconds).description == text)
  }

  @Test(
    "What is no instant, or no date that exists, is not read",
    arguments: [
      "", "2026-11-23", "2026-11-23T09:00:00", "2026-11-23t09:00:00Z", "2026-11-23T09:00:00z",
      "2026-11-23 09:00:00Z", "2026-11-23T09:00:00+00:00", "2026-11-23T09:00:00.0Z",
      "2026-11-23T09:00Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
      "2026-02-30T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z",
      "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
      "2026-11-23T24:00:00Z", "2026-11-23T23:60:00Z", "2026-11-23T23:59:60Z",
      "-026-11-23T09:00:00Z", "+026-11-23T09:00:00Z", "2026-1١-23T09:00:00Z",
      " 026-11-23T09:00:00Z", "2026/11/23T09:00:00Z",
    ])
  func refused(text: String) {
    #expect(Instant(text) == nil)
  }

  @Test("Every day of eight centuries is read back as it is written")
  func roundTrip() {
    var seconds = -14_000_000_000
    while seconds < 11_000_000_000 {
      let instant = Instant(secondsSince1970: seconds)
      #expect(Instant(instant.description) == instant)
      seconds += 86_400 + 3_661
    }
  }

  @Test("The order of instants is the order of their texts")
  func order() {
    let texts = Self.known.map(\.0).sorted { $0.precedesInBytes($1) }
    let instants = texts.compactMap { Instant($0) }
    #expect(instants == instants.sorted())
    #expect(
      Instant(secondsSince1970: 5).adding(seconds: 86_400) == Instant(secondsSince1970: 86_405))
  }
}
