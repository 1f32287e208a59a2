// Every signature is verified once a process: what ssh-keygen said of a claim, which names the key,
// the use, the message and the signature, stays true. Whether it counts is another question, asked
// anew in each pass.

package import SSHSignatures
package import Signing

/// ssh-keygen, and what it has said already.
package actor SignatureVerifier {
  private let keygen: SSHKeygen
  private var verified: [Digest: VerifiedSignature] = [:]
  private var refuted: Set<Digest> = []

  package init(_ keygen: SSHKeygen) {
    self.keygen = keygen
  }

  /// Those of some claims that are true, by their digests.
  ///
  /// - Throws: `SSHKeygenError`, after which nothing is known of claims that were not known before.
  package func verified(
    _ claims: [SignatureClaim]
  ) async throws(SSHKeygenError) -> [Digest: VerifiedSignature] {
    var unknown: [Digest: SignatureClaim] = [:]
    for claim in claims where verified[claim.digest] == nil && !refuted.contains(claim.digest) {
      unknown[claim.digest] = claim
    }
    let new = try await keygen.verified(Array(unknown.values))
    verified.merge(new) { first, _ in first }
    refuted.formUnion(unknown.keys.filter { new[$0] == nil })
    var result: [Digest: VerifiedSignature] = [:]
    for claim in claims { result[claim.digest] = verified[claim.digest] }
    return result
  }
}
