// An origin that is a directory: bytes go to relative paths, and it knows nothing of what they
// mean, only where the core says that pointers stand. Objects never change once they are there, so
// putting one again does nothing, unless what is there differs: then a crash or a hand cut it, and
// it is put right. Only the pointer of a scope is ever replaced, under a lock, and never by an
// older one.
//
// After every call that returns, what it wrote survives a loss of power. A web server may read the
// directory at any time: it sees whole files only.

internal import Documents
package import FlagstaffCore
internal import Glibc

/// Published objects and pointers under one directory. Calls block on the disk.
package struct DirectoryOrigin: Sendable {
  /// Called with a name at each step whose interruption must be harmless; tests crash there.
  package typealias Checkpoint = @Sendable (StaticString) -> Void

  package let path: String
  private let checkpoint: Checkpoint

  private static let lockName = ".flagstaff-lock"

  /// The directory is made when something is first written.
  package init(path: String, checkpoint: @escaping Checkpoint = { _ in }) {
    precondition(!path.isEmpty, "an origin has a path")
    self.path = path
    self.checkpoint = checkpoint
  }

  /// The whole path of a relative one. Relative paths are made by the program, of keys and
  /// digests; one that leads out of the origin is a mistake of the program.
  private func absolute(_ relativePath: String) -> String {
    for part in relativePath.utf8.split(separator: 0x2F, omittingEmptySubsequences: false) {
      precondition(
        !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
          && !part.contains(0) && !part.starts(with: ".flagstaff-".utf8),
        "a path of an origin is relative and leads down")
    }
    return path + "/" + relativePath
  }
}

// MARK: Reading

extension DirectoryOrigin {
  /// The bytes of a file; nil where there is none.
  package func read(_ relativePath: String) throws(OriginError) -> [UInt8]? {
    try contents(absolute(relativePath))
  }

  /// Whether a file is there. Its bytes are not read.
  package func exists(_ relativePath: String) -> Bool {
    kind(of: absolute(relativePath)) == S_IFREG
  }

  private func contents(_ path: String) throws(OriginError) -> [UInt8]? {
    guard let file = try OpenFile.reading(path) else { return nil }
    return try file.readAll(bytesMax: Limits.snapshotBytesMax)
  }

  /// The names in a directory, sorted by their bytes, without those of locks and temporary files;
  /// none where the directory is missing. Without a path, those of the origin itself.
  package func names(in relativePath: String? = nil) throws(OriginError) -> [String] {
    try Directory.names(relativePath.map { absolute($0) } ?? path)
      .filter { !$0.hasPrefix(".flagstaff-") }
  }

  /// Every scope whose pointer is here, in the order of environments and customers.
  package func publishedScopes() throws(OriginError) -> [ScopeID] {
    var scopes: [ScopeID] = []
    for environment in try directories(in: OriginPath.version) {
      for customer in try directories(in: "\(OriginPath.version)/\(environment)") {
        let scope = ScopeID(environment: environment, customer: customer)
        if exists(OriginPath.pointer(scope)) { scopes.append(scope) }
      }
    }
    return scopes
  }

  private func directories(in relativePath: String) throws(OriginError) -> [String] {
    try names(in: relativePath).filter { kind(of: absolute(relativePath + "/" + $0)) == S_IFDIR }
  }

  private func kind(of path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }
}

// MARK: Objects

extension DirectoryOrigin {
  /// Puts immutable objects, each with its compressed twin `<path>.gz` beside it. An object that is
  /// there with the same bytes is not touched. Each directory is rid of what crashed processes left
  /// in it, and synchronized once, at the end.
  /// - Returns: how many objects were written, or had their twin written.
  @discardableResult
  package func putObjects(
    _ objects: some Sequence<(path: String, bytes: [UInt8])>
  ) throws(OriginError) -> Int {
    var made: Set<Text> = []
    var writtenCount = 0
    for (relativePath, bytes) in objects {
      let path = absolute(relativePath)
      let directory = Directory.parent(of: path)
      if made.insert(Text(directory)).inserted { try Directory.make(directory) }
      if try put(bytes, at: path, in: directory) { writtenCount += 1 }
    }
    // Also where nothing was written: a crash may have come between a former rename and this.
    for directory in made.sorted() {
      try TemporaryFile.removeLeftovers(in: directory.string)
      try Directory.synchronize(directory.string)
    }
    return writtenCount
  }

  private func put(
    _ bytes: [UInt8], at path: String, in directory: String
  ) throws(OriginError) -> Bool {
    let isIntact = try existing(path) == bytes
    let twin = try existing(path + ".gz")
    let isTwinIntact = twin.map { Gzip.isTwin($0, of: bytes) } ?? false
    // The twin goes first: a server that prefers it never lacks it for an object that is there.
    if !isTwinIntact { try write(Gzip.compressed(bytes), at: path + ".gz", in: directory) }
    if !isIntact { try write(bytes, at: path, in: directory) }
    return !isIntact || !isTwinIntact
  }

