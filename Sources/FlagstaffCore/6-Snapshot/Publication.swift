// The last stage: a scope's state as published bytes. It is a pure projection, so what a crash left
// out is made again from the registry, byte for byte. Payload bytes hold no clock, version or
// commit; those stand in the pointer alone.

internal import Documents
package import Signing

/// Everything that a version puts at the origin below its pointer.
package struct Publication: Sendable {
  /// What servers read.
  package let server: PartLayout
  /// What browsers read; nil where no definition is visible to clients.
  package let client: PartLayout?
  /// What Git does not know.
  package let state: PublishedObject
  /// What flagd's clients read; nil for a version that was published without it.
  package let flagd: FlagdDocument?

  /// - Throws: `MalformedForm` where a registered form is damaged, `SnapshotTooLarge` above the
  ///   limit of 64 MiB a scope.
  package static func project(_ state: ScopeState, flagdSplits: FlagdSplits = .omitted) throws
    -> Publication
  {
    try Publication(state) { FlagdDocument($0, splits: flagdSplits) }
  }

  /// What a version published, made again from its state, with the projections that it recorded.
  package static func project(_ state: ScopeState, recordedBy pointer: Pointer) throws
    -> Publication
  {
    try Publication(state) { FlagdDocument.recorded(by: pointer, of: $0) }
  }

  private init(_ state: ScopeState, flagd: (_ definitions: [Node]) -> FlagdDocument?) throws {
    let forms = PublishedForms(state)
    var published: [(identity: Identity, bytes: [UInt8])] = []
    var definitions: [Node] = []
    for (identity, registered) in state.definitions.sorted(by: { $0.key < $1.key }) {
      guard let form = try forms.form(of: registered) else { continue }
      definitions.append(form)
      published.append((identity, CanonicalJSON.bytes(form)))
    }
    let bytes = published.reduce(0) { $0 + $1.bytes.count }
    guard bytes <= Limits.snapshotBytesMax else {
      throw SnapshotTooLarge(scope: state.scope, bytes: bytes)
    }
    let visible = try Self.visibleToClients(state)
    server = PartLayout(published)
    client = visible.isEmpty ? nil : PartLayout(published.filter { visible.contains($0.identity) })
    self.state = StateDocument.object(of: state)
    self.flagd = flagd(definitions)
  }

  /// Client-visible flags, the experiments that they use, and client-visible flagless experiments.
  private static func visibleToClients(_ state: ScopeState) throws -> Set<Identity> {
    var visible: Set<Identity> = []
    for (identity, registered) in state.definitions
    where registered.definition.form["visibility"]?.string == "client" {
      visible.insert(identity)
      for rule in registered.definition.form["rules"]?.sequence ?? [] {
        if let key = rule["experiment"]?.string { visible.insert(Identity(.experiment, key)) }
      }
    }
    return visible
  }

  /// Documents in foreign formats, by the format's name; each stands at a path of its own and is
  /// replaced by the next version's.
  package var projections: [String: PublishedObject] {
    flagd.map { [FlagdDocument.projection: $0.object] } ?? [:]
  }

  /// The objects in the order in which they are put: parts before the indexes that name them.
  package var objects: [PublishedObject] {
    server.parts + (client?.parts ?? []) + [server.index] + (client.map { [$0.index] } ?? [])
  }
}

extension Publication {
  /// Bytes of all objects together, not compressed.
  package var byteCount: Int {
    (objects + projections.values).reduce(state.bytes.count) { $0 + $1.bytes.count }
  }
}

/// A scope that is larger than what may be published.
package struct SnapshotTooLarge: WorldFailure {
  package let scope: ScopeID
  package let bytes: Int

  package var description: String {
    "the snapshot of \(scope) has \(bytes) bytes; the limit is \(Limits.snapshotBytesMax)."
      + " Remove definitions, or divide the customer"
  }
}

/// Where the objects of a scope stand at an origin, relative to its root.
package enum OriginPath {
  /// The folder of the format's version; environments stand in it, and customers in them.
  package static let version = "v1"

  package static func scope(_ scope: ScopeID) -> String {
    "\(version)/\(scope.environment)/\(scope.customer)"
  }

  package static func pointer(_ scope: ScopeID) -> String { "\(self.scope(scope))/latest.json" }

  /// A document in a foreign format, replaced with each version.
  package static func projection(_ name: String, of scope: ScopeID) -> String {
    "\(self.scope(scope))/\(name).json"
  }

  package static func object(_ digest: Digest, of scope: ScopeID) -> String {
    "\(self.scope(scope))/objects/\(digest.hexadecimal).json"
  }

  package static func state(_ digest: Digest, of scope: ScopeID) -> String {
    "\(self.scope(scope))/state/\(digest.hexadecimal).json"
  }
}
