// What two branches disagree about, as findings at the files: a merge that Git could not finish is
// the users' to finish. The line is the one of the first place that both sides changed, in our
// file, since that is the file that a review shows.

internal import CLibGit2
package import Documents

struct MergeConflicts {
  let repository: GitRepository
  let roots: [String]

  /// The conflicts of an index, in its order.
  func findings(in index: OpaquePointer) throws(GitError) -> [Finding] {
    let operation = "reading the conflicts of a merge"
    var iterator: OpaquePointer?
    try LibGit2.check(git_index_conflict_iterator_new(&iterator, index), operation)
    defer { git_index_conflict_iterator_free(iterator) }
    var findings: [Finding] = []
    while true {
      var base: UnsafePointer<git_index_entry>?
      var ours: UnsafePointer<git_index_entry>?
      var theirs: UnsafePointer<git_index_entry>?
      let status = git_index_conflict_next(&base, &ours, &theirs, iterator)
      if status == GIT_ITEROVER.rawValue { return findings }
      try LibGit2.check(status, operation)
      if let finding = finding(Sides(base, ours, theirs)) { findings.append(finding) }
    }
  }

  private struct Sides {
    let base: git_index_entry?
    let ours: git_index_entry?
    let theirs: git_index_entry?

    init(
      _ base: UnsafePointer<git_index_entry>?, _ ours: UnsafePointer<git_index_entry>?,
      _ theirs: UnsafePointer<git_index_entry>?
    ) {
      self.base = base?.pointee
      self.ours = ours?.pointee
      self.theirs = theirs?.pointee
    }

    var path: String {
      guard let path = (ours ?? theirs ?? base)?.path else { return "" }
      return String(cString: path)
    }
  }

  private func finding(_ sides: Sides) -> Finding? {
    let path = sides.path
    let root = path.prefix { $0 != "/" }
    guard roots.contains(where: { $0.hasSameBytes(as: String(root)) }) else {
      return Finding(
        .conflictElsewhere, at: Location(file: path),
        "merging needs a decision in this file, which is no definition",
        remedy: "Merge the other branch into this one, and decide there")
    }
    let remedy = "Merge the other branch into this one, and say there what shall be"
    guard let ours = sides.ours, let theirs = sides.theirs else {
      let (kept, gone) = sides.ours == nil ? ("the other", "this") : ("this", "the other")
      return Finding(
        .conflictOfDeletion, at: Location(file: path),
        "the file is changed in \(kept) branch, and gone in \(gone) one", remedy: remedy)
    }
    guard let base = sides.base else {
      return Finding(
        .conflict, at: Location(file: path, position: .start),
        "both branches add this file, each with another content", remedy: remedy)
    }
    let line = firstLine(base.id, ours.id, theirs.id)
    return Finding(
      .conflict,
      at: Location(file: path, position: line.map { Position(line: $0, column: 1) } ?? .none),
      "both branches change the same lines, each in another way", remedy: remedy)
  }

  /// The line in our file of the first place that both sides changed; nil where it cannot be told.
  private func firstLine(_ base: git_oid, _ ours: git_oid, _ theirs: git_oid) -> UInt32? {
    guard let left = hunks(base, ours), let right = hunks(base, theirs) else { return nil }
    let met = left.first { ours in right.contains { ours.meets($0) } }
    return met.map { UInt32(clamping: max($0.newStart, 1)) }
  }

  /// What one side changed, by lines of the base.
  private struct Hunk {
    let old: Range<Int>
    let newStart: Int

    /// Whether both touch, as Git counts it: changes side by side are a conflict too.
    func meets(_ other: Hunk) -> Bool {
      old.lowerBound <= other.old.upperBound && other.old.lowerBound <= old.upperBound
    }
  }

  /// Filled by libgit2 while `git_diff_blobs` runs, and by nobody else.
  private final class HunkList {
    var hunks: [Hunk] = []
  }

  private func hunks(_ old: git_oid, _ new: git_oid) -> [Hunk]? {
    guard let oldBlob = blob(old), let newBlob = blob(new) else { return nil }
    defer {
      git_blob_free(oldBlob)
      git_blob_free(newBlob)
    }
    var options = git_diff_options()
    git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION))
    options.context_lines = 0
    let list = HunkList()
    let status = git_diff_blobs(
      oldBlob, nil, newBlob, nil, &options, nil, nil,
      { _, hunk, payload in
        guard let hunk = hunk?.pointee, let payload else { return 0 }
        // Where nothing was removed, the number is that of the line before.
        let start = Int(hunk.old_start) + (hunk.old_lines == 0 ? 1 : 0)
        Unmanaged<HunkList>.fromOpaque(payload).takeUnretainedValue().hunks.append(
          Hunk(old: start..<(start + Int(hunk.old_lines)), newStart: Int(hunk.new_start)))
        return 0
      }, nil, Unmanaged.passUnretained(list).toOpaque())
    return status == 0 ? list.hunks : nil
  }

  private func blob(_ id: git_oid) -> OpaquePointer? {
    var blob: OpaquePointer?
    var id = id
    return git_blob_lookup(&blob, repository.handle, &id) == 0 ? blob : nil
  }
}

extension Finding.Code {
  /// Both branches change the same place.
  package static let conflict = Self("FS3011", "A merge conflict")
  /// One branch changes what the other deletes.
  package static let conflictOfDeletion = Self("FS3012", "Changed here, deleted there")
  /// A conflict in a file that is no definition.
  package static let conflictElsewhere = Self(
    "FS3013", "A merge conflict elsewhere", severity: .warning)
}
