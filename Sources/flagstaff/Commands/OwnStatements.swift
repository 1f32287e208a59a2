// The statements in the refs of a clone, of which a signer takes one back. Nobody's word but the
// signer's own withdraws anything, so others' are told of and not signed about.

internal import Documents
internal import FlagstaffCore
internal import GitSource
internal import SSHSignatures
internal import Signing

/// An approval in a ref of this clone.
private struct OwnStatement {
  let digest: Digest
  let key: SSHPublicKey
  /// How it is told of.
  let told: String

  /// - Returns: nil for what approves nothing.
  init?(_ claim: SignatureClaim) {
    guard let digest = try? Evidence.digest(ofStatement: claim),
      let statement = try? Statement(claim.message), let approval = statement.approval
    else { return nil }
    self.digest = digest
    key = claim.key
    let keys = approval.subjects.map(\.key).joined(separator: ", ")
    told = "\(digest.hexadecimal.prefix(12)), issued \(statement.issued): \(keys)"
  }
}

extension Signer {
  /// The signer's own evidence whose digest begins with some digits, and how it is told of.
  ///
  /// - Parameter trust: to tell whose key is whose; nil where that is not known.
  /// - Returns: nil where it was withdrawn already.
  func ownEvidence(named name: String, trust: Trust?) async throws -> (Digest, String)? {
    let claims = try await claims()
    let known = claims.compactMap { OwnStatement($0) }
    let found = known.filter { $0.digest.hexadecimal.hasPrefix(name) }
    guard let only = found.first, found.count == 1, name.utf8.count >= 8 else {
      // Where nothing begins so, everything is told that could be meant.
      let lines = (found.isEmpty ? known : found).map(\.told).sorted().joined(separator: "\n  ")
      throw UsageError(
        "\(Visible.text(name)) names no single statement; give at least eight of its digits."
          + (lines.isEmpty ? "" : " There are:\n  \(lines)"))
    }
    let owners = trust.map { KeyOwners(judging: $0, newest: $0, at: .now) }
    func isSigner(_ key: SSHPublicKey) -> Bool {
      key == only.key || owners?.areOnePerson(key, only.key) == true
    }
    if let own = try publicKey(), !isSigner(own) {
      let signer = owners?[only.key]?.person ?? only.key.fingerprint
      throw UsageError(
        "The statement \(only.digest.hexadecimal.prefix(12)) is by \(Visible.text(signer)); only"
          + " its signer can withdraw it.")
    }
    let withdrawals = claims.filter { claim in
      guard case .withdrawal(let digest) = try? Statement(claim.message).content else {
        return false
      }
      return digest == only.digest && isSigner(claim.key)
    }
    let isWithdrawn = try await !SSHKeygen(environment: Variables.all).verified(withdrawals).isEmpty
    return isWithdrawn ? nil : (only.digest, only.told)
  }

  /// What the refs say that is signed, none of it verified.
  private func claims() async throws -> [SignatureClaim] {
    var claims: [SignatureClaim] = []
    for ref in try await worker.approvalRefs() {
      for (_, entries) in try await worker.approvals(of: [ref.identifier]) {
        claims += entries.entries.compactMap { entry in
          guard let signature = try? SSHSignature(armored: entry.signature) else { return nil }
          return SignatureClaim(
            key: signature.key, namespace: .approval, message: entry.statement,
            signature: signature)
        }
      }
    }
    return claims
  }
}
