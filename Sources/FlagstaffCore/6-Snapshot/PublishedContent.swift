// What a version publishes, by digests alone: the last event of the version names it, so that the
// log vouches for every byte at an origin, and no row has to be believed. A pointer says the same
// with lengths and with what else a reader needs.

package import Documents
package import Signing

package struct PublishedContent: Hashable, Sendable {
  package let index: Digest
  package let clientIndex: Digest?
  package let state: Digest
  /// By the format's name.
  package let projections: [String: Digest]

  package init(_ publication: Publication) {
    index = publication.server.index.reference.digest
    clientIndex = publication.client?.index.reference.digest
    state = publication.state.reference.digest
    projections = publication.projections.mapValues(\.reference.digest)
  }

  package init(_ pointer: Pointer) {
    index = pointer.index.digest
    clientIndex = pointer.clientIndex?.digest
    state = pointer.state.digest
    projections = pointer.projections.mapValues(\.digest)
  }

  /// `{index,clientIndex?,state,projections}` (BYTES, *Audit event*).
  package var node: Node {
    .fields([
      "index": .string(index.hexadecimal),
      "clientIndex": clientIndex.map { .string($0.hexadecimal) },
      "state": .string(state.hexadecimal),
      "projections": .mapping(projections.map { ($0.key, .string($0.value.hexadecimal)) }),
    ])
  }

  /// Whether an event says so. One that says nothing was written before events did.
  package func isTold(by event: Node) -> Bool {
    event["published"].map { CanonicalJSON.bytes($0) == CanonicalJSON.bytes(node) } ?? true
  }
}
