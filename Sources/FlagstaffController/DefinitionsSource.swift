// Where definitions come from: a commit of a repository, or a plain folder. Blobs are read from the
// object database and checked in parallel; a file that was checked once is not read again as long
// as its path and blob stay the same, so a pass with one changed file parses one file.

internal import Documents
package import FlagstaffCore
package import GitSource
internal import YAMLDocuments

/// What a commit or a folder defines, and how much work it was to find out.
package struct LoadedDefinitions: Sendable {
  package let definitions: Definitions
  /// Files under the roots that are definitions files.
  package let files: Int
  /// How many of them were read and parsed now; the others were known.
  package let parsed: Int
  /// What each customer's files are, so that two loads can be compared; shared files count for all.
  package let fingerprints: [String: Int]
}

/// One repository, with what is known of its files.
package actor DefinitionsSource {
  private let address: RemoteAddress
  private let branch: String?
  private let fetch: Fetch?
  let worker: GitWorker
  private let progress: ProgressReporter
  private var isFetched = false
  /// What the remote calls the branch that was fetched; nil before.
  private var fetchedBranch: String?
  /// Why the last fetch brought no approvals; nil where it did, or brought none before.
  package private(set) var approvalProblem: String?
  private var listed: (commit: CommitID, listing: TreeListing)?
  private var checked: [Text: Known] = [:]
  /// What these files said together.
  private var former: Definitions?

  private struct Known {
    let blob: BlobID
    let file: CheckedFile
  }

  /// - Parameter fetch: how the mirror of a remote is brought up to date; nil for a path, which is
  ///   read in place.
  package init(
    address: RemoteAddress, branch: String?, fetch: Fetch?,
    progress: ProgressReporter = ProgressReporter()
  ) {
    self.address = address
    self.branch = branch
    self.fetch = fetch
    self.progress = progress
    worker = GitWorker(path: fetch?.mirror.path ?? address.text)
  }

  /// The commit at the head of the branch, fetched where the repository is remote.
  ///
  /// - Parameter signers: identifiers of the keys whose approvals are fetched too.
  package func head(withApprovalsOf signers: Set<String> = []) async throws -> CommitID {
    guard var fetch else { return try await worker.head(ofBranch: branch) }
    fetch.approvals = signers
    let fetched = try await fetch.run().fetched
    isFetched = true
    fetchedBranch = fetched.branch
    approvalProblem = fetched.approvalProblem
    return fetched.commit
  }

  /// The short names by which the branch that is followed may be called: one, or those that a clone
  /// has for it where nobody named it.
  func followedBranches() async throws -> Set<String> {
    if let name = branch ?? fetchedBranch { return [name] }
    return try await worker.defaultBranches()
  }

  /// Brings the approvals of some signers into a mirror; a path has what it has.
  func bringApprovals(of signers: Set<String>) async throws {
    if fetch != nil { _ = try await head(withApprovalsOf: signers) }
  }

  /// The commit that a revision names. A remote repository is fetched first, once.
  package func commit(ofRevision revision: String) async throws -> CommitID {
    if fetch != nil, !isFetched { _ = try await head() }
    return try await worker.commit(ofRevision: revision)
  }

  /// The definitions of a commit.
  package func definitions(of commit: CommitID) async throws -> LoadedDefinitions {
    let listing = try await listing(of: commit)
    listed = (commit, listing)
    return try await load(listing, outside: outsideFiles(of: commit))
  }

  /// What stands outside of the roots of a commit, for those who believe that it counts.
  private func outsideFiles(of commit: CommitID) async throws -> UnreadFiles {
    UnreadFiles(
      try await worker.outsideFiles(
        of: commit, roots: Layout.roots, marker: Layout.workspaceFile))
  }

  /// The files of the working tree that differ from the commit that it is of, by path; none where
  /// it is of another commit, and of a remote repository.
  package func uncommittedFiles(beside commit: CommitID) async throws -> [String] {
    guard fetch == nil else { return [] }
    return try await worker.uncommittedFiles(beside: commit, under: Layout.roots)
  }

  /// What is defined where a commit is merged into another; what they disagree about is among the
  /// findings.
  package func definitions(
    merging theirs: CommitID, into ours: CommitID
  ) async throws -> LoadedDefinitions {
    let merged = try await worker.merge(theirs, into: ours, under: Layout.roots)
    return try await load(
      merged.listing, contents: merged.contents, outside: outsideFiles(of: ours))
  }

  /// What some customers define in a commit, with what they share: enough to resolve their scopes.
  /// What is known of the other customers' files stays known.
  func definitions(of commit: CommitID, customers: Set<String>) async throws -> Definitions {
    let listing = try await worker.files(of: commit, under: Layout.roots)
    return try await load(listing, customers: customers).definitions
  }

  /// Those of some commits that the repository does not have, with whether it is shallow.
  func missing(
    of commits: [CommitID]
  ) async throws -> (commits: [CommitID], isShallow: Bool) {
    try await worker.missing(of: commits)
  }

  /// Whether the repository is a mirror of ours, so that nobody else fetches into it.
  nonisolated var isMirror: Bool { fetch != nil }

  /// Checks the files of a listing, those alone that are not known.
  ///
  /// - Parameters:
  ///   - contents: of files that the repository does not have.
  ///   - customers: whose files count; nil for all, and then they become what is known.
  ///   - outside: what stands outside of the roots.
  private func load(
    _ listing: TreeListing, contents: [BlobID: [UInt8]] = [:], customers: Set<String>? = nil,
    outside: UnreadFiles = .none
  ) async throws -> LoadedDefinitions {
    var roles = PathRoles()
    var unknown: [(TreeFile, FileRole)] = []
    var known: [Text: Known] = [:]
    for file in listing.files {
      guard let role = roles.role(of: file.path) else { continue }
      if let customers, case .customer(let customer) = role, !customers.contains(customer) {
        continue
      }
      let path = Text(file.path)
      if let former = checked[path], former.blob == file.blob, former.file.role == role {
        known[path] = former
      } else {
        unknown.append((file, role))
      }
    }
    for (file, checkedFile) in try await check(unknown, contents) {
      known[Text(file.path)] = Known(blob: file.blob, file: checkedFile)
    }
    let repository = RepositoryFiles(
      known.values.map(\.file), stray: roles.stray, others: listing.findings, unread: outside)
    let definitions = await DefinitionsCheck(repository, after: former).definitions()
    if customers == nil { (checked, former) = (known, definitions) }
    return LoadedDefinitions(
      definitions: definitions, files: known.count, parsed: unknown.count,
      fingerprints: Self.fingerprints(known))
  }

  /// What a commit holds: from what differs from the last one, where that is enough.
  private func listing(of commit: CommitID) async throws -> TreeListing {
    // Where the last one cannot be read any more, a new mirror has taken the old one's place.
    if let listed,
      let comparison = try? await worker.changedFiles(
        from: listed.commit, to: commit, under: Layout.roots),
      let listing = listed.listing.applying(comparison)
    {
      return listing
    }
    return try await worker.files(of: commit, under: Layout.roots)
  }

  /// Reads blobs in chunks and checks each chunk on its own task while the next is read.
  private func check(
    _ files: [(TreeFile, FileRole)], _ contents: [BlobID: [UInt8]]
  ) async throws -> [(TreeFile, CheckedFile)] {
    let chunkSize = 64
    return try await withThrowingTaskGroup(of: [(TreeFile, CheckedFile)].self) { group in
      var result: [(TreeFile, CheckedFile)] = []
      result.reserveCapacity(files.count)
      for start in stride(from: 0, to: files.count, by: chunkSize) {
        let chunk = Array(files[start..<min(start + chunkSize, files.count)])
        let stored = chunk.filter { contents[$0.0.blob] == nil }
        let blobs = try await worker.blobs(stored.map(\.0.blob))
        let made = chunk.compactMap { item in contents[item.0.blob].map { (item, $0) } }
        let items = Array(zip(stored, blobs)) + made
        group.addTask {
          var valueSchemas = ValueSchemas()
          return items.map { item, bytes in
            (item.0, Self.check(bytes, path: item.0.path, role: item.1, &valueSchemas))
          }
        }
        progress.report("reading definitions", done: start, of: files.count)
      }
      for try await chunk in group { result += chunk }
      return result
    }
  }

  static func check(
    _ bytes: [UInt8], path: String, role: FileRole, _ valueSchemas: inout ValueSchemas
  ) -> CheckedFile {
    let reading = YAMLReader.read(bytes, file: path)
    guard let document = reading.document else {
      return .unreadable(path, as: role, findings: reading.findings)
    }
    return .check(document, as: role, &valueSchemas)
  }

  /// A hash of (path, blob) of each customer's files, mixed with that of the files for all.
  private static func fingerprints(_ known: [Text: Known]) -> [String: Int] {
    var common = 0
    var own: [String: Int] = [:]
    for (path, file) in known {
      var hasher = Hasher()
      hasher.combine(path)
      hasher.combine(file.blob)
      let hash = hasher.finalize()
      if case .customer(let customer) = file.file.role {
        own[customer, default: 0] ^= hash
      } else {
        common ^= hash
      }
    }
    return own.mapValues { $0 &+ common &* 31 }
  }
}

extension DefinitionsCheck {
  /// The definitions, checked on all cores.
  func definitions() async -> Definitions {
    let checked = await withTaskGroup(of: (String, CheckedCustomer).self) { group in
      for customer in pending { group.addTask { (customer.name, customer.check()) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    return definitions(with: checked)
  }
}

/// The part that each path plays. Paths come in byte order from a commit and in the order of
/// `Layout.roots` from a folder. In both `customers/` stands before `definitions/`, so whether
/// there is one is known before the first file of the other.
struct PathRoles {
  private(set) var stray: [(path: String, reason: Layout.Stray)] = []
  private var hasCustomers = false

  /// Nil, and noted, for a path that has none.
  mutating func role(of path: String) -> FileRole? {
    hasCustomers = hasCustomers || Layout.isOfCustomers(path)
    switch Layout.role(of: path, hasCustomers: hasCustomers) {
    case .success(let role): return role
    case .failure(let reason):
      stray.append((path, reason))
      return nil
    }
  }
}
