// A published scope as somebody outside sees it: files, and a public key. Nothing is believed that
// is not signed or named by a digest that is. `flagstaff evaluate` answers from it, and `flagstaff
// snapshot verify` reports what is wrong with it.

package import Documents
package import FlagstaffCore
package import FlagstaffEvaluation
package import Origins
package import Signing

package struct PublishedScope: Sendable {
  package let pointer: Pointer
  /// Objects below the pointer, parts and indexes, by digest.
  package let objects: [Digest: [UInt8]]
  /// The identifier of the key that signed.
  package let keyIdentifier: String

  /// Reads and verifies a scope.
  ///
  /// - Throws: `PublishedScopeFailure` with everything that is wrong, `OriginError` where the
  ///   origin cannot be read.
  package static func read(
    _ scope: ScopeID, at origin: DirectoryOrigin, keys: [PublicKey]
  ) throws -> PublishedScope {
    let (pointer, keyIdentifier) = try pointer(
      in: try origin.read(OriginPath.pointer(scope)), of: scope, at: origin, keys: keys)
    var reading = ObjectReading(scope: scope, origin: origin)
    try reading.readIndex(pointer.index, named: "index")
    if let client = pointer.clientIndex { try reading.readIndex(client, named: "client index") }
    _ = try reading.read(
      pointer.state, at: OriginPath.state(pointer.state.digest, of: scope), named: "state")
    guard reading.problems.isEmpty else {
      throw PublishedScopeFailure(scope: scope, problems: reading.problems)
    }
    return PublishedScope(
      pointer: pointer, objects: reading.objects, keyIdentifier: keyIdentifier)
  }

  /// The pointer of a scope, and the identifier of the key that signed it.
  ///
  /// - Parameter envelope: what stands at the pointer's path; nil where nothing does.
  /// - Throws: `PublishedScopeFailure` where it is missing or not signed by one of the keys.
  static func pointer(
    in envelope: [UInt8]?, of scope: ScopeID, at origin: any ReadableOrigin, keys: [PublicKey]
  ) throws -> (pointer: Pointer, keyIdentifier: String) {
    func failure(_ problem: String) -> PublishedScopeFailure {
      PublishedScopeFailure(scope: scope, problems: [problem])
    }
    guard let envelope else {
      throw failure("there is no \(OriginPath.pointer(scope)) at \(origin.name)")
    }
    let opened: DSSE.Opened
    do {
      opened = try DSSE.opened(envelope, type: Pointer.payloadType, keys: keys)
    } catch {
      throw failure("latest.json: \(error.reason)")
    }
    guard let pointer = Pointer(payload: opened.payload) else {
      throw failure("latest.json: its payload is no pointer of format 1")
    }
    guard pointer.scope == scope else {
      throw failure("latest.json: it is the pointer of \(pointer.scope)")
    }
    return (pointer, opened.keyIdentifier)
  }

  /// The bytes of the state that a pointer names.
  ///
  /// - Throws: `PublishedScopeFailure` where they are missing or others; `OriginError`.
  static func state(
    of pointer: Pointer, at origin: any ReadableOrigin
  ) async throws -> [UInt8] {
    let path = OriginPath.state(pointer.state.digest, of: pointer.scope)
    let bytes = try await origin.read(path)
    guard let bytes else {
      throw PublishedScopeFailure(
        scope: pointer.scope, problems: ["state: \(path) is missing"])
    }
    if let problem = pointer.state.problem(of: bytes, at: path) {
      throw PublishedScopeFailure(scope: pointer.scope, problems: ["state: \(problem)"])
    }
    return bytes
  }

  /// What servers evaluated at a version that the registry recorded: its index and parts, which
  /// never change once they are at an origin.
  ///
  /// - Throws: `PublishedScopeFailure` where an object is missing there, or not what was recorded.
  package static func snapshot(of pointer: Pointer, at origin: DirectoryOrigin) throws -> Snapshot {
    var reading = ObjectReading(scope: pointer.scope, origin: origin)
    try reading.readIndex(pointer.index, named: "index")
    guard reading.problems.isEmpty else {
      throw PublishedScopeFailure(scope: pointer.scope, problems: reading.problems)
    }
    return try PublishedScope(pointer: pointer, objects: reading.objects, keyIdentifier: "")
      .snapshot()
  }

  /// What is wrong with the scope's documents in foreign formats. They stand at paths of their own,
  /// so while a new version is being published one may be newer than the pointer; nothing that is
  /// read through the pointer depends on them.
  package func projectionProblems(at origin: DirectoryOrigin) throws -> [String] {
    var reading = ObjectReading(scope: pointer.scope, origin: origin)
    for (name, reference) in pointer.projections.sorted(by: { $0.key < $1.key }) {
      let path = OriginPath.projection(name, of: pointer.scope)
      _ = try reading.read(reference, at: path, named: "\(name).json")
    }
    return reading.problems
  }

  /// The published forms of all definitions.
  package func definitions() throws -> [Node] {
    let index = try JSONReader.read(objects[pointer.index.digest] ?? [], depthMax: Self.depthMax)
    guard index["parts"] != nil else { return index["definitions"]?.sequence ?? [] }
    return try PartLayout.parts(ofIndex: objects[pointer.index.digest] ?? []).flatMap { part in
      let part = try JSONReader.read(objects[part.digest] ?? [], depthMax: Self.depthMax)
      return part["definitions"]?.sequence ?? []
    }
  }

  /// The keys of exclusion groups by their identifiers, as the state beside the snapshot has them;
  /// the snapshot itself names groups nowhere.
  package func groupKeys() throws -> [String: String] {
    let state = try JSONReader.read(objects[pointer.state.digest] ?? [], depthMax: Self.depthMax)
    let groups = (state["definitions"]?.sequence ?? []).filter {
      $0["kind"]?.string == Kind.group.rawValue
    }
    return Dictionary(
      groups.compactMap { group in
        group["id"]?.string.flatMap { id in group["key"]?.string.map { (id, $0) } }
      }, uniquingKeysWith: { first, _ in first })
  }

  private static let depthMax = Limits.storedDepthMax

  /// The document for flagd that the pointer names, with what it leaves out; nil where the pointer
  /// names none, or one that this program would write in another way.
  package func flagd() throws -> FlagdDocument? {
    FlagdDocument.recorded(by: pointer, of: try definitions())
  }

  /// What servers evaluate.
  package func snapshot() throws -> Snapshot {
    guard let index = objects[pointer.index.digest] else {
      throw PublishedScopeFailure(scope: pointer.scope, problems: ["the index is missing"])
    }
    return try Snapshot(index: index) { digest in
      guard let part = Digest(hexadecimal: digest).flatMap({ objects[$0] }) else {
        throw PublishedScopeFailure(
          scope: pointer.scope, problems: ["the part \(digest) is missing"])
      }
      return part
    }
  }
}

