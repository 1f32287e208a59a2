// Evidence on its way into the registry and out of it. What comes out is believed only as far as
// its code goes; a row that somebody edited, or that was written under another secret, is handed on
// as such, since it can be verified anew from what it holds.

package import Documents
package import FlagstaffCore
internal import SSHSignatures
package import Signing

/// What the registry holds of evidence.
package struct StoredEvidence: Sendable {
  /// What was read back under the secret, in the order in which it was accepted.
  package let evidence: [Evidence]
  /// The documents of rows written under another secret, before a rotation.
  package let former: [[UInt8]]
  /// Rows that do not count, with the reason.
  package let setAside: [SetAside]
}

/// A document of the registry with the code beside it, as somebody reads it who believes neither.
package struct SealedRow: Sendable {
  package let document: [UInt8]
  package let mac: [UInt8]
  /// The identifier of the key of the code.
  package let key: String

  init(_ row: Row) throws {
    document = try row.bytes("document")
    mac = try row.bytes("mac")
    key = try row.string("key_id")
  }
}

extension PostgresTransaction {
  /// All evidence that may still count at an instant: what has not ended, and what does not end.
  package borrowing func evidence(at instant: Instant, key: AuditKey) throws -> StoredEvidence {
    let rows = try run(
      """
      SELECT document, mac, key_id FROM approvals
      WHERE expires IS NULL OR expires > \(instant) ORDER BY accepted, digest
      """)
    return try Self.read(rows, key)
  }

  /// Rows of evidence by their digests, ended or not, as they are.
  package borrowing func evidenceRows(_ digests: Set<Digest>) throws -> [Digest: SealedRow] {
    let rows = try run(
      """
      SELECT encode(digest, 'hex') AS digest, document, mac, key_id FROM approvals
      WHERE digest = ANY(ARRAY(SELECT decode(d, 'hex') FROM
        unnest(\(digests.map(\.hexadecimal))::text[]) AS d))
      """)
    var found: [Digest: SealedRow] = [:]
    for row in rows {
      guard let digest = Digest(hexadecimal: try row.string("digest")) else { continue }
      found[digest] = try SealedRow(row)
    }
    return found
  }

  private static func read(_ rows: Rows, _ key: AuditKey) throws -> StoredEvidence {
    var evidence: [Evidence] = []
    var former: [[UInt8]] = []
    var setAside: [SetAside] = []
    for row in rows {
      let document = try row.bytes("document")
      guard try row.string("key_id") == key.identifier else {
        former.append(document)
        continue
      }
      let mac = try row.bytes("mac")
      do throws(SetAside) {
        evidence.append(try Evidence.stored(document, mac: mac, key: key))
      } catch {
        setAside.append(error)
      }
    }
    return StoredEvidence(evidence: evidence, former: former, setAside: setAside)
  }

  /// Keeps evidence: what was gathered, and, in the transaction of a change, what it was let
  /// through by. What is there already stays as it is; under another secret than before, its code
  /// is made anew.
  package borrowing func keep(
    _ evidence: [Evidence], acceptedAt instant: Instant, key: AuditKey
  ) throws {
    if evidence.isEmpty { return }
    let kept = try run(
      """
      SELECT encode(digest, 'hex') AS digest FROM approvals
      WHERE digest = ANY(ARRAY(SELECT decode(d, 'hex') FROM
        unnest(\(evidence.map(\.digest.hexadecimal))::text[]) AS d))
        AND key_id = \(key.identifier)
      """)
    let known = Set(try kept.map { try $0.string("digest") })
    let new = evidence.filter { !known.contains($0.digest.hexadecimal) }
    for piece in new.sorted(by: { $0.digest.hexadecimal < $1.digest.hexadecimal }) {
      try run(
        """
        INSERT INTO approvals
          (digest, kind, signer, document, issued, expires, accepted, mac, key_id)
        VALUES (\(piece.digest.bytes), \(piece.kind.rawValue), \(piece.key.identifier),
          \(piece.document), \(piece.statement?.issued ?? instant), \(piece.statement?.expires),
          \(instant), \(piece.mac(key)), \(key.identifier))
        ON CONFLICT (digest) DO UPDATE SET mac = EXCLUDED.mac, key_id = EXCLUDED.key_id
          WHERE approvals.key_id <> EXCLUDED.key_id
        """)
    }
  }
}
