// A point of the chain that was told to the outside: in a pointer, or as an object of its own.
// Whoever keeps one can tell, with the database in anybody's hands, whether the log still leads
// through it.

package import Documents
package import Signing

/// A point of the chain that was told to the outside: in a pointer, or as an object of its own.
package struct Checkpoint: Hashable, Sendable {
  package let sequence: Int
  package let hash: Digest
  package let time: Instant

  package init(sequence: Int, hash: Digest, time: Instant) {
    self.sequence = sequence
    self.hash = hash
    self.time = time
  }

  package var node: Node {
    .fields([
      "sequence": .integer(sequence), "hash": .string(hash.hexadecimal),
      "time": .string(time.description),
    ])
  }

  /// Reads `{sequence,hash,time}`; nil where it is anything else.
  package init?(_ node: Node?) {
    guard let sequence = node?["sequence"]?.integer,
      let hash = node?["hash"]?.string.flatMap({ Digest(hexadecimal: $0) }),
      let time = node?["time"]?.string.flatMap(Instant.init)
    else { return nil }
    self.init(sequence: sequence, hash: hash, time: time)
  }
}
