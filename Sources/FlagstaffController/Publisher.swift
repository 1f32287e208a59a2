// Brings an origin to what the registry says, whatever is there: level-triggered, so it does not
// matter whether a version is new, or a crash left it out, or somebody deleted it. Parts go first,
// then indexes and state, and the pointer last, so that whoever follows the pointer finds
// everything that it names.

internal import Documents
package import FlagstaffCore
package import Origins
package import PostgresRegistry
package import Signing

package struct Publisher: Sendable {
  package let origin: DirectoryOrigin
  private let key: PrivateKey
  private let failpoints: Failpoints

  package init(directory: String, key: PrivateKey, failpoints: Failpoints) {
    origin = DirectoryOrigin(path: directory) { failpoints.hit($0) }
    self.key = key
    self.failpoints = failpoints
  }

  /// The pointer at the origin; nil where there is none.
  ///
  /// - Throws: `ControllerError.foreignPointer` where it is not signed by our key.
  package func pointer(of scope: ScopeID) throws -> Pointer? {
    try origin.read(OriginPath.pointer(scope)).map { try verified($0, of: scope) }
  }

  private func verified(_ bytes: [UInt8], of scope: ScopeID) throws -> Pointer {
    // What no key ever signed is damage, and no other key will help.
    let isEnvelope = (try? JSONReader.read(bytes))?["signatures"]?.sequence != nil
    let remedy =
      isEnvelope
      ? "Give the key that it was signed with as FLAGSTAFF_SIGNING_KEY, or publish to another"
        + " origin"
      : "Remove the file \(OriginPath.pointer(scope)): the next pass puts it back"
    func foreign(_ reason: String) -> ControllerError {
      ControllerError(
        .foreignPointer, operation: "reading the pointer of \(scope) at \(origin.path)",
        reason: "\(reason). \(remedy)")
    }
    let opened: DSSE.Opened
    do {
      opened = try DSSE.opened(bytes, type: Pointer.payloadType, keys: [key.publicKey])
    } catch {
      throw foreign("\(error.reason); our key is \(key.publicKey.identifier)")
    }
    guard let pointer = Pointer(payload: opened.payload), pointer.scope == scope else {
      throw foreign("it is not the pointer of this scope, or of a newer format")
    }
    return pointer
  }

  /// Every pointer at the origin.
  ///
  /// - Throws: `ControllerError.foreignPointer` where one is not signed by our key.
  package func pointers() throws -> [Pointer] {
    try origin.publishedScopes().compactMap { try pointer(of: $0) }
  }

  /// Refuses an origin that has what the registry does not know: then the database was lost or
  /// restored, and applying anything would lead two histories under the same version numbers. The
  /// same version with another payload is such a second history already.
  ///
  /// - Parameters:
  ///   - pointers: of the origin, read before the heads were: another controller commits before it
  ///     publishes, so what it publishes meanwhile is no lost history.
  package func requireNotAhead(_ pointers: [Pointer], of heads: [ScopeID: ScopeHead]) throws {
    let operation = "comparing the registry with the origin \(origin.path)"
    for pointer in pointers {
      let head = heads[pointer.scope]
      let version = head?.version ?? 0
      if pointer.version > version {
        throw ControllerError(
          .originAhead, operation: operation,
          reason: "the origin has version \(pointer.version) of \(pointer.scope), the registry"
            + " version \(version): the database was lost, restored or is another one. Restore the"
            + " database, or publish to another origin")
      }
      if let head, pointer.version == version, pointer.payload != head.payload {
        throw ControllerError(
          .originAhead, operation: operation,
          reason: "the origin has another history: its version \(version) of \(pointer.scope) is"
            + " of commit \(pointer.commit.prefix(12)), the registry's of"
            + " \(head.commit.prefix(12)). Restore the database that published there, or publish"
            + " to another origin")
      }
    }
  }

  /// Whether the origin has exactly the head's pointer and everything that it names.
  package func isCurrent(_ head: ScopeHead) throws -> Bool {
    guard try hasPointer(of: head), let pointer = Pointer(payload: head.payload) else {
      return false
    }
    for index in [pointer.index, pointer.clientIndex].compactMap(\.self) {
      let bytes = try origin.read(OriginPath.object(index.digest, of: head.scope))
      guard let bytes, Signing.sha256(bytes) == index.digest else { return false }
    }
    for (name, reference) in pointer.projections {
      let bytes = try origin.read(OriginPath.projection(name, of: head.scope))
      guard let bytes, Signing.sha256(bytes) == reference.digest else { return false }
    }
    return try objectPaths(of: head).allSatisfy(origin.exists)
  }

  /// The paths of everything that the head's pointer names; the parts of an index that is missing
  /// are not known.
  package func objectPaths(of head: ScopeHead) throws -> [String] {
    guard let pointer = Pointer(payload: head.payload) else { return [] }
    var paths = [OriginPath.state(pointer.state.digest, of: head.scope)]
    paths += pointer.projections.keys.map { OriginPath.projection($0, of: head.scope) }
    for index in [pointer.index, pointer.clientIndex].compactMap(\.self) {
      let path = OriginPath.object(index.digest, of: head.scope)
      paths.append(path)
      guard let bytes = try origin.read(path) else { continue }
      for part in try PartLayout.parts(ofIndex: bytes) {
        paths.append(OriginPath.object(part.digest, of: head.scope))
      }
    }
    return paths
  }

  /// Whether the origin has exactly the head's pointer: what a pass with nothing new compares.
  package func hasPointer(of head: ScopeHead) throws -> Bool {
    try origin.read(OriginPath.pointer(head.scope)) == sealed(head)
  }

  private func sealed(_ head: ScopeHead) throws -> [UInt8] {
    try DSSE.sealed(head.payload, type: Pointer.payloadType, key: key)
  }

  var publicKey: PublicKey { key.publicKey }

  func sealed(_ pointer: TrustPointer) throws -> [UInt8] {
    try DSSE.sealed(pointer.payload, type: TrustPointer.payloadType, key: key)
  }

  func sealed(_ object: CheckpointObject) throws -> [UInt8] { try object.sealed(with: key) }

  /// Puts a version's objects and projections and moves the pointer, unless the origin is further
  /// already.
  package func publish(_ head: ScopeHead, _ publication: Publication) throws {
    let scope = head.scope
    guard let pointer = Pointer(payload: head.payload),
      pointer.index == publication.server.index.reference,
      pointer.clientIndex == publication.client?.index.reference,
      pointer.state == publication.state.reference,
      pointer.projections == publication.projections.mapValues(\.reference)
    else {
      throw ControllerError(
        .projectionDiffers, operation: "publishing \(scope)",
        reason: "what the registry holds is not what version \(head.version) recorded: a row was"
          + " edited by hand, or this program projects differently. Restore the registry's rows")
    }
    failpoints.hit("publish.begun")
    try origin.putObjects(
      publication.objects.map { (OriginPath.object($0.digest, of: scope), $0.bytes) }
        + [(OriginPath.state(publication.state.digest, of: scope), publication.state.bytes)])
    failpoints.hit("publish.objects.put")
    let projections = publication.projections.sorted { $0.key < $1.key }.map {
      (path: OriginPath.projection($0.key, of: scope), bytes: $0.value.bytes)
    }
    _ = try origin.replacePointer(
      at: OriginPath.pointer(scope), with: try sealed(head), projections: projections
    ) { present in
      guard let present else { return true }
      return pointer.isNewer(than: try verified(present, of: scope))
    }
    failpoints.hit("publish.pointer.moved")
  }
}
