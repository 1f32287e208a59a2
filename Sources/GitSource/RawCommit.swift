// A commit as the bytes that Git stores, taken apart by itself: what was signed is those bytes, so
// nothing that rewrites, re-encodes or forgives them may stand between. Git verifies a commit with
// every header left out whose name begins with `gpgsig`, so only a commit with exactly one such
// header says one thing; any other counts as unsigned, with the reason.

internal import CLibGit2
internal import Documents

package struct RawCommit: Hashable, Sendable {
  /// What a commit bears of signatures. Nothing is verified here.
  package enum Seal: Hashable, Sendable {
    case none
    /// An SSH signature in its armor, as it stands in the header.
    case ssh(armored: [UInt8])
    /// A signature of OpenPGP, as forges make them.
    case openPGP
    /// Of another kind, such as X.509.
    case other
    /// The commit is not of the form that can be signed; follows "it".
    case malformed(String)
  }

  package let id: CommitID
  /// 40 lower-case hexadecimal digits.
  package let tree: String
  package let parents: [CommitID]
  /// What stands behind the first empty line.
  package let message: [UInt8]
  /// What a signature is over: all bytes but those of the header `gpgsig`.
  package let payload: [UInt8]
  package let seal: Seal

  /// Takes the bytes of a commit apart.
  ///
  /// - Returns: nil where Git itself reads no tree and parents from them.
  package init?(id: CommitID, bytes: [UInt8]) {
    var reader = CommitHeaderReader(bytes)
    reader.run()
    guard let tree = reader.tree else { return nil }
    self.id = id
    self.tree = tree
    parents = reader.parents
    message = Array(bytes[reader.messageStart...])
    payload = reader.payload + bytes[reader.headerEnd...]
    seal = reader.seal(hasZero: bytes.contains(0))
  }
}

extension GitRepository {
  /// A commit, from the object itself: neither grafts nor replace refs nor a commit-graph file have
  /// a say in it, and libgit2 compares the bytes with the id.
  ///
  /// - Throws: `tooLarge` above `Limits.commitBytesMax`, found by the object's header; `shallow`
  ///   where it is missing behind a shallow boundary; `objectMissing`, `corrupt`.
  package func rawCommit(_ id: CommitID) throws(GitError) -> RawCommit {
    let operation = "reading the commit \(id)"
    var oid = id.objectID
    if isShallow, git_odb_exists(objects, &oid) == 0 {
      throw GitError(
        .shallow, operation: operation, reason: "the clone is shallow and its history ends too soon"
      )
    }
    let bytes = try object(
      oid, as: GIT_OBJECT_COMMIT, bytesMax: Limits.commitBytesMax, operation)
    guard let commit = RawCommit(id: id, bytes: bytes) else {
      throw GitError(.corrupt, operation: operation, reason: "it names no tree")
    }
    return commit
  }

  /// The parents of a commit, from its bytes. Each commit is read once.
  func parents(of id: CommitID) throws(GitError) -> [CommitID] {
    if let known = knownParents[id] { return known }
    let parents = try rawCommit(id).parents
    if knownParents.count < Limits.historyCommitsMax { knownParents[id] = parents }
    return parents
  }

  /// The bytes of an object, once its header says that it is of a type and not too large.
  func object(
    _ id: git_oid, as wanted: git_object_t, bytesMax: Int, _ operation: @autoclosure () -> String
  ) throws(GitError) -> [UInt8] {
    var (id, size, type) = (id, 0, GIT_OBJECT_INVALID)
    try LibGit2.check(git_odb_read_header(&size, &type, objects, &id), operation())
    guard type == wanted else {
      let name = git_object_type2string(type).map { String(cString: $0) } ?? "something else"
      throw GitError(.corrupt, operation: operation(), reason: "the object is a \(name)")
    }
    guard size <= bytesMax else {
      throw GitError(
        .tooLarge, operation: operation(), reason: "it has \(size) bytes, more than \(bytesMax)")
    }
    var object: OpaquePointer?
    try LibGit2.check(git_odb_read(&object, objects, &id), operation())
    defer { git_odb_object_free(object) }
    return Array(
      UnsafeRawBufferPointer(
        start: git_odb_object_data(object), count: git_odb_object_size(object)))
  }
}

/// Reads the lines above the message.
private struct CommitHeaderReader {
  private let bytes: [UInt8]
  private(set) var tree: String?
  private(set) var parents: [CommitID] = []
  /// The lines that belong to no signature.
  private(set) var payload: [UInt8] = []
  /// Where the empty line stands, or the end.
  private(set) var headerEnd: Int
  private(set) var messageStart: Int
  private var signature: [UInt8] = []
  private var signatures = 0
  private var problem: String?
  /// The name of the last header, to which lines that begin with a space belong.
  private var name = ""

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    headerEnd = bytes.count
    messageStart = bytes.count
  }

  mutating func run() {
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n"))
      if end == start {
        headerEnd = start
        messageStart = start + 1
        return
      }
      if end == nil { note("has a header without an end") }
      take(bytes[start..<(end ?? bytes.count)], isEnded: end != nil)
      start = (end ?? bytes.count - 1) + 1
    }
  }

  private mutating func note(_ problem: String) {
    self.problem = self.problem ?? problem
  }

  private mutating func take(_ line: ArraySlice<UInt8>, isEnded: Bool) {
    let end: [UInt8] = isEnded ? [UInt8(ascii: "\n")] : []
    if line.first == UInt8(ascii: " ") {
      if ["", "tree", "parent", "author", "committer"].contains(name) {
        note("goes on with a header that has one line")
      }
      if name == "gpgsig" { signature += line.dropFirst() + end } else { payload += line + end }
      return
    }
    let space = line.firstIndex(of: UInt8(ascii: " ")) ?? line.endIndex
    let value = line[min(space + 1, line.endIndex)...]
    if space == line.endIndex { note("has a header without a value") }
    let former = name
    name = String(decoding: line[..<space], as: UTF8.self)
    if line.starts(with: "gpgsig".utf8) {
      signatures += 1
      if name == "gpgsig" { signature += value + end } else { payload += line + end }
      return
    }
    payload += line + end
    takeLink(String(decoding: value, as: UTF8.self), after: former)
  }

  /// Git reads a tree in the first line and parents right behind it, and nowhere else.
  private mutating func takeLink(_ value: String, after former: String) {
    if name == "tree" {
      guard former.isEmpty, let id = CommitID(value) else { return note("has a tree out of place") }
      tree = id.hexadecimal
    } else if name == "parent" {
      guard ["tree", "parent"].contains(former), let id = CommitID(value) else {
        return note("has a parent out of place")
      }
      parents.append(id)
    }
  }

  func seal(hasZero: Bool) -> RawCommit.Seal {
    if hasZero { return .malformed("has a zero byte in it") }
    if let problem { return .malformed(problem) }
    if signatures > 1 { return .malformed("has more than one signature") }
    if signatures == 0 { return .none }
    if signature.isEmpty { return .malformed("has a signature of a kind that is not for its id") }
    if signature.starts(with: "-----BEGIN SSH SIGNATURE-----".utf8) {
      return .ssh(armored: signature)
    }
    let isOpenPGP = ["SIGNATURE", "MESSAGE"].contains {
      signature.starts(with: "-----BEGIN PGP \($0)-----".utf8)
    }
    return isOpenPGP ? .openPGP : .other
  }
}
