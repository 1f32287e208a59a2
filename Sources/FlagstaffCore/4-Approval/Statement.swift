// What somebody signs: the exact bytes of a versioned statement. It names everything that an
// approval depends on, so it can be used for nothing else, and it ends by itself. One statement has
// one spelling: bytes that are not the canonical JSON of what they say are refused, and so is every
// field that this program does not know, since a signer must have meant all of what he signed.

package import Documents
package import Signing

package struct Statement: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    case approval(Approval)
    /// Takes the place of all policies for a day, with its reason.
    case breakGlass(Approval, reason: String)
    /// Evidence, by its digest, counts no more.
    case withdrawal(of: Digest)
    /// A branch may lead from an old commit to a new one that does not descend from it.
    case acceptHistory(branch: String, old: String, new: String)
  }

  /// What is approved.
  package struct Approval: Hashable, Sendable {
    /// The environment of all subjects; nil where they are trust's.
    package let environment: String?
    /// As stored bytes spell them; sorted, each once.
    package let classes: [String]
    /// The greatest share of users that may move, in buckets, 0 to 10,000.
    package let blastRadius: Int
    /// Sorted by customer, kind and key, each once.
    package let subjects: [Subject]
  }

  package let workspace: String
  package let issued: Instant
  /// The first instant at which it counts no more; nil for a withdrawal, which counts for ever.
  package let expires: Instant?
  package let content: Content

  /// The canonical bytes: what is signed.
  package var bytes: [UInt8] { CanonicalJSON.bytes(node) }

  /// - Throws: `MalformedStatement` where the bytes would not be what a signer signs.
  package init(
    workspace: String, issued: Instant, expires: Instant?, content: Content
  ) throws(MalformedStatement) {
    self.workspace = workspace
    self.issued = issued
    self.expires = expires
    self.content = content
    try check()
  }

  /// Reads what somebody signed.
  ///
  /// - Throws: `MalformedStatement` for anything but the canonical bytes of a statement.
  package init(_ bytes: [UInt8]) throws(MalformedStatement) {
    guard bytes.count <= Limits.statementBytesMax else {
      throw MalformedStatement("is longer than \(Limits.statementBytesMax) bytes")
    }
    guard let node = try? JSONReader.read(bytes, depthMax: 8), node.mapping != nil else {
      throw MalformedStatement("is not JSON")
    }
    guard node["format"]?.integer == 1 else {
      throw MalformedStatement("is of a format that this program does not know")
    }
    guard let workspace = node["workspace"]?.string,
      let issued = node["issued"]?.string.flatMap({ Instant($0) }),
      let content = Content(node)
    else { throw MalformedStatement("lacks what every statement of its type says") }
    try self.init(
      workspace: workspace, issued: issued,
      expires: node["expires"]?.string.flatMap { Instant($0) }, content: content)
    guard self.bytes == bytes else {
      throw MalformedStatement("is not the canonical bytes of a statement")
    }
  }
}

/// Why bytes are no statement.
package struct MalformedStatement: Error, Hashable, Sendable {
  /// Follows "the statement".
  package let reason: String

  init(_ reason: String) {
    self.reason = reason
  }
}

extension Statement.Approval {
  /// Puts classes and subjects in their order.
  ///
  /// - Parameter environment: nil for trust.
  package init(
    environment: String?, classes: Set<String>, blastRadius: Int, subjects: [Subject]
  ) {
    self.environment = environment
    self.classes = classes.sorted { $0.precedesInBytes($1) }
    self.blastRadius = blastRadius
    self.subjects = subjects.sorted { $0.place(before: $1) }
  }
}

// MARK: - What may be signed

extension Statement {
  private func check() throws(MalformedStatement) {
    guard (1...128).contains(workspace.utf8.count) else {
      throw MalformedStatement("names no workspace")
    }
    var secondsMax: Int? = Limits.statementSecondsMax
    switch content {
    case .approval(let approval): try approval.check()
    case .breakGlass(let approval, let reason):
      try approval.check()
      secondsMax = Limits.breakGlassSecondsMax
      guard (1...Limits.reasonLengthMax).contains(reason.unicodeScalars.count) else {
        throw MalformedStatement("gives no reason of 1 to \(Limits.reasonLengthMax) characters")
      }
      guard reason.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
        throw MalformedStatement("gives no reason: there are blanks alone")
      }
    case .withdrawal: secondsMax = nil
    case .acceptHistory(let branch, let old, let new):
      guard !branch.isEmpty, Self.isCommit(old), Self.isCommit(new), old != new else {
        throw MalformedStatement("does not name a branch and two commits")
      }
    }
    guard let secondsMax else {
      guard expires == nil else { throw MalformedStatement("ends, which a withdrawal does not") }
      return
    }
    let window = expires.map { $0.secondsSince1970 - issued.secondsSince1970 } ?? 0
    guard (1...secondsMax).contains(window) else {
      throw MalformedStatement("does not end within \(secondsMax / 3_600) hours of being issued")
    }
  }

  private static func isCommit(_ text: String) -> Bool {
    [40, 64].contains(text.utf8.count) && Hexadecimal.bytes(text) != nil
  }
}

extension Statement.Approval {
  fileprivate func check() throws(MalformedStatement) {
    guard (1...Limits.subjectsMax).contains(subjects.count) else {
      throw MalformedStatement("approves nothing, or more than \(Limits.subjectsMax) definitions")
    }
    guard !classes.isEmpty, zip(classes, classes.dropFirst()).allSatisfy({ $0.precedesInBytes($1) })
    else { throw MalformedStatement("does not name each class once, in order") }
    guard (0...10_000).contains(blastRadius) else {
      throw MalformedStatement("allows a share that is none")
    }
    guard zip(subjects, subjects.dropFirst()).allSatisfy({ $0.place(before: $1) }) else {
      throw MalformedStatement("does not name each definition once, in order")
    }
    for subject in subjects { try check(subject) }
  }

  private func check(_ subject: Subject) throws(MalformedStatement) {
    // Only what comes back from a kill is a change without another form.
    let isReleased = subject.after != nil && classes.contains(ChangeClass.released.rawValue)
    guard subject.before != subject.after || isReleased else {
      throw MalformedStatement("approves that \(subject.kind) \(subject.key) stays as it is")
    }
    guard let generation = subject.generation, generation > 0 else {
      throw MalformedStatement("names no generation of \(subject.kind) \(subject.key)")
    }
    switch subject.place {
    case .scope(let scope):
      guard let environment, environment.hasSameBytes(as: scope.environment) else {
        throw MalformedStatement("mixes environments")
      }
      guard Kind(rawValue: subject.kind) != nil, Key.isValid(subject.key),
        Key.isValid(scope.customer), Key.isValid(environment)
      else { throw MalformedStatement("names no definition by \(subject.kind) \(subject.key)") }
    case .trust:
      guard environment == nil, TrustKind(rawValue: subject.kind) != nil else {
        throw MalformedStatement("mixes trust and definitions")
      }
    }
  }
}
