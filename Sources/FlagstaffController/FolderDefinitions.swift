// The definitions of a plain folder, as `validate` reads them and `validate --watch` keeps them:
// each file with what is wrong inside it. After an edit one file is read and checked anew, and the
// files of its customer are checked against each other again.

internal import CMalloc
internal import Documents
internal import FlagstaffCore
package import GitSource
internal import Synchronization

package struct FolderDefinitions: Sendable {
  /// Bytes that were freed and are kept, and bytes that are asked for at once.
  private static let (memoryKept, memoryStep): (CInt, CInt) = (256 << 20, 4 << 20)

  private let folder: String
  /// In the order of paths.
  private var files: [CheckedFile]
  private var stray: [Text: Layout.Stray]
  /// About the folder itself, such as a symbolic link in it.
  private var others: [Finding]
  /// What stands outside of the roots.
  private var unread: UnreadFiles
  /// All files, checked against each other.
  package private(set) var loaded: LoadedDefinitions

  /// Reads a folder. Files are checked in batches, each on its own task, while the walk reads on;
  /// where enough of them wait, it checks one itself.
  ///
  /// - Throws: `GitError` where the folder cannot be opened.
  package static func read(
    _ folder: String, progress: ProgressReporter = ProgressReporter()
  ) async throws -> FolderDefinitions {
    // What one file's tree took the next one takes again: the system would only have to clear it in
    // between, which costs a sixth of the whole.
    flagstaff_keep_freed_memory(memoryKept, memoryStep)
    return try await withThrowingTaskGroup(of: [CheckedFile].self) { group in
      var roles = PathRoles()
      var batch = Batch()
      var total = 0
      var batches: [[CheckedFile]] = []
      let waiting = WaitingBatches()
      let others = try WorkingTree.read(folder, under: Layout.roots) { file in
        guard let role = roles.role(of: file.path) else { return }
        total += 1
        guard let full = batch.append(file, as: role) else { return }
        guard waiting.enter() else { return batches.append(full.checked()) }
        group.addTask {
          defer { waiting.leave() }
          return full.checked()
        }
      }
      let rest = batch
      group.addTask { rest.checked() }
      var done = batches.reduce(0) { $0 + $1.count }
      for try await checked in group {
        batches.append(checked)
        done += checked.count
        progress.report("checking definitions", done: done, of: total)
      }
      // Each has its files in order, so hardly any is left to be moved.
      let files = batches.filter { !$0.isEmpty }
        .sorted { $0[0].file.precedesInBytes($1[0].file) }.flatMap(\.self)
      return await FolderDefinitions(folder, files, stray: roles.stray, others: others)
    }
  }

  private init(
    _ folder: String, _ files: [CheckedFile], stray: [(path: String, reason: Layout.Stray)],
    others: [Finding]
  ) async {
    self.folder = folder
    self.files = files.sorted { $0.file.precedesInBytes($1.file) }
    self.stray = Dictionary(stray.map { (Text($0.path), $0.reason) }, uniquingKeysWith: { $1 })
    self.others = others
    unread = UnreadFiles(folder: folder)
    let repository = RepositoryFiles(
      self.files, stray: stray, others: others, unread: unread)
    loaded = LoadedDefinitions(
      definitions: await DefinitionsCheck(repository).definitions(),
      files: files.count, parsed: files.count, fingerprints: [:])
  }

  /// Checks the files against each other again, as far as they have changed.
  private mutating func check(parsed: Int) async {
    let repository = RepositoryFiles(
      files, stray: stray.map { (path: $0.key.string, reason: $0.value) }, others: others,
      unread: unread)
    let check = DefinitionsCheck(repository, after: loaded.definitions)
    loaded = LoadedDefinitions(
      definitions: await check.definitions(), files: files.count, parsed: parsed,
      fingerprints: [:])
  }

  /// Takes what changed. The limits of a whole folder hold again with the next look at all of it.
  ///
  /// - Returns: whether anything that counts has changed.
  package mutating func take(
    _ change: FolderWatch.Change, progress: ProgressReporter = ProgressReporter()
  ) async throws -> Bool {
    guard case .files(let paths) = change else {
      self = try await Self.read(folder, progress: progress)
      return true
    }
    let hadCustomers = hasCustomers
    var (isChanged, parsed) = (false, 0)
    // What was misplaced may just have been moved to its place.
    if !unread.isEmpty { unread = UnreadFiles(folder: folder) }
    for path in paths.sorted() {
      if try look(at: path.string, hasCustomers: hadCustomers, &parsed) { isChanged = true }
    }
    if hasCustomers != hadCustomers {
      // The last file of customers/ went, or the first came: files elsewhere play other parts now.
      self = try await Self.read(folder, progress: progress)
    } else if isChanged {
      await check(parsed: parsed)
    }
    return isChanged
  }

  private var hasCustomers: Bool {
    files.contains { Layout.isOfCustomers($0.file) }
      || stray.keys.contains { Layout.isOfCustomers($0.string) }
  }

  /// Reads one path again; whether it counts, or did.
  private mutating func look(
    at path: String, hasCustomers: Bool, _ parsed: inout Int
  ) throws -> Bool {
    let (file, findings) = try WorkingTree.read(folder, at: path)
    let place = files.partitioningIndex { !$0.file.precedesInBytes(path) }
    var isKnown = place < files.count && files[place].file.hasSameBytes(as: path)
    if isKnown { files.remove(at: place) }
    if stray.removeValue(forKey: Text(path)) != nil { isKnown = true }
    let count = others.count
    others.removeAll { $0.location.file.hasSameBytes(as: path) }
    isKnown = isKnown || others.count < count || !findings.isEmpty
    others += findings
    guard let file else { return isKnown }
    switch Layout.role(of: path, hasCustomers: hasCustomers) {
    case .success(let role):
      parsed += 1
      var valueSchemas = ValueSchemas()
      let checked = DefinitionsSource.check(
        file.content, path: path, role: role, &valueSchemas)
      files.insert(checked, at: place)
    case .failure(let reason):
      stray[Text(path)] = reason
    }
    return true
  }
}

