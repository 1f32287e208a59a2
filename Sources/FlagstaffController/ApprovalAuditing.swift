// Verifies the approvals of a whole log: page by page it takes events, the evidence that they name
// and the versions of trust, and hands them to the core. Documents of a few dozen events are held
// at a time; of each signature only a digest is remembered, so that ssh-keygen sees it once.

internal import Documents
package import FlagstaffCore
package import PostgresRegistry
internal import SSHSignatures
internal import Signing

package struct ApprovalAuditing: Sendable {
  package struct Outcome: Sendable {
    package let tally: ApprovalAudit.Tally
    /// How many different pieces of evidence were verified.
    package let evidence: Int
    package let failure: AuditFailure?
  }

  /// Events whose evidence is held at a time.
  private static let eventsAtOnce = 50

  private let registry: RegistryWorker
  private let trust: AuditWalk.Trust
  private let verifier: SignatureVerifier

  package init(
    _ registry: RegistryWorker, trusting trust: AuditWalk.Trust, verifier: SignatureVerifier
  ) {
    self.registry = registry
    self.trust = trust
    self.verifier = verifier
  }

  /// Walks a log that verifies, once more, and stops at the first event that is not shown to be
  /// approved.
  ///
  /// - Parameter end: how far it verified.
  /// - Throws: `RegistryError`, and `SSHKeygenError` where nothing can be verified.
  package func run(
    to end: AuditCheck.Outcome, progress: ProgressReporter = ProgressReporter()
  ) async throws -> Outcome {
    // What is judged has to be what was verified before, so it is walked by its hashes too.
    var walk = AuditWalk(trusting: .nobody)
    var audit = ApprovalAudit()
    var shelf = EvidenceShelf(registry, trust, verifier)
    var failure: AuditFailure?
    do {
      while walk.sequence < end.last {
        let page = try await page(behind: walk.sequence, to: end.last)
        for start in stride(from: 0, to: page.count, by: Self.eventsAtOnce) {
          let events = page[start..<min(start + Self.eventsAtOnce, page.count)]
          for event in events { try walk.check(event) }
          try await judge(try events.compactMap { try RecordedChange($0) }, &audit, &shelf)
          progress.report("verifying approvals", done: walk.sequence, of: end.last)
        }
      }
      guard walk.head.hash == end.hash || end.last == 0 else {
        throw AuditFailure(sequence: end.last, reason: "it was edited while it was read")
      }
      try audit.end()
      for version in 1..<(audit.trust.version + 1) {
        _ = try await shelf.trust(version, as: audit.trust)
      }
    } catch let error as AuditFailure {
      failure = error
    }
    return Outcome(tally: audit.tally, evidence: shelf.verified, failure: failure)
  }

  private func page(behind sequence: Int, to last: Int) async throws -> [AuditEvent] {
    let page = try await registry.run { connection in
      try connection.transaction(isReadOnly: true) { try $0.auditEvents(after: sequence) }
    }
    guard !page.isEmpty else {
      throw AuditFailure(sequence: sequence + 1, reason: "it went away while the log was read")
    }
    return page.filter { $0.sequence <= last }
  }

  private func judge(
    _ changes: [RecordedChange], _ audit: inout ApprovalAudit, _ shelf: inout EvidenceShelf
  ) async throws {
    try await shelf.fill(with: Set(changes.filter(\.isJudged).flatMap(\.evidence)))
    for change in changes {
      guard try audit.take(change) else { continue }
      var versions: [Int: RegisteredTrust] = [:]
      for version in change.trust {
        versions[version] = try await shelf.trust(version, as: audit.trust)
      }
      try audit.judge(change, by: try shelf.evidence(of: change), versions)
    }
  }
}

/// Evidence and trust on their way from the registry, each shown to be what it is.
private struct EvidenceShelf {
  private let registry: RegistryWorker
  private let keys: AuditKeyring?
  private let verifier: SignatureVerifier
  /// What is held now: evidence, or why it is none.
  private var held: [Digest: Result<Evidence, SetAside>] = [:]
  private var seen: Set<Digest> = []
  private var versions: [Int: RegisteredTrust] = [:]

  /// How many pieces were verified.
  var verified: Int { seen.count }

  init(_ registry: RegistryWorker, _ trust: AuditWalk.Trust, _ verifier: SignatureVerifier) {
    self.registry = registry
    self.verifier = verifier
    if case .secrets(let keys) = trust { self.keys = keys } else { keys = nil }
  }

  /// Holds these, and lets all others go.
  mutating func fill(with digests: Set<Digest>) async throws {
    held = held.filter { digests.contains($0.key) }
    let missing = digests.subtracting(held.keys)
    if missing.isEmpty { return }
    let rows = try await registry.run { connection in
      try connection.transaction(isReadOnly: true) { try $0.evidenceRows(missing) }
    }
    let claims = rows.values.compactMap { Evidence.claim(in: $0.document) }
    let signatures = try await verifier.verified(claims)
    for digest in missing {
      do throws(SetAside) {
        held[digest] = .success(try read(rows[digest], digest, signatures))
        seen.insert(digest)
      } catch {
        held[digest] = .failure(error)
      }
    }
  }

  private func read(
    _ row: SealedRow?, _ digest: Digest, _ signatures: [Digest: VerifiedSignature]
  ) throws(SetAside) -> Evidence {
    func failure(_ why: String) -> SetAside {
      SetAside(what: "the evidence \(digest.hexadecimal.prefix(12)) that it names", why: why)
    }
    guard let row else { throw failure("is not in the registry") }
    guard Signing.sha256(Signing.tag("evidence") + row.document) == digest else {
      throw failure("was exchanged: what is in the registry has another digest")
    }
    if let key = keys?[row.key],
      !Signing.constantTimeEqual(key.mac(of: digest, as: "evidence-mac"), row.mac)
    {
      throw failure("was written into the registry by hand")
    }
    guard let claim = Evidence.claim(in: row.document), let signature = signatures[claim.digest]
    else { throw failure("bears a signature that is not over it") }
    return try Evidence.stored(row.document, signature)
  }

  /// What an event names.
  ///
  /// - Throws: `AuditFailure` where a piece is not what it should be.
  func evidence(of change: RecordedChange) throws(AuditFailure) -> [Digest: Evidence] {
    var evidence: [Digest: Evidence] = [:]
    for digest in change.evidence {
      switch held[digest] {
      case .success(let piece)?: evidence[digest] = piece
      case .failure(let reason)?: throw change.failure("\(reason.what) \(reason.why)")
      case nil: throw change.failure("its evidence was not read")
      }
    }
    return evidence
  }

  /// A version of trust, compared with what the log tells of it; nil where the log tells of none.
  ///
  /// - Throws: `AuditFailure` at the version's first event.
  mutating func trust(_ version: Int, as log: TrustLog) async throws -> RegisteredTrust? {
    if let known = versions[version] { return known }
    let row = try await registry.run { connection in
      try connection.transaction(isReadOnly: true) { try $0.trustRow(version: version) }
    }
    let trust = row.flatMap { row -> RegisteredTrust? in
      if let key = keys?[row.key],
        !Signing.constantTimeEqual(
          key.mac(of: Signing.sha256(row.document), as: "trust-mac"), row.mac)
      {
        return nil
      }
      return (try? JSONReader.read(row.document, depthMax: Limits.storedDepthMax))
        .flatMap { RegisteredTrust(document: $0) }
    }
    try log.check(trust, version: version, isThere: row != nil)
    // Few are judged by at a time: those before and after the last change.
    if versions.count >= 8 { versions.removeAll() }
    versions[version] = trust
    return trust
  }
}
