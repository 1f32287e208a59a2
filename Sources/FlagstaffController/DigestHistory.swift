// The digests of a scope's definitions at commits of its history. Definitions are read at a commit
// only where it touches files that the scope is made of; everywhere else they are its parent's.

internal import Documents
internal import FlagstaffCore
internal import GitSource
internal import Signing

/// A table that is compared with many: unlike ones are mostly told apart by one number.
struct KnownTable<Name: Hashable & Sendable>: Equatable, Sendable {
  private let mark: Int
  let table: DigestTable<Name>

  init(_ table: DigestTable<Name>) {
    self.table = table
    mark = table.reduce(0) { $0 ^ $1.value.hashValue &* 31 ^ $1.key.hashValue }
  }

  static func == (a: KnownTable, b: KnownTable) -> Bool { a.mark == b.mark && a.table == b.table }
}

/// One scope's digests, or trust's, commit by commit.
actor DigestHistory<Name: Hashable & Sendable> {
  typealias Table = DigestTable<Name>

  private let source: DefinitionsSource
  /// The files that the digests follow from.
  private let concerns: @Sendable (String) -> Bool
  /// Nil where the definitions of a commit cannot be read.
  private let read: @Sendable (CommitID) async throws -> Table?
  private var known: [CommitID: KnownTable<Name>?] = [:]

  init(
    _ source: DefinitionsSource, concerns: @escaping @Sendable (String) -> Bool,
    read: @escaping @Sendable (CommitID) async throws -> Table?
  ) {
    self.source = source
    self.concerns = concerns
    self.read = read
  }

  /// The digests at a commit.
  func digests(at commit: RawCommit) async throws -> Table? {
    try await known(at: commit)?.table
  }

  /// Whether a commit says exactly this.
  func isEqual(_ commit: RawCommit, to table: KnownTable<Name>) async throws -> Bool {
    try await known(at: commit) == table
  }

  private func known(at commit: RawCommit) async throws -> KnownTable<Name>? {
    if let table = known[commit.id] { return table }
    var table: KnownTable<Name>?
    if let parent = try await unchangedParent(of: commit) {
      table = known[parent] ?? nil
    } else {
      table = try await read(commit.id).map(KnownTable.init)
    }
    known[commit.id] = .some(table)
    return table
  }

  /// Whether a commit is, in all files that count, what each of its parents is. It contributes to
  /// nothing then, whether they can be read or not.
  func isUntouched(by commit: RawCommit) async throws -> Bool {
    guard !commit.parents.isEmpty else { return false }
    for parent in commit.parents where try await differs(parent, commit.id) { return false }
    return true
  }

  /// A parent whose digests are known, and from which no file that counts differs.
  private func unchangedParent(of commit: RawCommit) async throws -> CommitID? {
    for parent in commit.parents where known[parent] != nil {
      if try await !differs(parent, commit.id) { return parent }
    }
    return nil
  }

  /// Whether files that count differ between two commits. What is wrong in a changed place counts.
  private func differs(_ old: CommitID, _ new: CommitID) async throws -> Bool {
    let comparison = try await source.worker.changedFiles(from: old, to: new, under: Layout.roots)
    return !comparison.findings.isEmpty || comparison.changes.contains { concerns($0.path) }
  }
}

extension DigestHistory where Name == Identity {
  /// Of a scope.
  init(of scope: ScopeID, in source: DefinitionsSource) {
    self.init(source, concerns: { Self.concerns($0, scope.customer) }) { commit in
      guard try await !source.isEmpty(commit) else { return [:] }
      let definitions = try await source.definitions(of: commit, customers: [scope.customer])
      return ResolvedScope.resolve(scope, in: definitions)?.definitions.mapValues(\.digest)
    }
  }

  /// The workspace, what all share, and the customer's own; governance is no part of a scope.
  private static func concerns(_ path: String, _ customer: String) -> Bool {
    // The first file of any customer ends what `definitions/` means.
    if customer.hasSameBytes(as: Layout.defaultCustomer), Layout.isOfCustomers(path) { return true }
    return switch Layout.role(of: path, hasCustomers: Layout.isOfCustomers(path)) {
    case .success(.customer(let other)): other.hasSameBytes(as: customer)
    case .success(.governance): false
    default: true
    }
  }
}

extension DigestHistory where Name == TrustIdentity {
  /// Of trust: the workspace, and who may do what.
  init(ofTrustIn source: DefinitionsSource) {
    self.init(source, concerns: Self.concerns) { commit in
      guard try await !source.isEmpty(commit) else { return [:] }
      let definitions = try await source.definitions(of: commit, customers: [])
      guard let trust = definitions.trust else { return nil }
      return Dictionary(trust.definitions.map { ($0.identity, $0.digest) }) { first, _ in first }
    }
  }

  private static func concerns(_ path: String) -> Bool {
    switch Layout.role(of: path, hasCustomers: Layout.isOfCustomers(path)) {
    case .success(.customer): false
    default: true
    }
  }
}

extension DefinitionsSource {
  /// Whether a commit defines nothing at all, as before the first file.
  func isEmpty(_ commit: CommitID) async throws -> Bool {
    try await worker.files(of: commit, under: Layout.roots).files.isEmpty
  }
}
