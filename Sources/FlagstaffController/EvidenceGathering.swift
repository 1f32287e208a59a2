// Statements from the refs of signers, and what the registry knows of them already. A statement is
// verified once: what is stored is believed under the installation's own secret, and only what is
// new, by a key that somebody has, costs a process. Verified evidence is kept, so a ref that is
// lost, or rolled back, takes nothing away. Nothing is judged here.

package import Documents
package import FlagstaffCore
internal import GitSource
package import PostgresRegistry
internal import SSHSignatures
internal import Signing

/// All evidence that stands, and what was set aside with its reason.
package struct GatheredEvidence: Sendable {
  /// In the order of digests.
  package let evidence: [Evidence]
  package let setAside: [SetAside]

  package static let none = GatheredEvidence(evidence: [], setAside: [])
}

package struct EvidenceGathering: Sendable {
  private let source: DefinitionsSource
  private let verifier: SignatureVerifier
  private let owners: KeyOwners
  private let workspace: String

  package init(
    _ source: DefinitionsSource, verifier: SignatureVerifier, owners: KeyOwners, workspace: String
  ) {
    self.source = source
    self.verifier = verifier
    self.owners = owners
    self.workspace = workspace
  }

  /// Gathers with a registry.
  ///
  /// - Parameter isKept: whether what is new is kept there.
  /// - Throws: `SSHKeygenError` where nothing could be verified; `GitError`, `RegistryError`.
  package func run(
    _ registry: RegistryWorker, key: AuditKey, isKept: Bool = true, at instant: Instant
  ) async throws -> GatheredEvidence {
    let stored = try await registry.run { connection in
      try connection.transaction(isReadOnly: true) { try $0.evidence(at: instant, key: key) }
    }
    var offered = try await offered()
    offered.take(stored.former.compactMap(Evidence.claim))
    // A merge counts for the commits that are to be applied and never again: it names no
    // generation, so a kept one would let what it once brought come back.
    let kept = stored.evidence.filter { $0.statement != nil }
    let (new, untrue) = try await verified(offered.claims, knowing: kept)
    if isKept, !new.isEmpty {
      try await registry.run { connection in
        try connection.transaction { try $0.keep(new, acceptedAt: instant, key: key) }
      }
    }
    return standing(kept + new, stored.setAside + offered.setAside + untrue)
  }

  /// Gathers from the refs alone, where there is no registry: in a pull request's job.
  ///
  /// - Throws: `SSHKeygenError` where nothing could be verified; `GitError`.
  package func run() async throws -> GatheredEvidence {
    let offered = try await offered()
    let (new, untrue) = try await verified(offered.claims, knowing: [])
    return standing(new, offered.setAside + untrue)
  }

  private func standing(_ evidence: [Evidence], _ setAside: [SetAside]) -> GatheredEvidence {
    let standing = StandingEvidence(evidence, workspace: workspace, owners: owners)
    return GatheredEvidence(
      evidence: standing.evidence, setAside: setAside + standing.setAside)
  }

  /// What the refs hold that is worth verifying.
  private func offered() async throws -> OfferedStatements {
    var offered = OfferedStatements(owners: owners)
    for (ref, entries) in try await source.worker.approvals(of: owners.identifiers) {
      for problem in entries.problems {
        offered.setAside(
          "\(owners.name(ofRef: ref)), refs/flagstaff/approvals/\(ref.identifier.prefix(12))…,",
          "\(problem). Delete it and approve again")
      }
      for entry in entries.entries { offered.take(entry, from: ref) }
    }
    return offered
  }

  /// Of some claims those that are true and not known, as evidence.
  private func verified(
    _ claims: [SignatureClaim], knowing known: [Evidence]
  ) async throws -> (evidence: [Evidence], setAside: [SetAside]) {
    let digests = Set(known.map(\.digest))
    var (evidence, setAside) = ([Digest: Evidence](), [SetAside]())
    var new: [SignatureClaim] = []
    for claim in claims {
      do throws(SetAside) {
        let digest = try Evidence.digest(ofStatement: claim)
        if !digests.contains(digest) { new.append(claim) }
      } catch {
        setAside.append(
          SetAside(what: "\(error.what) by \(owner(of: claim))", why: error.why))
      }
    }
    let verified = try await verifier.verified(new)
    for claim in new {
      guard let signature = verified[claim.digest] else {
        setAside.append(
          SetAside(
            what: "a statement by \(owner(of: claim))", why: "bears a signature that is not over it"
          ))
        continue
      }
      do throws(SetAside) {
        let piece = try Evidence.statement(signature)
        evidence[piece.digest] = piece
      } catch {
        setAside.append(error)
      }
    }
    return (Array(evidence.values), setAside)
  }

  private func owner(of claim: SignatureClaim) -> String {
    owners[claim.key]?.person ?? claim.key.fingerprint
  }
}

/// Statements with the signatures that they came with, none of them verified.
private struct OfferedStatements {
  let owners: KeyOwners
  private(set) var claims: [SignatureClaim] = []
  private(set) var setAside: [SetAside] = []

  init(owners: KeyOwners) {
    self.owners = owners
  }

  mutating func setAside(_ what: String, _ why: String) {
    setAside.append(SetAside(what: what, why: why))
  }

  mutating func take(_ entry: ApprovalEntry, from ref: ApprovalRef) {
    let what = "the file \(entry.name.prefix(12)) of \(owners.name(ofRef: ref))"
    let signature: SSHSignature
    do throws(MalformedSignature) {
      signature = try SSHSignature(armored: entry.signature)
    } catch {
      return setAside(what, "bears a signature that \(error.reason)")
    }
    guard signature.key.identifier == ref.identifier else {
      return setAside(what, "is signed by \(signature.key.fingerprint), whose ref is another")
    }
    guard
      let claim = SignatureClaim(
        key: signature.key, namespace: .approval, message: entry.statement, signature: signature)
    else {
      return setAside(
        what, "bears a signature for \(Visible.text(signature.namespace)), which is no approval")
    }
    claims.append(claim)
  }

  /// Those of rows that were written under another secret.
  mutating func take(_ former: [SignatureClaim]) {
    claims += former.filter { $0.namespace == .approval && owners[$0.key] != nil }
  }
}

extension KeyOwners {
  /// Whose ref it is, as it is told of.
  fileprivate func name(ofRef ref: ApprovalRef) -> String {
    "the ref of \(person(withKeyOf: ref.identifier) ?? String(ref.identifier.prefix(12)))"
  }
}
