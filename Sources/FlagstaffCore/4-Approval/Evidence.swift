// A verified signature and what it covers. Whoever judges takes its word that the signature is one:
// whether the key is a member's, at which instants, and whether it is enough, is judged anew in
// every pass. It is made of what ssh-keygen verified, or read back under the installation's own
// secret, and in no other way; its bytes are kept, so that an auditor can verify them again.

package import Documents
package import SSHSignatures
package import Signing

package struct Evidence: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case statement
    /// A signed merge on the first-parent line.
    case merge
    /// `Approved-by:` in a merge that a bot signed.
    case trailer
    case breakGlass = "break-glass"
    case withdrawal
    case acceptHistory = "accept-history"
  }

  package let kind: Kind
  /// The key that signed.
  package let key: SSHPublicKey
  /// Of a trailer, the people whom it names; for every other kind the key tells who it is.
  package let people: [String]
  /// What is stored: the signed bytes, the signature, and what follows from Git (BYTES,
  /// *Evidence*).
  package let document: [UInt8]
  /// Of the document: how events and withdrawals name it.
  package let digest: Digest
  package let covers: [Subject]
  /// What was signed, where that is a statement.
  package let statement: Statement?
  /// The commit that is the evidence; nil for a statement.
  package let commit: String?

  private init(_ parts: EvidenceParts) throws(SetAside) {
    kind = parts.kind
    key = parts.signature.key
    people = parts.people
    commit = parts.commit
    if parts.namespace == .approval {
      let read: Statement
      do throws(MalformedStatement) {
        read = try Statement(parts.message)
      } catch {
        throw SetAside(what: "the statement", why: error.reason)
      }
      guard read.kind == kind, parts.covers.isEmpty, people.isEmpty, commit == nil else {
        throw SetAside(what: "the statement", why: "is kept as something else than it says")
      }
      statement = read
      covers = read.approval?.subjects ?? []
    } else {
      guard [.merge, .trailer].contains(kind), commit != nil,
        (kind == .trailer) == !people.isEmpty
      else { throw SetAside(what: "the commit", why: "is kept as something else than it is") }
      statement = nil
      covers = parts.covers
    }
    document = CanonicalJSON.bytes(parts.node)
    digest = Signing.sha256(Signing.tag("evidence") + document)
  }
}

// MARK: - From verified signatures

extension Evidence {
  /// A statement of any type.
  ///
  /// - Throws: `SetAside` where what was signed is no statement.
  package static func statement(_ verified: VerifiedSignature) throws(SetAside) -> Evidence {
    let claim = verified.claim
    guard claim.namespace == .approval, let statement = try? Statement(claim.message) else {
      throw SetAside(what: "the statement", why: "is not the canonical bytes of a statement")
    }
    return try Evidence(EvidenceParts(kind: statement.kind, claim))
  }

  /// A signed merge, with what it changes in a scope or in trust against its first parent.
  package static func merge(
    _ verified: VerifiedSignature, commit: String, covers: [Subject]
  ) throws(SetAside) -> Evidence {
    var parts = EvidenceParts(kind: .merge, verified.claim)
    (parts.commit, parts.covers) = (commit, covers)
    return try Evidence(parts)
  }

  /// The people whom a merge names in its trailers, which a bot signed.
  ///
  /// - Parameter people: keys of people, at least one.
  package static func trailer(
    _ verified: VerifiedSignature, commit: String, people: Set<String>, covers: [Subject]
  ) throws(SetAside) -> Evidence {
    var parts = EvidenceParts(kind: .trailer, verified.claim)
    (parts.commit, parts.covers) = (commit, covers)
    parts.people = people.sorted { $0.precedesInBytes($1) }
    return try Evidence(parts)
  }
}

