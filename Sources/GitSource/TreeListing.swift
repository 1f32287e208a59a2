// What stands under the roots of a commit or a folder: the YAML files, and a finding for everything
// that must not be there. Other regular files cannot be definitions; they are left out and never
// read. The limits on number and size are kept while listing, before any content is loaded.

package import Documents

/// A YAML file in a commit.
package struct TreeFile: Hashable, Sendable {
  /// The path from the repository's root, with `/`.
  package let path: String
  package let blob: BlobID
  /// Bytes of the content.
  package let size: Int
}

/// The YAML files under the roots of a commit, sorted by the UTF-8 bytes of their paths, and what
/// is wrong there. A file with a finding is not among the files.
package struct TreeListing: Hashable, Sendable {
  package let files: [TreeFile]
  package let findings: [Finding]
}

/// Collects files and findings of one listing and keeps its limits.
struct ListingBuilder {
  private(set) var findings: [Finding] = []
  private var entries = 0
  private var bytes = 0
  private let filesMax: Int
  private let bytesMax: Int
  /// Set once a limit of the whole is passed; walking on is pointless then.
  private(set) var isFull = false

  init(limits: ListingLimits) {
    filesMax = limits.filesMax
    bytesMax = limits.bytesMax
  }

  /// Counts an entry of any kind, folders too: otherwise a few trees that repeat each other could
  /// unfold without an end and without one file.
  mutating func countEntry() -> Bool {
    guard !isFull else { return false }
    entries += 1
    guard entries > filesMax else { return true }
    isFull = true
    add(
      .tooManyFiles, at: "", "there are more than \(filesMax) files and folders under the roots",
      remedy: "divide the repository, or move what is not a definition elsewhere")
    return false
  }

  /// Whether a definitions file of this size may be read.
  mutating func admits(size: Int, path: String) -> Bool {
    guard size <= Limits.fileBytesMax else {
      add(
        .fileTooLarge, at: path,
        "the file has \(size) bytes, more than the \(Limits.fileBytesMax) that are allowed",
        remedy: "divide it into several files")
      return false
    }
    bytes += size
    guard bytes > bytesMax else { return true }
    if !isFull {
      isFull = true
      add(
        .tooManyBytes, at: "", "the definitions have more than \(bytesMax) bytes together",
        remedy: "divide the repository")
    }
    return false
  }

  mutating func add(_ code: Finding.Code, at path: String, _ message: String, remedy: String) {
    findings.append(Finding(code, at: Location(file: path), message, remedy: remedy))
  }

  /// The name as text if it may stand under a root; otherwise a finding, and nil.
  mutating func accept(name: some Collection<UInt8>, in folder: String) -> String? {
    guard let problem = EntryName.problem(name) else {
      return String(decoding: name, as: UTF8.self)
    }
    add(
      .oddName, at: folder + Visible.text(bytes: name), "the name \(problem)",
      remedy: "rename it, or take it out of the repository")
    return nil
  }

  mutating func addSymbolicLink(_ path: String) {
    add(
      .symbolicLink, at: path, "it is a symbolic link, and links are never followed",
      remedy: "put a regular file in its place")
  }

  mutating func addDepth(_ path: String) {
    add(
      .tooDeep, at: path, "the folder is nested deeper than \(Limits.depthMax) levels",
      remedy: "move it up")
  }
}

/// The limits of one listing; tests make them small.
struct ListingLimits {
  var filesMax = Limits.filesMax
  var bytesMax = Limits.repositoryBytesMax
}

extension Finding.Code {
  package static let symbolicLink = Self("FS3001", "A symbolic link")
  package static let submodule = Self("FS3002", "A submodule")
  package static let oddName = Self("FS3003", "A file name that is not allowed")
  package static let fileTooLarge = Self("FS3004", "A file too large to take from Git")
  package static let tooManyFiles = Self("FS3005", "Too many files")
  package static let tooManyBytes = Self("FS3006", "Too many bytes")
  package static let tooDeep = Self("FS3007", "Folders nested too deep")
  /// A FIFO, a device, a socket, or an entry of a mode that Git does not write.
  package static let notARegularFile = Self("FS3008", "An entry that is no regular file")
  package static let unsortedTree = Self("FS3009", "A tree that is not sorted")
  package static let unreadable = Self("FS3010", "A file that cannot be read")
}

enum EntryName {
  /// Why a name may not stand under a root; nil if it may.
  static func problem(_ name: some Collection<UInt8>) -> String? {
    if name.isEmpty { return "is empty" }
    if name.contains(UInt8(ascii: "/")) { return "has a slash in it" }
    if name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) {
      return "means another folder"
    }
    if name.count == 4, name.elementsEqual(".git".utf8, by: { $0 | 0x20 == $1 | 0x20 }) {
      return "belongs to Git itself"
    }
    guard let text = String(validating: name, as: UTF8.self) else { return "is not UTF-8" }
    if text.unicodeScalars.contains(where: Visible.isActive) {
      return "has control characters in it"
    }
    return nil
  }

  /// Whether the name is that of a YAML file, in any case, so that `.yml` and `.YAML` reach those
  /// who refuse them.
  static func isYAML(_ name: String) -> Bool {
    [".yaml", ".yml"].contains { suffix in
      name.utf8.count >= suffix.utf8.count
        && name.utf8.suffix(suffix.utf8.count)
          .elementsEqual(suffix.utf8) { $0 == $1 || $0 | 0x20 == $1 && $0 >= 0x41 }
    }
  }
}

extension Array {
  /// Sorts by path unless it is sorted already, as a walk of one root in Git's order is.
  mutating func sortByPath(_ path: (Element) -> String) {
    let isSorted = zip(self, dropFirst()).allSatisfy { !path($1).precedesInBytes(path($0)) }
    if !isSorted { sort { path($0).precedesInBytes(path($1)) } }
  }
}
