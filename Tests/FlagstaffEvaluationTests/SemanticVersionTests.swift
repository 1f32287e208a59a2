// Precedence as semver.org 2.0.0 gives it, and comparators as definitions write them.

import FlagstaffEvaluation
import Testing

struct SemanticVersionTests {
  /// In ascending order of precedence; section 11 of the standard, and numbers beyond 64 bits.
  private static let ascending = [
    "0.0.0", "0.9.10", "1.0.0-0", "1.0.0-9", "1.0.0-10", "1.0.0-99999999999999999999",
    "1.0.0--", "1.0.0-1a", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
    "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0",
    "10.0.0", "99999999999999999999.0.0", "100000000000000000000.0.0",
  ]

  @Test("every pair stands in the order of the standard")
  func precedence() throws {
    for (indexA, a) in Self.ascending.enumerated() {
      for (indexB, b) in Self.ascending.enumerated() {
        #expect(try #require(SemanticVersionRange("<" + b)).contains(a) == (indexA < indexB))
        #expect(try #require(SemanticVersionRange(">=" + b)).contains(a) == (indexA >= indexB))
        #expect(try #require(SemanticVersionRange(b)).contains(a) == (indexA == indexB))
      }
    }
  }

  @Test(
    "every comparator must be met; build metadata does not count",
    arguments: [
      (">=1.2.0 <2.0.0", "1.9.9", true), (">=1.2.0 <2.0.0", "2.0.0", false),
      (">=1.2.0 <2.0.0", "1.2.0-rc.1", false), (">=1.2.0 <2.0.0", "2.0.0-rc.1", true),
      ("=1.0.0", "1.0.0+build.5", true), ("1.0.0+a", "1.0.0+b", true),
      ("<=1.0.0", "1.0.0", true), (">1.0.0", "1.0.0", false), (">1.0.0 <1.0.0", "1.0.0", false),
      (">=0.0.0", "1.0.0+001.-.x", true),
    ])
  func comparators(text: String, version: String, isMet: Bool) throws {
    #expect(try #require(SemanticVersionRange(text)).contains(version) == isMet)
  }

  @Test(
    "what is no semantic version meets nothing, and is no comparator",
    arguments: [
      "", "1", "1.0", "1.0.0.0", "v1.0.0", "01.0.0", "1.00.0", "1.0.0-", "1.0.0-a..b",
      "1.0.0-01", "1.0.0+", "1.0.0+a..b", "1.0.0-é", "1.0.0 ", " 1.0.0", "1.0.x", "-1.0.0",
      "1.0.0+a+b", "1.0.0\u{0}",
    ])
  func malformed(text: String) throws {
    #expect(try !#require(SemanticVersionRange(">=0.0.0-0")).contains(text))
    #expect(SemanticVersionRange(">=" + text) == nil)
  }

  @Test("a version of 256 bytes is one, and a longer one is none")
  func longest() throws {
    let range = try #require(SemanticVersionRange(">=0.0.0"))
    let digits = String(repeating: "1", count: 252)
    #expect(range.contains(digits + ".2.3"))
    #expect(!range.contains(digits + ".2.34"))
  }

  @Test(
    "comparators that others know and we do not are refused",
    arguments: [
      "^1.0.0", "~1.0.0", "1.x", "*", "1.0.0 - 2.0.0", ">= 1.0.0", "!=1.0.0", "==1.0.0",
      "=>1.0.0", ">=1.0.0  <2.0.0", ">=1.0.0, <2.0.0", ">=1.0.0 || <0.5.0", "<>1.0.0",
    ])
  func unknown(text: String) {
    #expect(SemanticVersionRange(text) == nil)
  }
}