extension Evidence {
  /// The digest that a statement's evidence has, or would have if its signature were true.
  ///
  /// - Throws: `SetAside` where what was signed is no statement.
  package static func digest(ofStatement claim: SignatureClaim) throws(SetAside) -> Digest {
    let statement: Statement
    do throws(MalformedStatement) {
      statement = try Statement(claim.message)
    } catch {
      throw SetAside(what: "the statement", why: error.reason)
    }
    return try Evidence(EvidenceParts(kind: statement.kind, claim)).digest
  }
}

// MARK: - From what is stored

extension Evidence {
  /// HMAC-SHA256(secret, tag(`evidence-mac`) + digest): what stands beside the document.
  package func mac(_ key: AuditKey) -> [UInt8] { key.mac(of: digest, as: "evidence-mac") }

  /// Reads back what this installation verified and stored.
  ///
  /// - Throws: `SetAside` where the code is not by this secret, or the document is not one that
  ///   this program wrote.
  package static func stored(
    _ document: [UInt8], mac: [UInt8], key: AuditKey
  ) throws(SetAside) -> Evidence {
    let digest = Signing.sha256(Signing.tag("evidence") + document)
    let what = "the stored evidence \(digest.hexadecimal.prefix(12))"
    guard Signing.constantTimeEqual(mac, key.mac(of: digest, as: "evidence-mac")) else {
      throw SetAside(what: what, why: "was changed in the registry by hand")
    }
    return try Evidence(document, what)
  }

  /// Reads back what is stored by what ssh-keygen says of it now: for auditors, who take nobody's
  /// word, and may have no secret.
  ///
  /// - Throws: `SetAside` where another signature was verified, or the document is not one that
  ///   this program wrote.
  package static func stored(
    _ document: [UInt8], _ verified: VerifiedSignature
  ) throws(SetAside) -> Evidence {
    let digest = Signing.sha256(Signing.tag("evidence") + document)
    let what = "the stored evidence \(digest.hexadecimal.prefix(12))"
    guard claim(in: document)?.digest == verified.claim.digest else {
      throw SetAside(what: what, why: "bears another signature than the one that was verified")
    }
    return try Evidence(document, what)
  }

  private init(_ document: [UInt8], _ what: String) throws(SetAside) {
    guard let parts = EvidenceParts(document) else {
      throw SetAside(what: what, why: "is of a form that this program does not know")
    }
    self = try Evidence(parts)
    guard self.document == document else {
      throw SetAside(what: what, why: "is of a form that this program does not know")
    }
  }

  /// The signature in a document, to be verified again: by an auditor, or where the registry's word
  /// is not enough. Nil where it is none.
  package static func claim(in document: [UInt8]) -> SignatureClaim? {
    EvidenceParts(document).flatMap { parts in
      SignatureClaim(
        key: parts.signature.key, namespace: parts.namespace, message: parts.message,
        signature: parts.signature)
    }
  }
}

// MARK: - What a statement says

extension Evidence {
  /// What a statement says beside its subjects.
  package struct Bounds: Hashable, Sendable {
    /// As stored bytes spell them; those of trust too.
    package let classes: Set<String>
    /// The greatest share of users that it allows to move, in buckets, 0 to 10,000.
    package let blastRadius: Int
    package let issued: Instant
    /// The first instant at which it counts no more.
    package let expires: Instant
  }

  /// Nil where the evidence is a commit, which says its effect and nothing else, or approves
  /// nothing.
  package var bounds: Bounds? {
    guard let statement, let approval = statement.approval, let expires = statement.expires else {
      return nil
    }
    return Bounds(
      classes: Set(approval.classes), blastRadius: approval.blastRadius,
      issued: statement.issued, expires: expires)
  }
}

extension Statement {
  /// As what kind of evidence it is kept.
  package var kind: Evidence.Kind {
    switch content {
    case .approval: .statement
    case .breakGlass: .breakGlass
    case .withdrawal: .withdrawal
    case .acceptHistory: .acceptHistory
    }
  }

  /// What it approves; nil where it approves nothing.
  package var approval: Approval? {
    switch content {
    case .approval(let approval), .breakGlass(let approval, _): approval
    case .withdrawal, .acceptHistory: nil
    }
  }
}
