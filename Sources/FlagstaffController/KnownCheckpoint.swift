// Checkpoints as somebody outside has them: in the pointers of an origin, as objects beside them,
// in a file that an auditor kept, or at an address. None is believed that is not signed.

internal import Documents
package import FlagstaffCore
internal import Foundation
package import Origins
package import Signing

/// A checkpoint that somebody was told, and by whom.
package struct KnownCheckpoint: Hashable, Sendable {
  package let checkpoint: Checkpoint
  package let workspace: String
  /// Where it was read: a path or an address.
  package let source: String
  /// What a pointer publishes; nil of a checkpoint alone.
  let content: PublishedContent?

  /// Reads a signed checkpoint, or the one in a signed pointer; nil where none of the keys signed.
  init?(_ envelope: [UInt8], name: String, keys: [PublicKey]) {
    if let opened = try? DSSE.opened(envelope, type: CheckpointObject.payloadType, keys: keys),
      let object = CheckpointObject(payload: opened.payload)
    {
      (checkpoint, workspace, source) = (object.checkpoint, object.workspace, name)
      content = nil
    } else if let opened = try? DSSE.opened(envelope, type: Pointer.payloadType, keys: keys),
      let pointer = Pointer(payload: opened.payload)
    {
      (checkpoint, workspace, source) = (pointer.checkpoint, pointer.workspace, name)
      content = PublishedContent(pointer)
    } else {
      return nil
    }
  }

  /// The checkpoint in an envelope.
  ///
  /// - Throws: `ControllerError` of code `badCheckpoint` where none of the keys signed it.
  package static func verified(
    _ envelope: [UInt8], name: String, keys: [PublicKey]
  ) throws -> KnownCheckpoint {
    if let known = KnownCheckpoint(envelope, name: name, keys: keys) { return known }
    let key = keys.map(\.identifier).joined(separator: ", ")
    throw ControllerError(
      .badCheckpoint, operation: "reading the checkpoint \(name)",
      reason: "it is no checkpoint or pointer that was signed by \(key). It may be forged: keep it,"
        + " and compare it with what the origins have. If the signing key was changed, name the"
        + " former one with --public-key")
  }

  /// All of an origin: those of its pointers and its objects.
  ///
  /// - Throws: as `verified` does; `OriginError`.
  package static func all(
    at origin: DirectoryOrigin, keys: [PublicKey], progress: ProgressReporter = ProgressReporter()
  ) throws -> [KnownCheckpoint] {
    let pointers = try origin.publishedScopes().map(OriginPath.pointer)
    let objects = try origin.names(in: OriginPath.checkpoints).filter { $0.hasSuffix(".json") }
      .map { "\(OriginPath.checkpoints)/\($0)" }
    let paths = pointers + objects
    return try paths.enumerated().compactMap { index, path in
      if index % 100 == 0 { progress.report("reading checkpoints", done: index, of: paths.count) }
      return try origin.read(path).map {
        try verified($0, name: "\(origin.path)/\(path)", keys: keys)
      }
    }
  }

  /// Those at a path or an address: a file, an origin, or a folder of files.
  ///
  /// - Throws: as `verified` does, or where nothing is there.
  package static func all(
    at place: String, keys: [PublicKey], progress: ProgressReporter = ProgressReporter()
  ) async throws -> [KnownCheckpoint] {
    if HTTPOrigin.isAddress(place) { return [try await remote(place, keys: keys)] }
    let path = URL(filePath: place).standardizedFileURL.path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw missing(place)
    }
    guard isFolder.boolValue else { return [try file(path, keys: keys)] }
    let origin = DirectoryOrigin(path: path)
    if try origin.names().contains(OriginPath.version) {
      return try all(at: origin, keys: keys, progress: progress)
    }
    let files = try origin.names().filter { $0.hasSuffix(".json") }
    guard !files.isEmpty else { throw missing(place) }
    return try files.map { try file("\(path)/\($0)", keys: keys) }
  }

  private static func file(_ path: String, keys: [PublicKey]) throws -> KnownCheckpoint {
    guard let data = FileManager.default.contents(atPath: path) else { throw missing(path) }
    return try verified(Array(data), name: path, keys: keys)
  }

  private static func remote(_ address: String, keys: [PublicKey]) async throws -> KnownCheckpoint {
    let name = address.split(separator: "/").last.map(String.init) ?? ""
    let bytes = try await HTTPOrigin.with(String(address.dropLast(name.count))) { origin in
      try await origin.read(name)
    }
    guard let bytes else { throw missing(address) }
    return try verified(bytes, name: address, keys: keys)
  }

  private static func missing(_ place: String) -> ControllerError {
    ControllerError(
      .badCheckpoint, operation: "reading the checkpoint \(place)",
      reason: "nothing that can be read is there. Name a checkpoint object, a pointer, a folder of"
        + " them, or an origin")
  }
}
