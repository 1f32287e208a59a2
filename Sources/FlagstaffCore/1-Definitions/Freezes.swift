// Times in which exposure is not raised. People speak of them in local time, so this is the one
// place that takes local time with a zone. Which instants a freeze covers depends on the zone's
// rules at that time; whoever applies it brings them.

internal import Documents

/// A date and a time of day on the clocks of some zone.
package struct LocalTime: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// `YYYY-MM-DDThh:mm`, which sorts as the times do.
  package let description: String

  /// - Returns: nil for another form, and for a date or time that does not exist.
  package init?(_ text: String) {
    guard text.utf8.count == 16, Instant("\(text):00Z") != nil else { return nil }
    description = text
  }

  /// `hh:mm`.
  var timeOfDay: Substring { description.suffix(5) }

  package static func < (a: LocalTime, b: LocalTime) -> Bool {
    a.description.precedesInBytes(b.description)
  }
}

package struct Freeze: Hashable, Sendable {
  package let from: LocalTime
  /// The first minute that is free again.
  package let until: LocalTime
  /// A name of the IANA time zone database.
  package let zone: String
  /// Nil: all.
  package let environments: Set<String>?

  package init(from: LocalTime, until: LocalTime, zone: String, environments: Set<String>?) {
    self.from = from
    self.until = until
    self.zone = zone
    self.environments = environments
  }
}
