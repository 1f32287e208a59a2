// YAML files that stand outside of the roots of a commit or a folder. Nothing reads them as
// definitions; they are handed out so that somebody can ask whether they were meant to be some. The
// search is bounded and never fails: what cannot be read there is nobody's mistake. Hidden names
// are passed over, and so is a folder with a marker of its own, such as a workspace.

internal import CLibGit2
internal import Documents

#if canImport(Glibc)
  internal import Glibc
#endif

package struct OutsideFiles: Sendable {
  /// Those at the top first, then folder by folder, in the order of bytes.
  package fileprivate(set) var files: [(path: String, content: [UInt8])] = []
  /// The markers below the top.
  package fileprivate(set) var markers: [String] = []
}

/// What one search keeps in mind.
private struct OutsideSearch {
  private let roots: Set<String>
  let marker: String
  private(set) var found = OutsideFiles()
  private var entriesLeft = Limits.outsideEntriesMax

  init(roots: [String], marker: String) {
    self.roots = Set(roots)
    self.marker = marker
  }

  enum Entry {
    case file, folder
  }

  /// Goes through the entries of a folder: its files first, then the folders in it.
  ///
  /// - Parameters:
  ///   - path: of the folder; ends with `/` unless it is empty.
  ///   - read: the content of a file, where it can be had.
  ///   - descend: calls itself for a folder.
  mutating func visit<Name>(
    _ entries: [(name: String, kind: Entry, handle: Name)], in path: String,
    read: (Name) -> [UInt8]?, descend: (inout OutsideSearch, Name, String) -> Void
  ) {
    let isTop = path.isEmpty
    if !isTop, entries.contains(where: { $0.name.hasSameBytes(as: marker) }) {
      found.markers.append(path + marker)
      return
    }
    let shown = entries.filter { entry in
      !entry.name.hasPrefix(".") && !(isTop && roots.contains(entry.name))
    }
    guard shown.count <= entriesLeft else { return entriesLeft = 0 }
    entriesLeft -= shown.count
    for entry in shown where entry.kind == .file && EntryName.isYAML(entry.name) {
      guard found.files.count < Limits.outsideFilesMax else { return }
      guard let content = read(entry.handle) else { continue }
      found.files.append((path + entry.name, content))
    }
    guard path.utf8.count(where: { $0 == UInt8(ascii: "/") }) + 1 < Limits.outsideDepthMax else {
      return
    }
    for entry in shown where entry.kind == .folder {
      descend(&self, entry.handle, path + entry.name + "/")
    }
  }
}

// MARK: A commit

extension GitRepository {
  /// The YAML files of a commit outside of its roots.
  package func outsideFiles(of commit: CommitID, roots: [String], marker: String) -> OutsideFiles {
    var search = OutsideSearch(roots: roots, marker: marker)
    try? withRootTree(of: commit) { visit($0, in: "", &search) }
    return search.found
  }

  private func visit(_ tree: OpaquePointer, in path: String, _ search: inout OutsideSearch) {
    let count = min(git_tree_entrycount(tree), Limits.outsideEntriesMax + 1)
    let entries = (0..<count).compactMap { index -> (String, OutsideSearch.Entry, git_oid)? in
      guard let entry = git_tree_entry_byindex(tree, index).map(TreeEntry.init),
        EntryName.problem(entry.name) == nil
      else { return nil }
      let name = String(decoding: entry.name, as: UTF8.self)
      switch entry.kind {
      case .file: return (name, .file, entry.id)
      case .folder: return (name, .folder, entry.id)
      default: return nil
      }
    }
    search.visit(
      entries, in: path, read: { try? blob(BlobID($0)) },
      descend: { search, id, path in try? withTree(id) { visit($0, in: path, &search) } })
  }
}

// MARK: A folder

extension WorkingTree {
  /// The YAML files of a folder outside of its roots.
  package static func outsideFiles(
    of directory: String, roots: [String], marker: String
  ) -> OutsideFiles {
    var search = OutsideSearch(roots: roots, marker: marker)
    if let top = try? opened(directory) { visit(top, in: "", &search) }
    return search.found
  }

  /// Visits an open folder, and closes it.
  private static func visit(_ folder: CInt, in path: String, _ search: inout OutsideSearch) {
    guard let stream = fdopendir(folder) else {
      close(folder)
      return
    }
    defer { closedir(stream) }
    var walk = FolderWalk(builder: ListingBuilder(limits: ListingLimits()))
    let entries = walk.entries(in: stream).compactMap {
      name, _ -> (String, OutsideSearch.Entry, [UInt8])? in
      guard EntryName.problem(name) == nil,
        let status = walk.status(of: name, in: folder, path: path)
      else { return nil }
      let text = String(decoding: name, as: UTF8.self)
      switch status.st_mode & S_IFMT {
      case S_IFREG: return (text, .file, name)
      case S_IFDIR: return (text, .folder, name)
      default: return nil
      }
    }
    search.visit(
      entries, in: path, read: { walk.read($0, of: folder, path: path)?.content },
      descend: { search, name, path in
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let next = withCString(name) { openat(folder, $0, flags) }
        if next >= 0 { visit(next, in: path, &search) }
      })
  }
}
