// Shares are decimal text, read into buckets without a binary fraction on the way. Every share
// that can be written is read here, and its text read back.

import FlagstaffCore
import Testing

@Suite("Shares")
struct ShareTests {
  @Test(
    "A share is read as buckets of 0.01 %",
    arguments: [
      ("0%", 0), ("0.0%", 0), ("0.00%", 0), ("0.01%", 1), ("0.1%", 10), ("0.29%", 29),
      ("1%", 100), ("1.1%", 110), ("5%", 500), ("5.05%", 505), ("25%", 2_500), ("33.33%", 3_333),
      ("57.57%", 5_757), ("66.67%", 6_667), ("99.99%", 9_999), ("100%", 10_000),
      ("100.0%", 10_000), ("100.00%", 10_000),
    ])
  func reads(text: String, buckets: Int) {
    #expect(Share.buckets(text) == buckets)
  }

  @Test(
    "Anything else is refused, by the reader and by the schema",
    arguments: [
      "", "%", "5", "05%", "005%", "00%", "100.01%", "100.1%", "101%", "110%", "200%", "1000%",
      "5.%", ".5%", "5.555%", "33.333%", "-1%", "+1%", "1e1%", "5 %", " 5%", "5%%", "5,5%", "٥%",
      "0x1%", "100.000%", "5.-1%", "5.+1%",
    ])
  func refuses(text: String) {
    #expect(Share.buckets(text) == nil)
    let sections =
      "flags: {a: {environments: {}, rules: [{key: k, serve: true, rollout: '\(text)'}]}}"
    #expect(!TestRepository(sections).errorCodes.isEmpty)
  }

  @Test("Every number of buckets is written as a share that reads as itself")
  func writesAndReads() {
    for buckets in 0...Share.whole {
      #expect(Share.buckets(Share.text(buckets)) == buckets)
      #expect(Share.buckets(Share.percent(buckets) + "%") == buckets)
    }
    #expect(
      [0, 1, 10, 2_500, 3_333, 10_000].map(Share.text)
        == ["0%", "0.01%", "0.1%", "25%", "33.33%", "100%"])
    #expect(Share.percent(505) == "5.05")
  }
}
