// The names of time zones that the program knows, against those of the system, where it has them.

import Foundation
import Testing

@testable import FlagstaffCore

@Suite("Names of time zones")
struct TimeZoneTests {
  @Test("The names are those of the IANA database: Area/City, each once")
  func names() {
    #expect(TimeZones.names.count > 400)
    #expect(Set(TimeZones.names).count == TimeZones.names.count)
    #expect(TimeZones.names.allSatisfy { $0.contains(/^[A-Z][A-Za-z]+\/[A-Za-z0-9+_\/-]+$/) })
    for name in ["Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata", "Etc/UTC"] {
      #expect(TimeZones.isKnown(name))
    }
    for name in ["EST", "Berlin", "europe/berlin", "US/Eastern", "Etc/GMT+5", ""] {
      #expect(!TimeZones.isKnown(name))
    }
  }

  @Test(
    "Every place of the system's own table is known",
    .enabled(if: FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/zone.tab")))
  func system() throws {
    let table = try String(contentsOfFile: "/usr/share/zoneinfo/zone.tab", encoding: .utf8)
    let names = table.split(separator: "\n").filter { !$0.hasPrefix("#") }
      .compactMap { $0.split(separator: "\t").dropFirst(2).first.map(String.init) }
    #expect(names.count > 400)
    #expect(names.filter { !TimeZones.isKnown($0) } == [])
  }

  @Test(
    "The hours that clocks skip are those of the system's own rules",
    .enabled(if: FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/zone.tab")),
    arguments: [2026, 2027, 2028, 2031, 2035])
  func clockChanges(year: Int) throws {
    #expect(ClockChange.zones.count > 140)
    #expect(ClockChange.zones.filter { !TimeZones.isKnown($0) } == [])
    for name in ClockChange.zones {
      // A zone that this machine does not have says nothing.
      guard let zone = TimeZone(identifier: name) else { continue }
      let changes = try Self.changesForward(of: zone, in: year)
      #expect(changes.count == 1, "\(name) \(year)")
      for (before, after) in changes {
        let first = try #require(LocalTime(before))
        let change = try #require(ClockChange(skipping: first, in: name), "\(name) \(before)")
        #expect(change.from == first && change.until.description == after, "\(name) \(before)")
        #expect(ClockChange(skipping: change.until, in: name) == nil)
      }
    }
  }

  /// What clocks would have shown and what they show, where they are put forward.
  private static func changesForward(of zone: TimeZone, in year: Int) throws -> [(String, String)] {
    let begin = try Date("\(year)-01-01T00:00:00Z", strategy: .iso8601)
    let end = try Date("\(year + 1)-01-01T00:00:00Z", strategy: .iso8601)
    func text(_ date: Date, _ offset: Int) -> String {
      String(date.addingTimeInterval(Double(offset)).formatted(.iso8601).prefix(16))
    }
    var changes: [(String, String)] = []
    var date = begin
    while let next = zone.nextDaylightSavingTimeTransition(after: date), next < end {
      let before = zone.secondsFromGMT(for: next.addingTimeInterval(-1))
      let after = zone.secondsFromGMT(for: next)
      if after > before { changes.append((text(next, before), text(next, after))) }
      date = next
    }
    return changes
  }
}
