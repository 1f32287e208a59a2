// Where signed statements travel: one ref a signer, `refs/flagstaff/approvals/<identifier>`, whose
// commit holds pairs of files, `<name>.json` and `<name>.sig`. Whoever may push may write anything
// there, so nothing is believed: a ref may lead to any object, trees may hold anything, and sizes
// are taken from headers before anything is loaded. What is read is bytes; whether they are a
// statement, and who signed it, is judged elsewhere.

internal import CLibGit2
internal import Documents

/// A signer's ref.
package struct ApprovalRef: Hashable, Sendable {
  /// Of the signer's key: 64 lower-case hexadecimal digits.
  package let identifier: String
  /// The id of what the ref leads to, of whatever type.
  package let target: String

  static let prefix = "refs/flagstaff/approvals/"

  /// The full name of a signer's ref.
  package static func name(_ identifier: String) -> String { prefix + identifier }

  /// Of the full name of a ref; nil for any other than a signer's.
  static func identifier(ofReference name: String) -> String? {
    guard name.hasPrefix(prefix) else { return nil }
    let identifier = String(name.dropFirst(prefix.count))
    let isHexadecimal = identifier.utf8.count == 64 && Hexadecimal.bytes(identifier) != nil
    return isHexadecimal ? identifier : nil
  }
}

/// A statement as it lies in a ref, with its signature.
package struct ApprovalEntry: Hashable, Sendable {
  /// Without the endings of the two files.
  package let name: String
  package let statement: [UInt8]
  package let signature: [UInt8]

  package init(name: String, statement: [UInt8], signature: [UInt8]) {
    self.name = name
    self.statement = statement
    self.signature = signature
  }
}

/// What a ref holds.
package struct ApprovalEntries: Hashable, Sendable {
  /// Sorted by name.
  package let entries: [ApprovalEntry]
  /// What is wrong, each following "the ref"; where it is the whole, there are no entries.
  package let problems: [String]

  package init(entries: [ApprovalEntry], problems: [String] = []) {
    self.entries = entries
    self.problems = problems
  }

  static let problemsMax = 5
}

extension GitRepository {
  /// The refs of all signers, sorted.
  package func approvalRefs() throws(GitError) -> [ApprovalRef] {
    var refs: [ApprovalRef] = []
    for name in try referenceNames(matching: ApprovalRef.prefix + "*") {
      guard let identifier = ApprovalRef.identifier(ofReference: name) else { continue }
      var id = git_oid()
      guard git_reference_name_to_id(&id, handle, name) == 0 else { continue }
      refs.append(ApprovalRef(identifier: identifier, target: objectDigits(id)))
    }
    return refs.sorted { $0.identifier.precedesInBytes($1.identifier) }
  }

  /// What a ref holds; where it cannot be read, that is told as a problem and nothing counts.
  package func entries(of ref: ApprovalRef) -> ApprovalEntries {
    var reading = ApprovalReading(repository: self)
    do throws(GitError) {
      try reading.run(ref)
      return ApprovalEntries(entries: reading.entries, problems: reading.problems)
    } catch {
      return ApprovalEntries(entries: [], problems: ["cannot be read: \(error.reason)"])
    }
  }
}

private struct ApprovalReading {
  let repository: GitRepository
  private(set) var entries: [ApprovalEntry] = []
  private(set) var problems: [String] = []
  private var bytes = 0

  init(repository: GitRepository) {
    self.repository = repository
  }

  mutating func run(_ ref: ApprovalRef) throws(GitError) {
    let operation = "reading the ref of \(ref.identifier)"
    guard let target = CommitID(ref.target), let tree = try tree(of: target, operation) else {
      throw GitError(.unreadable, operation: operation, reason: "it leads to no commit")
    }
    var pairs: [String: [String: git_oid]] = [:]
    for entry in try files(of: tree, operation) {
      guard entry.isFile, let (name, ending) = Self.parts(entry.name) else {
        note(
          "has something in it that is no statement: \(Visible.text(bytes: entry.name.prefix(80)))")
        continue
      }
      pairs[name, default: [:]][ending] = entry.id
    }
    for (name, pair) in pairs.sorted(by: { $0.key.precedesInBytes($1.key) }) {
      guard let statement = pair["json"], let signature = pair["sig"] else {
        note("lacks one of the two files of \(name)")
        continue
      }
      do throws(GitError) {
        entries.append(
          ApprovalEntry(
            name: name, statement: try blob(statement, Limits.statementBytesMax, operation),
            signature: try blob(signature, Limits.signatureBytesMax, operation)))
      } catch {
        if bytes > Limits.approvalBytesMax { throw error }
        note("has a file of \(name) that cannot be read: \(error.reason)")
      }
    }
  }