/// What is wrong with a published scope: everything, not the first thing alone.
package struct PublishedScopeFailure: WorldFailure, Hashable {
  package let scope: ScopeID
  package let problems: [String]

  package var description: String {
    "\(scope) does not verify: \(problems.joined(separator: "; "))"
  }
}

private struct ObjectReading {
  let scope: ScopeID
  let origin: DirectoryOrigin
  var objects: [Digest: [UInt8]] = [:]
  var problems: [String] = []

  mutating func readIndex(_ reference: ObjectReference, named name: String) throws {
    guard
      let index = try read(
        reference, at: OriginPath.object(reference.digest, of: scope), named: name)
    else { return }
    do {
      for part in try PartLayout.parts(ofIndex: index) {
        _ = try read(part, at: OriginPath.object(part.digest, of: scope), named: "part")
      }
    } catch let error as JSONError {
      problems.append("\(name): \(error)")
    }
  }

  /// The bytes of an object; nil, with a problem noted, where they are not what was named.
  mutating func read(_ reference: ObjectReference, at path: String, named name: String) throws
    -> [UInt8]?
  {
    guard let bytes = try origin.read(path) else {
      problems.append("\(name): \(path) is missing")
      return nil
    }
    if let problem = reference.problem(of: bytes, at: path) {
      problems.append("\(name): \(problem)")
      return nil
    }
    objects[reference.digest] = bytes
    return bytes
  }
}

extension ObjectReference {
  /// Why bytes are not what is named; nil where they are.
  fileprivate func problem(of bytes: [UInt8], at path: String) -> String? {
    guard bytes.count == length else {
      return "\(path) has \(bytes.count) bytes, not \(length)"
    }
    return Signing.sha256(bytes) == digest ? nil : "\(path) does not have its digest"
  }
}
