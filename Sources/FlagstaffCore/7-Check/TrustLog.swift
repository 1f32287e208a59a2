// Trust as the audit log tells it, version by version: what was in force at each event follows from
// the events before it, and from nothing else. The rows of versions in the registry are compared
// with it, so that whoever exchanges one is found, with a secret or without any.

internal import Documents
internal import Signing

package struct TrustLog: Sendable {
  /// The version in force; 0 before trust began.
  package private(set) var version = 0
  /// The version with which trust began, or was reset last.
  private(set) var beginning = 0
  /// The digests of what is in force.
  private var definitions: [TrustIdentity: Digest] = [:]
  /// Of each version that is complete: what it consists of.
  private var closed: [Digest] = []
  /// The first event of each version.
  private var firstEvents: [Int] = []
  /// The first event of the open version that nobody approved; it needs a beginning.
  private var unapproved: Int?

  init() {}

  /// Takes what an event of trust did.
  ///
  /// - Throws: `AuditFailure` where it does not follow from what was registered.
  mutating func take(_ event: RecordedChange) throws(AuditFailure) {
    guard let kind = TrustKind(rawValue: event.kind) else {
      throw event.failure("it changes no part of trust")
    }
    if event.version != version {
      try close()
      guard event.version == version + 1 else {
        throw event.failure("it is of version \(event.version) of trust, behind version \(version)")
      }
      version = event.version
      firstEvents.append(event.sequence)
    }
    let identity = TrustIdentity(kind, event.key)
    guard event.before.map(RecordedChange.digest) == definitions[identity],
      event.generation == version
    else { throw event.failure("it changes another \(identity) than was registered") }
    definitions[identity] = event.after.map(RecordedChange.digest)
    let marks = [TrustClass.initialised, .reset].map(\.rawValue)
    if event.isByOperator, event.verdict == nil {
      unapproved = unapproved ?? event.sequence
      if event.classes.contains(where: marks.contains) { beginning = version }
    }
  }

  /// Ends the open version: another event than one of trust follows, or none.
  mutating func close() throws(AuditFailure) {
    guard closed.count < version else { return }
    if let unapproved, beginning != version {
      throw AuditFailure(
        sequence: unapproved,
        reason: "nobody approved it, and it neither begins trust nor resets it")
    }
    unapproved = nil
    closed.append(Self.fingerprint(definitions))
  }

  /// Compares a version of trust in the registry with the log.
  ///
  /// - Parameters:
  ///   - trust: nil where it cannot be read, or its code is not by the secret.
  ///   - isThere: whether there is one of that number.
  /// - Throws: `AuditFailure` at the first event of the version.
  package func check(
    _ trust: RegisteredTrust?, version: Int, isThere: Bool
  ) throws(AuditFailure) {
    guard closed.indices.contains(version - 1) else { return }
    let found = trust.map { Self.fingerprint($0.definitions.mapValues(\.digest)) }
    guard trust?.version == version, found == closed[version - 1] else {
      throw AuditFailure(
        sequence: firstEvents[version - 1],
        reason: "version \(version) of trust in the registry is "
          + (isThere ? "another than the one that the log tells" : "missing"))
    }
  }

  private static func fingerprint(_ definitions: [TrustIdentity: Digest]) -> Digest {
    Signing.sha256(
      CanonicalJSON.bytes(
        .sequence(
          definitions.sorted { $0.key < $1.key }.map {
            .sequence([.string("\($0.key)"), .string($0.value.hexadecimal)])
          })))
  }
}
