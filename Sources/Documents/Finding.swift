// A user's mistake, as data: a stable code, a place, what is wrong and what to do. Rooms collect
// findings, all of them; the command line renders them in one place. A failure of the world (a
// disk, a network, a database) is not a finding but an error.

/// One thing that is wrong in what the user wrote.
package struct Finding: Hashable, Sendable {
  /// A kind of mistake: a stable code, `FS` and four digits, which never changes its meaning and is
  /// never reused, and what is said of every finding that bears it. Codes are compared by the code
  /// alone. All stand in a documented table, `Findings.md`, that a test compares with the source.
  package struct Code: Hashable, Sendable {
    package let rawValue: String
    /// A short noun phrase or statement, without a full stop.
    package let title: String
    package let severity: Severity
    /// Whether `# flagstaff:ignore` may silence it: only where what is silenced still leaves a
    /// definition that can be applied.
    package let mayBeIgnored: Bool

    package init(
      _ rawValue: String, _ title: String, severity: Severity = .error, mayBeIgnored: Bool = false
    ) {
      self.rawValue = rawValue
      self.title = title
      self.severity = severity
      self.mayBeIgnored = mayBeIgnored
    }

    package static func == (a: Code, b: Code) -> Bool { a.rawValue == b.rawValue }

    package func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
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
  /// An error holds the scopes that it concerns; a warning holds none.
  package var severity: Severity { code.severity }
  package var location: Location
  /// What is wrong: a sentence without a full stop.
  package var message: String
  /// What to do about it: a sentence in the imperative, without a full stop.
  package var remedy: String
  package var notes: [Note]

  package init(
    _ code: Code, at location: Location, _ message: String, remedy: String, notes: [Note] = []
  ) {
    self.code = code
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