  /// What is at an object's path; nil where it is nothing or too large to be right.
  private func existing(_ path: String) throws(OriginError) -> [UInt8]? {
    do {
      return try contents(path)
    } catch {
      if error.code == .tooLarge { return nil }
      throw error
    }
  }

  private func write(
    _ bytes: [UInt8], at path: String, in directory: String
  ) throws(OriginError) {
    try TemporaryFile.replace(
      path, with: bytes, in: directory,
      written: { checkpoint("origin.object.written") },
      renamed: { checkpoint("origin.object.renamed") })
  }
}

// MARK: What is told once

extension DirectoryOrigin {
  /// Puts an object that is known by its place and not by its digest: what stands there is never
  /// replaced, whatever it is, since it was told to the outside.
  /// - Returns: what stands there already, nil where nothing did.
  package func add(_ bytes: [UInt8], at relativePath: String) throws(OriginError) -> [UInt8]? {
    let path = absolute(relativePath)
    if let present = try contents(path) { return present }
    let directory = Directory.parent(of: path)
    try Directory.make(directory)
    let isNew = try TemporaryFile.add(path, with: bytes, in: directory) {
      checkpoint("origin.checkpoint.written")
    }
    checkpoint("origin.checkpoint.named")
    try TemporaryFile.removeLeftovers(in: directory)
    try Directory.synchronize(directory)
    return isNew ? nil : try contents(path)
  }
}

// MARK: Pointers

extension DirectoryOrigin {
  /// Replaces a pointer, if the new one is newer than the present one.
  ///
  /// The question is asked and answered under an exclusive lock of the pointer's directory, so of
  /// several processes none can put an older pointer over a newer one. What a crashed process left
  /// in the directory and those below it is removed on the way.
  ///
  /// Projections are what the pointer names by path, so they too are replaced: under the same lock,
  /// before the pointer, and only where the pointer is newer than the present one or is it to the
  /// byte. So a late publisher brings no old one back.
  /// - Parameters:
  ///   - bytes: the new pointer.
  ///   - projections: where each stands, in the pointer's directory, and its bytes.
  ///   - isNewer: whether it may replace the present pointer, nil where there is none. What it
  ///     throws ends the call, with everything as it was.
  /// - Returns: whether the pointer was replaced.
  /// - Throws: `OriginError`, or what `isNewer` throws.
  package func replacePointer(
    at relativePath: String, with bytes: [UInt8],
    projections: [(path: String, bytes: [UInt8])] = [],
    isNewer: (_ present: [UInt8]?) throws -> Bool
  ) throws -> Bool {
    let path = absolute(relativePath)
    let lock = try lockedDirectory(Directory.parent(of: path))
    return try replacePointer(
      path, with: bytes, projections: projections.map { (absolute($0.path), $0.bytes) },
      holding: lock, isNewer: isNewer)
  }

  /// The lock is borrowed so that it is held to the end, whatever happens.
  private func replacePointer(
    _ path: String, with bytes: [UInt8], projections: [(path: String, bytes: [UInt8])],
    holding lock: borrowing OpenFile, isNewer: (_ present: [UInt8]?) throws -> Bool
  ) throws -> Bool {
    checkpoint("origin.pointer.locked")
    let directory = Directory.parent(of: lock.path)
    try removeLeftovers(in: directory)
    let present = try contents(path)
    let isReplaced = try isNewer(present)
    guard isReplaced || present == bytes else { return false }
    for projection in projections where try existing(projection.path) != projection.bytes {
      try TemporaryFile.replace(
        projection.path, with: projection.bytes, in: directory,
        written: { checkpoint("origin.projection.written") },
        renamed: { checkpoint("origin.projection.renamed") })
    }
    // Whoever sees the pointer sees the projections that it names, also after a loss of power.
    if !projections.isEmpty { try Directory.synchronize(directory) }
    guard isReplaced else { return false }
    try TemporaryFile.replace(
      path, with: bytes, in: directory,
      written: { checkpoint("origin.pointer.written") },
      renamed: { checkpoint("origin.pointer.renamed") })
    try Directory.synchronize(directory)
    return true
  }

  /// Waits for the lock of a directory. The lock is a file of its own, since the pointer itself is
  /// another file after each rename.
  private func lockedDirectory(_ directory: String) throws(OriginError) -> OpenFile {
    while true {
      try Directory.make(directory)
      let path = directory + "/" + Self.lockName
      let file = try OpenFile(
        path, O_RDWR | O_CREAT, mode: TemporaryFile.fileMode, operation: "locking \(path)")
      try file.lock()
      // Whoever tidied the directory meanwhile left us with a lock that nobody else sees.
      if try file.isStillNamed() { return file }
    }
  }

  private func removeLeftovers(in directory: String) throws(OriginError) {
    try TemporaryFile.removeLeftovers(in: directory)
    for name in try Directory.names(directory) where kind(of: directory + "/" + name) == S_IFDIR {
      try TemporaryFile.removeLeftovers(in: directory + "/" + name)
    }
  }
}