  private mutating func note(_ problem: String) {
    if problems.count < ApprovalEntries.problemsMax { problems.append(problem) }
  }

  private func tree(of commit: CommitID, _ operation: String) throws(GitError) -> git_oid? {
    let bytes = try repository.object(
      commit.objectID, as: GIT_OBJECT_COMMIT, bytesMax: Limits.commitBytesMax, operation)
    return RawCommit(id: commit, bytes: bytes).flatMap { CommitID($0.tree)?.objectID }
  }

  private mutating func blob(
    _ id: git_oid, _ bytesMax: Int, _ operation: String
  ) throws(GitError) -> [UInt8] {
    let size = try repository.blobSize(id, operation: operation)
    guard size <= bytesMax else {
      throw GitError(
        .tooLarge, operation: operation, reason: "it has \(size) bytes, more than \(bytesMax)")
    }
    bytes += size
    guard bytes <= Limits.approvalBytesMax else {
      throw GitError(
        .tooLarge, operation: operation,
        reason: "it holds more than \(Limits.approvalBytesMax) bytes")
    }
    return try repository.object(id, as: GIT_OBJECT_BLOB, bytesMax: bytesMax, operation)
  }

  /// A name of 64 hexadecimal digits, and `json` or `sig`.
  private static func parts(_ name: [UInt8]) -> (String, String)? {
    let parts = String(decoding: name, as: UTF8.self).split(
      separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 64, Hexadecimal.bytes(String(parts[0])) != nil,
      ["json", "sig"].contains(parts[1])
    else { return nil }
    return (String(parts[0]), String(parts[1]))
  }
}

// MARK: - Trees

extension ApprovalReading {
  private struct File {
    let isFile: Bool
    let name: [UInt8]
    let id: git_oid
  }

  /// The entries of a tree, from its bytes: mode, space, name, zero byte, 20 bytes of id.
  private func files(of tree: git_oid, _ operation: String) throws(GitError) -> [File] {
    // Two files a statement, of some 100 bytes each.
    let bytesMax = Limits.approvalStatementsMax * 2 * 128
    let bytes: [UInt8]
    do throws(GitError) {
      bytes = try repository.object(tree, as: GIT_OBJECT_TREE, bytesMax: bytesMax, operation)
    } catch {
      throw error.code == .tooLarge ? Self.tooMany(operation) : error
    }
    var files: [File] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let space = rest.firstIndex(of: UInt8(ascii: " ")),
        let zero = rest[space...].firstIndex(of: 0), rest.endIndex - zero > 20
      else { throw GitError(.corrupt, operation: operation, reason: "its tree is cut off") }
      var id = git_oid()
      withUnsafeMutableBytes(of: &id.id) { $0.copyBytes(from: rest[(zero + 1)...(zero + 20)]) }
      let isFile = rest[..<space].elementsEqual("100644".utf8)
      files.append(File(isFile: isFile, name: Array(rest[(space + 1)..<zero]), id: id))
      rest = rest[(zero + 21)...]
    }
    guard files.count <= 2 * Limits.approvalStatementsMax else {
      throw Self.tooMany(operation)
    }
    return files
  }

  private static func tooMany(_ operation: String) -> GitError {
    GitError(
      .tooLarge, operation: operation,
      reason: "it holds more than \(Limits.approvalStatementsMax) statements")
  }
}

func objectDigits(_ id: git_oid) -> String {
  withUnsafeBytes(of: id.id) { Hexadecimal.string($0) }
}
