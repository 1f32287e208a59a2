// From the clocks of a zone to instants, by the rules of the system's Foundation. Where a clock was
// put back, a time of day comes twice; where it was put forward, it does not come at all. Both have
// an answer that leaves a freeze longer rather than shorter.

package import Documents
package import FlagstaffCore
internal import Foundation

package enum ZoneRules {
  /// When a freeze begins and when it is over; nil where the zone is not known here.
  package static func window(of freeze: Freeze) -> (from: Instant, until: Instant)? {
    guard let from = instants(of: freeze.from, in: freeze.zone).min(),
      let until = instants(of: freeze.until, in: freeze.zone).max()
    else { return nil }
    return (from, until)
  }

  /// Whether any of some freezes covers an environment at an instant.
  package static func isFrozen(
    _ environment: String, at instant: Instant, by freezes: [Freeze]
  ) -> Bool {
    freezes.contains { freeze in
      guard freeze.environments?.contains(environment) != false, let window = window(of: freeze)
      else { return false }
      return window.from <= instant && instant < window.until
    }
  }

  /// One instant, two where clocks were put back over the time, and where they were put forward
  /// over it, the one that it would have been by the clock before; none where the zone is unknown.
  package static func instants(of local: LocalTime, in name: String) -> [Instant] {
    guard let zone = TimeZone(identifier: name),
      let asIfUTC = Instant("\(local):00Z")?.secondsSince1970
    else { return [] }
    func offset(at seconds: Int) -> Int {
      zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
    }
    let daySeconds = 86_400
    let before = offset(at: asIfUTC - daySeconds)
    let candidates = Set([before, offset(at: asIfUTC + daySeconds)])
    let right = candidates.filter { offset(at: asIfUTC - $0) == $0 }
    return (right.isEmpty ? [before] : right).map { Instant(secondsSince1970: asIfUTC - $0) }
      .sorted()
  }
}
