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
}
