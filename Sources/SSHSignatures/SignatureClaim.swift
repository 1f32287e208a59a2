// A signature that says of itself who made it, and the message that it is said to be over. Nothing
// of it is proved; `SSHKeygen` makes a `VerifiedSignature` of it, or does not.

internal import Documents
package import Signing

/// What signatures are for. A signature for one use says nothing in another.
package enum SignatureNamespace: String, Hashable, Sendable, CaseIterable {
  /// Statements of Flagstaff: approvals, withdrawals, accepted histories.
  case approval = "flagstaff-approval"
  /// What Git signs: commits.
  case git
}

package struct SignatureClaim: Hashable, Sendable {
  package let key: SSHPublicKey
  package let namespace: SignatureNamespace
  package let message: [UInt8]
  package let signature: SSHSignature
  /// Names this claim among others: of the key, the namespace, the message and the signature.
  package let digest: Digest

  /// - Returns: nil unless the signature says that it is by this key and for this use.
  package init?(
    key: SSHPublicKey, namespace: SignatureNamespace, message: [UInt8], signature: SSHSignature
  ) {
    guard signature.key == key, signature.namespace.hasSameBytes(as: namespace.rawValue) else {
      return nil
    }
    self.key = key
    self.namespace = namespace
    self.message = message
    self.signature = signature
    // The signature's blob holds key and namespace.
    digest = Signing.sha256(
      Signing.tag("claim") + Signing.sha256(message).bytes + Signing.sha256(signature.blob).bytes)
  }
}
