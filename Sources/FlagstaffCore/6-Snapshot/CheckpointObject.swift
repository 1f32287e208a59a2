// The end of the audit chain as an object at every origin, signed, and never changed once it is
// there. Pointers carry a checkpoint too, but the next version replaces them; what was told here
// stays told, so that a log that is written anew contradicts it for ever.

internal import Documents
package import Signing

/// `v1/audit/<sequence>.json`, and what it says.
package struct CheckpointObject: Hashable, Sendable {
  package let workspace: String
  package let checkpoint: Checkpoint

  package static let payloadType = "application/vnd.flagstaff.checkpoint.v1+json"

  /// The checkpoint of an event. Its time is the event's, so that every controller makes the same
  /// bytes.
  ///
  /// - Returns: nil where the bytes are no event.
  package init?(of event: AuditEvent) {
    guard let body = try? JSONReader.read(event.bytes, depthMax: Limits.storedDepthMax),
      let workspace = body["workspace"]?.string,
      let time = body["instant"]?.string.flatMap(Instant.init)
    else { return nil }
    self.workspace = workspace
    checkpoint = Checkpoint(sequence: event.sequence, hash: event.hash, time: time)
  }

  /// Reads a payload whose signature holds; nil for another format or shape.
  package init?(payload: [UInt8]) {
    guard let node = try? JSONReader.read(payload), node["format"]?.integer == 1,
      let workspace = node["workspace"]?.string, let checkpoint = Checkpoint(node)
    else { return nil }
    (self.workspace, self.checkpoint) = (workspace, checkpoint)
  }

  /// The canonical bytes that are signed.
  package var payload: [UInt8] {
    CanonicalJSON.bytes(
      .fields([
        "format": .integer(1), "workspace": .string(workspace),
        "sequence": .integer(checkpoint.sequence),
        "hash": .string(checkpoint.hash.hexadecimal),
        "time": .string(checkpoint.time.description),
      ]))
  }

  package func sealed(with key: PrivateKey) throws(SigningError) -> [UInt8] {
    try DSSE.sealed(payload, type: Self.payloadType, key: key)
  }
}

extension OriginPath {
  /// The folder of checkpoint objects; no environment has its name.
  package static let checkpoints = "\(version)/audit"

  package static func checkpoint(_ sequence: Int) -> String {
    "\(checkpoints)/\(sequence).json"
  }
}