extension UnreadFiles {
  /// What stands outside of the roots of a folder.
  fileprivate init(folder: String) {
    self.init(
      WorkingTree.outsideFiles(of: folder, roots: Layout.roots, marker: Layout.workspaceFile))
  }

  /// What a search found.
  init(_ outside: OutsideFiles) {
    self.init(outside.files, workspaces: outside.markers)
  }
}

extension Array {
  /// The first place of those for which a condition holds, in an array in which they stand last.
  fileprivate func partitioningIndex(where belongs: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// How many batches wait for a core or are being checked. Where there are enough, whoever reads
/// checks one too, so that no more of the folder is held in memory than the cores can take.
private final class WaitingBatches: Sendable {
  private static let countMax = 8

  private let count = Atomic(0)

  /// Whether there is room for one more.
  func enter() -> Bool {
    guard count.load(ordering: .relaxed) < Self.countMax else { return false }
    count.add(1, ordering: .relaxed)
    return true
  }

  func leave() {
    count.subtract(1, ordering: .relaxed)
  }
}

/// Files that one task checks: enough that tasks are few, few enough that all cores end together.
private struct Batch: Sendable {
  private static let bytesMin = 512 * 1024

  private var files: [(file: WorkingFile, role: FileRole)] = []
  private var bytes = 0

  /// The batch with this file, once it is full; a new one begins then.
  mutating func append(_ file: WorkingFile, as role: FileRole) -> Batch? {
    files.append((file, role))
    bytes += file.content.count
    guard bytes >= Self.bytesMin else { return nil }
    defer { self = Batch() }
    return self
  }

  func checked() -> [CheckedFile] {
    var valueSchemas = ValueSchemas()
    return files.map { file, role in
      DefinitionsSource.check(file.content, path: file.path, role: role, &valueSchemas)
    }
  }
}
