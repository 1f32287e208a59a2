// Writes the audit log, or a part of it, into a file, with a signed manifest beside it. Events are
// verified on their way, so nothing is signed that does not verify. What an interrupted export left
// is read again, cut after its last whole line and continued, so the file is the same wherever it
// was interrupted; neither way holds more than a page of events in memory.

internal import Documents
package import FlagstaffCore
internal import Foundation
package import PostgresRegistry
package import Signing

package struct AuditExport: Sendable {
  package let file: String
  package let form: ExportManifest.Form
  package let first: Int
  /// Nil for the log's end.
  package let last: Int?
  private let keys: AuditKeyring
  private let signing: PrivateKey

  package var manifestFile: String { Self.manifestFile(of: file) }

  package static func manifestFile(of file: String) -> String { "\(file).manifest.json" }

  package init(
    to file: String, _ form: ExportManifest.Form, first: Int, last: Int?, keys: AuditKeyring,
    signing: PrivateKey
  ) {
    (self.file, self.form, self.first, self.last) = (file, form, first, last)
    (self.keys, self.signing) = (keys, signing)
  }

  /// Writes what is missing of the file, and its manifest.
  ///
  /// - Throws: `AuditFailure` at the first event that does not verify; `ControllerError` of code
  ///   `export` where the file is another one, or there is nothing to export.
  package func run(
    _ registry: RegistryWorker, progress: ProgressReporter = ProgressReporter()
  ) async throws -> (manifest: ExportManifest, resumedAt: Int?) {
    let end = try await registry.run { connection in
      try connection.transaction(isReadOnly: true) { try $0.chainHead() }
    }
    try keys.key(for: end)
    let last = min(last ?? end.sequence, end.sequence)
    guard first <= last else {
      throw Self.failure(file, "the log ends at event \(end.sequence), before event \(first)")
    }
    var walk = AuditWalk(
      trusting: .secrets(keys), from: first == 1 ? .beginning : .unverified(at: first))
    var writer = try ExportWriter(file, header: ExportLine.header(form))
    var (previous, time) = (Digest.zero, Instant(secondsSince1970: 0))
    var resumedAt: Int?
    while walk.sequence < last {
      for event in try await page(behind: walk.sequence, registry) where event.sequence <= last {
        try walk.check(event)
        let body = try JSONReader.read(event.bytes, depthMax: Limits.storedDepthMax)
        if event.sequence == first {
          previous = body["previous"]?.string.flatMap { Digest(hexadecimal: $0) } ?? .zero
        }
        time = body["instant"]?.string.flatMap { Instant($0) } ?? time
        let wasThere = try writer.add(try ExportLine.bytes(of: event, form))
        if !wasThere, resumedAt == nil { resumedAt = event.sequence }
      }
      progress.report("exporting events", done: walk.sequence, of: last)
    }
    let hash = walk.hash.digest
    // Events of a former key count by what follows them, so that is walked too.
    while walk.sequence < end.sequence, walk.eventsByChainAlone > 0 {
      for event in try await page(behind: walk.sequence, registry)
      where event.sequence <= end.sequence { try walk.check(event) }
    }
    if walk.sequence == end.sequence { try walk.checkEnd(end) }
    let (bytes, digest) = try writer.finish()
    let manifest = ExportManifest(
      workspace: walk.workspace ?? "", form: form, first: first, last: last, previous: previous,
      hash: hash, bytes: bytes, digest: digest, time: time)
    try Data(try manifest.sealed(with: signing)).write(
      to: URL(filePath: manifestFile), options: .atomic)
    return (manifest, resumedAt == first ? nil : resumedAt)
  }

  private func page(
    behind sequence: Int, _ registry: RegistryWorker
  ) async throws -> [AuditEvent] {
    let page = try await registry.run { connection in
      try connection.transaction(isReadOnly: true) { try $0.auditEvents(after: sequence) }
    }
    guard !page.isEmpty else {
      throw AuditFailure(sequence: sequence + 1, reason: "it is missing")
    }
    return page
  }

  fileprivate static func failure(_ file: String, _ reason: String) -> ControllerError {
    ControllerError(.export, operation: "exporting the audit log to \(file)", reason: reason)
  }
}

