// Which instants a freeze covers. People write it in local time, and the rules of its zone at that
// date say when that is; they are those of the toolchain's own data, so that a release of Flagstaff
// has one opinion wherever it runs. Where clocks show a time twice, or never, the longer freeze
// counts.

internal import Documents
package import FlagstaffCore
internal import Foundation

extension Freeze {
  /// The freeze as instants.
  ///
  /// - Returns: nil where the zone is not known here.
  package var window: FreezeWindow? {
    guard let zone = TimeZone(identifier: zone),
      let from = Self.instants(of: from, in: zone).min(),
      let until = Self.instants(of: until, in: zone).max()
    else { return nil }
    return FreezeWindow(from: from, until: until, environments: environments)
  }

  /// The instants at which clocks of a zone show a time: two where they are put back over it. Where
  /// they are put forward over it, those that the offsets before and behind would give.
  private static func instants(of time: LocalTime, in zone: TimeZone) -> [Instant] {
    guard let clock = Instant("\(time):00Z") else { return [] }
    let day = 24 * 60 * 60
    let offsets = Set(
      [-day, 0, day].map { zone.offset(at: clock.adding(seconds: $0)) })
    let all = offsets.map { (offset: $0, instant: clock.adding(seconds: -$0)) }
    let shown = all.filter { zone.offset(at: $0.instant) == $0.offset }
    return (shown.isEmpty ? all : shown).map(\.instant)
  }
}

extension TimeZone {
  fileprivate func offset(at instant: Instant) -> Int {
    secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(instant.secondsSince1970)))
  }
}
