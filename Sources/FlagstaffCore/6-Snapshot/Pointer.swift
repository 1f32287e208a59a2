// The pointer: the one object of a scope that changes. It is a signed envelope whose payload names
// the version, its commit and instant, and every object by digest and length, so that whoever
// verifies it can verify all the rest. The payload is stored with its version in the registry; a
// repair publishes the same bytes.

package import Documents
internal import Signing

package struct Pointer: Hashable, Sendable {
  package let workspace: String
  package let scope: ScopeID
  package let version: Int
  package let commit: String
  package let issued: Instant
  package let expires: Instant
  package let mode: String
  package let root: Int
  package let index: ObjectReference
  package let clientIndex: ObjectReference?
  package let state: ObjectReference
  /// What the scope is in foreign formats, by the format's name. A version that was published
  /// before a format was known has none of it.
  package let projections: [String: ObjectReference]
  package let checkpoint: Checkpoint

  package static let payloadType = "application/vnd.flagstaff.pointer.v1+json"
  /// How long a pointer may be trusted unless it is signed again: 30 days.
  package static let validSeconds = 30 * 86_400

  /// The pointer of a version that is being applied.
  ///
  /// - Parameter last: the last event of the version's transaction.
  package init(_ applied: AppliedScope, _ publication: Publication, last: AuditEvent) {
    let plan = applied.plan
    workspace = plan.workspace
    scope = plan.scope
    version = applied.state.version
    commit = plan.commit
    issued = plan.instant
    expires = plan.instant.adding(seconds: Self.validSeconds)
    mode = applied.admitted.mode.rawValue
    root = 0
    index = publication.server.index.reference
    clientIndex = publication.client?.index.reference
    state = publication.state.reference
    projections = publication.projections.mapValues(\.reference)
    checkpoint = Checkpoint(sequence: last.sequence, hash: last.hash, time: plan.instant)
  }

  /// Reads a payload whose signature holds; nil for another format or shape.
  package init?(payload: [UInt8]) {
    guard let node = try? JSONReader.read(payload), node["format"]?.integer == 1,
      let workspace = node["workspace"]?.string,
      let environment = node["environment"]?.string, let customer = node["customer"]?.string,
      let version = node["version"]?.integer, version > 0, let commit = node["commit"]?.string,
      let issued = node["issued"]?.string.flatMap(Instant.init),
      let expires = node["expires"]?.string.flatMap(Instant.init),
      let mode = node["mode"]?.string, let root = node["root"]?.integer,
      let index = ObjectReference(node["index"]), let state = ObjectReference(node["state"]),
      let projections = Self.projections(node["projections"]),
      let checkpoint = Checkpoint(node["checkpoint"])
    else { return nil }
    self.workspace = workspace
    scope = ScopeID(environment: environment, customer: customer)
    self.version = version
    self.commit = commit
    self.issued = issued
    self.expires = expires
    self.mode = mode
    self.root = root
    self.index = index
    clientIndex = ObjectReference(node["clientIndex"])
    self.state = state
    self.projections = projections
    self.checkpoint = checkpoint
  }

  /// The canonical bytes that are stored and signed.
  package var payload: [UInt8] {
    CanonicalJSON.bytes(
      .fields([
        "format": .integer(1), "workspace": .string(workspace),
        "environment": .string(scope.environment), "customer": .string(scope.customer),
        "version": .integer(version), "commit": .string(commit),
        "issued": .string(issued.description), "expires": .string(expires.description),
        "mode": .string(mode), "root": .integer(root), "index": index.node,
        "clientIndex": clientIndex?.node, "state": state.node,
        "projections": .mapping(projections.map { ($0.key, $0.value.node) }),
        "checkpoint": checkpoint.node,
      ]))
  }

  private static func projections(_ node: Node?) -> [String: ObjectReference]? {
    guard let entries = node?.mapping?.entries else { return nil }
    var projections: [String: ObjectReference] = [:]
    for entry in entries {
      guard let reference = ObjectReference(entry.value) else { return nil }
      projections[entry.key] = reference
    }
    return projections
  }

  /// A pointer replaces another only where (version, issued) is greater.
  package func isNewer(than other: Pointer) -> Bool {
    (version, issued) > (other.version, other.issued)
  }
}