extension AuditExport {
  /// Checks a file against its manifest, and the manifest's signature.
  ///
  /// - Throws: `ControllerError` of code `export` where they do not agree.
  package static func verify(_ file: String, keys: [PublicKey]) throws -> ExportManifest {
    let path = manifestFile(of: file)
    func failure(_ reason: String) -> ControllerError {
      ControllerError(.export, operation: "verifying the export \(file)", reason: reason)
    }
    guard let envelope = FileManager.default.contents(atPath: path) else {
      throw failure("\(path) cannot be read. It is written when an export is whole: export again")
    }
    let opened: DSSE.Opened
    do {
      opened = try DSSE.opened(Array(envelope), type: ExportManifest.payloadType, keys: keys)
    } catch {
      throw failure("its manifest: \(error.reason). It may be forged; ask for both files again")
    }
    guard let manifest = ExportManifest(payload: opened.payload) else {
      throw failure("its manifest is of no format that this program knows")
    }
    var reading = try ExportReading(file)
    let stream = SHA256Stream()
    var count = 0
    while let block = try reading.block() {
      block.withUnsafeBytes { stream.add($0) }
      count += block.count
    }
    guard count == manifest.bytes, stream.finish().digest == manifest.digest else {
      throw failure(
        "the file has \(count) bytes that are not the \(manifest.bytes) of its manifest: it was"
          + " changed or cut. Ask for both files again")
    }
    return manifest
  }
}

/// The file of an export: what is there already is compared, what is missing is appended.
private struct ExportWriter {
  /// Bytes that are gathered before they are written, and read at a time.
  private static let blockBytes = 1 << 20

  private let path: String
  private let handle: FileHandle
  private let stream = SHA256Stream()
  private var reading: ExportReading
  private var known: ArraySlice<UInt8> = []
  private var isComparing = true
  private var buffer: [UInt8] = []
  private var count = 0

  init(_ path: String, header: [UInt8]) throws {
    self.path = path
    if !FileManager.default.fileExists(atPath: path) {
      guard FileManager.default.createFile(atPath: path, contents: nil) else {
        throw AuditExport.failure(path, "the file cannot be made")
      }
    }
    guard let handle = FileHandle(forUpdatingAtPath: path) else {
      throw AuditExport.failure(path, "the file cannot be written")
    }
    self.handle = handle
    reading = try ExportReading(path)
    _ = try add(header)
  }

  /// Adds bytes behind those that were added before.
  ///
  /// - Returns: whether the file had all of them.
  mutating func add(_ bytes: [UInt8]) throws -> Bool {
    bytes.withUnsafeBytes { stream.add($0) }
    let start = count
    count += bytes.count
    if isComparing {
      while known.count < bytes.count, let block = try reading.block() { known += block }
      if known.starts(with: bytes) {
        known = known.dropFirst(bytes.count)
        return true
      }
      // A part of the line is what an interruption left; anything else is another export.
      guard known.count < bytes.count, bytes.starts(with: known) else {
        throw AuditExport.failure(
          path, "the file holds something else. Name another file, or remove it")
      }
      (isComparing, known) = (false, [])
      try handle.truncate(atOffset: UInt64(start))
      try handle.seek(toOffset: UInt64(start))
    }
    buffer += bytes
    if buffer.count >= Self.blockBytes { try flush() }
    return false
  }

  /// The length of the whole, and its digest, once it is on the disk.
  mutating func finish() throws -> (Int, Digest) {
    if isComparing, try !known.isEmpty || reading.block() != nil {
      throw AuditExport.failure(
        path, "the file holds more than the events that were asked for. Name another file")
    }
    try flush()
    try handle.synchronize()
    try handle.close()
    return (count, stream.finish().digest)
  }

  private mutating func flush() throws {
    guard !buffer.isEmpty else { return }
    try handle.write(contentsOf: buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}

/// A file in blocks.
private struct ExportReading {
  private static let blockBytes = 1 << 20
  private let handle: FileHandle

  init(_ path: String) throws {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw ControllerError(
        .export, operation: "reading \(path)", reason: "the file cannot be read")
    }
    self.handle = handle
  }

  /// The next bytes; nil at the end.
  mutating func block() throws -> [UInt8]? {
    guard let data = try handle.read(upToCount: Self.blockBytes), !data.isEmpty else { return nil }
    return Array(data)
  }
}
