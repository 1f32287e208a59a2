// A user's mistake, as data: a stable code, a place, what is wrong and what to do. Rooms collect
// findings, all of them; the command line renders them in one place. A failure of the world (a
// disk, a network, a database) is not a finding but an error.

/// One thing that is wrong in what the user wrote.
package struct Finding: Hashable, Sendable {
  /// A stable code, `FS` and four digits. It never changes its meaning and is never reused.
  package struct Code: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) {
      self.rawValue = rawValue
    }

    package init(_ rawValue: String) {
      self.rawValue = rawValue
    }
  }

  package enum Severity: String, Sendable {
    case error
    case warning
  }

  /// Another place that helps to understand the finding.
  package struct Note: Hashable, Sendable {
    package var location: Location?
    package var message: String

    package init(_ message: String, at location: Location? = nil) {
      self.message = message
      self.location = location
    }
  }

  package var code: Code
  package var severity: Severity
  package var location: Location
  /// What is wrong: a sentence without a full stop.
  package var message: String
  /// What to do about it: a sentence in the imperative, without a full stop.
  package var remedy: String
  package var notes: [Note]

  package init(
    _ code: Code, severity: Severity = .error, at location: Location, _ message: String,
    remedy: String, notes: [Note] = []
  ) {
    self.code = code
    self.severity = severity
    self.location = location
    self.message = message
    self.remedy = remedy
    self.notes = notes
  }
}

extension Finding: Comparable {
  /// By place, then by code, then by message: the order in which findings are shown.
  package static func < (a: Finding, b: Finding) -> Bool {
    if a.location != b.location { return a.location < b.location }
    if a.code != b.code { return a.code.rawValue.precedesInBytes(b.code.rawValue) }
    return a.message.precedesInBytes(b.message)
  }
}
