// Every signature is verified once a process: what ssh-keygen said of a claim, which names the key,
// the use, the message and the signature, stays true. Whether it counts is another question, asked
// anew in each pass.

package import SSHSignatures
package import Signing

/// ssh-keygen, and what it has said already.
package actor SignatureVerifier {
  private let keygen: SSHKeygen
  private var memory = SignatureMemory()

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
    for claim in claims where memory.isNew(claim) { unknown[claim.digest] = claim }
    let new = Array(unknown.values)
    memory.take(try await keygen.verified(new), of: new)
    var result: [Digest: VerifiedSignature] = [:]
    for claim in claims { result[claim.digest] = memory[claim] }
    return result
  }
}
