// The event with which the log goes on under another secret. It is written under the old key, and
// proves that the holder of the new one wrote it too: a code under the new secret over all the rest
// of the event, the chain before it included. So whoever holds the new secret alone can tell that
// nothing before the rotation was written anew, and an old secret that leaks afterwards is of no
// use.

package import Documents
internal import Signing

/// What a rotation says.
package struct AuditRotation {
  /// The kind of its subject; the key of the subject is the new key.
  static let kind = "audit"
  static let changeClass = "audit.rotated"

  /// The identifier of the new key.
  let key: String
  /// The first event under it.
  let first: Int
  private let proof: [UInt8]
  /// What the proof is of: the event without it.
  private let proven: Digest

  /// Reads an event; nil where it is none, or not whole.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard let body = try? JSONReader.read(Array(bytes), depthMax: Limits.storedDepthMax),
      let after = body["after"], let key = after["key"]?.string,
      let first = after["first"]?.integer,
      let proof = after["proof"]?.string.flatMap(Hexadecimal.bytes),
      body["classes"]?.sequence?.compactMap(\.string) == [Self.changeClass],
      body["subject"]?["key"]?.string == key
    else { return nil }
    (self.key, self.first, self.proof) = (key, first, proof)
    proven = Self.digest(ofUnproven: body)
  }

  func verifies(under key: AuditKey) -> Bool {
    key.identifier == self.key
      && Signing.constantTimeEqual(key.mac(of: proven, as: Self.use), proof)
  }

  private static let use: StaticString = "audit-rotation"

  private static func digest(ofUnproven body: Node) -> Digest {
    var entries = body.mapping?.entries ?? []
    for index in entries.indices where entries[index].key == "after" {
      let fields = entries[index].value.mapping?.entries.filter { $0.key != "proof" } ?? []
      entries[index].value = Node(.mapping(Mapping(fields)))
    }
    return Signing.sha256(CanonicalJSON.bytes(Node(.mapping(Mapping(entries)))))
  }

  /// The record of a rotation behind the end of a chain; the chain goes on under the new key.
  ///
  /// - Precondition: the chain has events, and the keys differ.
  package static func event(
    _ record: AuditRecord, after head: ChainHead, from old: AuditKey, to new: AuditKey
  ) -> AuditEvent {
    precondition(old.identifier != new.identifier, "a key is rotated to another")
    var record = record
    let sequence = head.sequence + 1
    let fields: [(String, Node)] = [
      ("key", .string(new.identifier)), ("first", .integer(sequence + 1)),
    ]
    record.after = .mapping(fields)
    let body = record.body(sequence: sequence, key: old.identifier, previous: head.hash)
    let proof = new.mac(of: digest(ofUnproven: body), as: use)
    record.after = .mapping(fields + [("proof", .string(Hexadecimal.string(proof)))])
    return AuditEvent(record, after: head, key: old)
  }

  /// The record, without what the event adds.
  package static func record(
    to new: AuditKey, workspace: String, at instant: Instant, by login: String, mode: ApprovalMode
  ) -> AuditRecord {
    var record = AuditRecord(
      instant: instant, workspace: workspace, classes: [changeClass],
      subject: (kind, new.identifier), mode: mode)
    record.actor = .operator(login)
    return record
  }
}
