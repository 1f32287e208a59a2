// Who changed what between the base of a scope and the head of the branch, and which merges on the
// way are approvals. The base is the newest commit on the head's first-parent line that says
// exactly what is registered; whatever happened before it led to nothing that is to be applied, and
// was judged then. Whoever pushes chooses that line, so of it only what has the applied commit
// behind it counts. Git is read here, signatures are verified, and nothing is decided.

internal import Documents
package import FlagstaffCore
package import GitSource
internal import SSHSignatures
internal import Signing

/// What the commits between base and head tell of one scope, or of trust.
package struct ScopeHistory<Name: Hashable & Sendable>: Sendable {
  /// Of the commits that change anything, oldest first.
  package let notes: [CommitNote<Name>]
  /// The merges on the first-parent line that bear a member's signature.
  package let evidence: [Evidence]
  package let setAside: [SetAside]

  /// Who contributed to a definition.
  package func contributors(to name: Name) -> Contributors { Contributors(to: name, in: notes) }
}

/// The search for one scope, or for trust.
package struct ContributorSearch<Name: Hashable & Sendable>: Sendable {
  private let source: DefinitionsSource
  private let history: DigestHistory<Name>
  private let known = KnownChanges<Name>()
  /// What a name is called in evidence.
  private let subject: @Sendable (Name, _ before: Digest?, _ after: Digest?) -> Subject
  private let verifier: SignatureVerifier

  init(
    _ source: DefinitionsSource, _ history: DigestHistory<Name>, verifier: SignatureVerifier,
    subject: @escaping @Sendable (Name, _ before: Digest?, _ after: Digest?) -> Subject
  ) {
    self.source = source
    self.history = history
    self.verifier = verifier
    self.subject = subject
  }

  /// Searches above a base.
  ///
  /// - Parameter base: see `base(of:registered:applied:)`; nil where everything since the first
  ///   commit counts.
  /// - Throws: `GitError` where history is missing or too long, `SSHKeygenError`: then nothing is
  ///   known of who contributed.
  package func run(
    to head: CommitID, from base: CommitID?, owners: KeyOwners
  ) async throws -> ScopeHistory<Name> {
    let range = try await source.worker.range(to: head, from: base)
    var notes: [CommitNote<Name>] = []
    var merges: [(commit: RawCommit, covers: [Subject])] = []
    let line = Set(try await line(of: range, behind: base))
    let changing = try await changes(in: range)
    let claims = Claims(changing.map(\.commit), owners)
    let verified = try await verifier.verified(claims.all)
    for change in changing {
      notes.append(change.note(signer: claims.signer(of: change.commit, verified)))
      if change.commit.parents.count > 1, line.contains(change.commit.id) {
        merges.append((change.commit, change.covers(subject)))
      }
    }
    var collected = MergeEvidence(
      owners: owners, followed: try await source.followedBranches())
    for merge in merges {
      collected.add(merge.commit, merge.covers, claims.claim(of: merge.commit), verified)
    }
    return ScopeHistory(
      notes: notes, evidence: collected.evidence, setAside: collected.setAside)
  }

  /// The newest commit of the first-parent line that says what is registered and has what was
  /// applied behind it; else the commit that was applied, also where the head does not descend from
  /// it and somebody accepted that: what it has behind it was judged. Nil where nothing was
  /// applied, or what was is gone.
  ///
  /// - Parameters:
  ///   - registered: the digests of what is applied.
  ///   - applied: the commit at which it was applied; nil where nothing was.
  /// - Throws: `GitError`, where history is missing.
  package func base(
    of head: CommitID, registered: DigestTable<Name>, applied: CommitID?
  ) async throws -> CommitID? {
    var next: CommitID? = head
    var line: [RawCommit] = []
    while let id = next {
      let commit = try await source.worker.rawCommit(id)
      line.append(commit)
      guard line.count <= Limits.rangeCommitsMax else { break }
      next = id == applied ? nil : commit.parents.first
    }
    if let applied, line.last?.id != applied {
      guard try await source.missing(of: [applied]).commits.isEmpty else { return nil }
      line = Array(line.prefix(try await count(of: line.map(\.id), behind: applied)))
    }
    // The oldest first, since each is read by what it changes.
    var newest: CommitID?
    let wanted = KnownTable(registered)
    for commit in line.reversed() where try await history.isEqual(commit, to: wanted) {
      newest = commit.id
    }
    return newest ?? applied
  }

  /// How many commits of a first-parent line, newest first, have a commit behind them: those before
  /// one that has not have not either.
  private func count(of line: [CommitID], behind base: CommitID) async throws -> Int {
    var (known, rest) = (0, line.count)
    while known < rest {
      let middle = (known + rest) / 2
      if try await source.worker.descends(line[middle], from: base) {
        known = middle + 1
      } else {
        rest = middle
      }
    }
    return known
  }

  /// The first-parent line of a range, oldest first, as far as it has the range's base behind it:
  /// a merge can bring the base beside a line that knows nothing of it.
  private func line(of range: CommitRange, behind base: CommitID?) async throws -> [CommitID] {
    guard let base, let oldest = range.firstParents.first,
      range.commits[oldest]?.parents.first != base
    else { return range.firstParents }
    let count = try await count(of: range.firstParents.reversed(), behind: base)
    return range.firstParents.suffix(count)
  }
}

// MARK: - One commit after another

extension ContributorSearch {
  /// The commits of the head's first-parent line above a base that change anything, oldest first,
  /// with what each says; nil for one that cannot be read.
  ///
  /// - Throws: `GitError`, where history is missing or too long.
  func line(
    to head: CommitID, from base: CommitID?
  ) async throws -> [(commit: CommitID, digests: DigestTable<Name>?)] {
    var former: DigestTable<Name>? = [:]
    if let base { former = try await digests(at: base) }
    var line: [(CommitID, DigestTable<Name>?)] = []
    let range = try await source.worker.range(to: head, from: base)
    for id in try await self.line(of: range, behind: base) {
      let digests = try await digests(at: id)
      if digests == nil || digests != former { line.append((id, digests)) }
      former = digests
    }
    return line
  }
}

// MARK: - What each commit changes

/// A commit with what it is compared with.
private struct CommitChange<Name: Hashable & Sendable>: Sendable {
  let commit: RawCommit
  let digests: DigestTable<Name>?
  let parents: [DigestTable<Name>?]
  let bases: [[DigestTable<Name>?]]
  /// While files cannot be read, only who touches them contributes.
  let isUnreadAndUntouched: Bool

  func note(signer: CommitSigner) -> CommitNote<Name> {
    CommitNote(
      id: commit.id.hexadecimal, signer: signer, digests: digests, parents: parents,
      bases: bases)
  }

  /// Whether it contributes to anything; unreadable ones do.
  var isChange: Bool {
    guard let digests, !parents.contains(where: { $0 == nil }) else { return true }
    let note = note(signer: .nobody(why: ""))
    let names = parents.reduce(into: Set(digests.keys)) {
      $0.formUnion($1?.keys.map(\.self) ?? [])
    }
    return names.contains { note.contributes(to: $0) }
  }

  /// What it changes against its first parent.
  func covers(_ subject: (Name, Digest?, Digest?) -> Subject) -> [Subject] {
    guard let digests, let former = parents.first ?? nil else { return [] }
    return Set(digests.keys).union(former.keys).filter { digests[$0] != former[$0] }
      .map { subject($0, former[$0], digests[$0]) }.sorted { $0.place(before: $1) }
  }
}

/// What was found of commits already: a pass that goes step by step asks for them again and again.
private actor KnownChanges<Name: Hashable & Sendable> {
  private var found: [CommitID: (change: CommitChange<Name>, isChange: Bool)] = [:]

  subscript(id: CommitID) -> (change: CommitChange<Name>, isChange: Bool)? { found[id] }

  func add(_ change: CommitChange<Name>) -> (change: CommitChange<Name>, isChange: Bool) {
    let entry = (change, change.isChange)
    found[change.commit.id] = entry
    return entry
  }
}

extension ContributorSearch {
  /// The commits of a range that change anything, and its merges of the first-parent line, oldest
  /// first: parents before children.
  private func changes(in range: CommitRange) async throws -> [CommitChange<Name>] {
    let line = Set(range.firstParents)
    var changes: [CommitChange<Name>] = []
    for commit in range.oldestFirst {
      var found = await known[commit.id]
      if found == nil { found = await known.add(try await change(by: commit)) }
      guard let found, !found.change.isUnreadAndUntouched else { continue }
      if found.isChange || (commit.parents.count > 1 && line.contains(commit.id)) {
        changes.append(found.change)
      }
    }
    return changes
  }

  private func change(by commit: RawCommit) async throws -> CommitChange<Name> {
    // Parents first: a commit that touches nothing that counts is not read.
    var parents: [DigestTable<Name>?] = []
    for parent in commit.parents { parents.append(try await self.digests(at: parent)) }
    let digests = try await history.digests(at: commit)
    var bases: [[DigestTable<Name>?]] = []
    for (index, other) in commit.parents.enumerated().dropFirst() {
      let earlier = commit.parents.prefix(index)
      bases.append(
        parents[index] == parents.first && index == 1
          ? [] : try await self.bases(of: other, and: Array(earlier)))
    }
    return CommitChange(
      commit: commit, digests: digests, parents: parents, bases: bases,
      isUnreadAndUntouched: try await isUnreadAndUntouched(commit, digests))
  }

  private func isUnreadAndUntouched(
    _ commit: RawCommit, _ digests: DigestTable<Name>?
  ) async throws -> Bool {
    guard digests == nil else { return false }
    return try await history.isUntouched(by: commit)
  }

  /// What a commit says; nil where it cannot be read.
  func digests(at id: CommitID) async throws -> DigestTable<Name>? {
    try await history.digests(at: try await source.worker.rawCommit(id))
  }

  /// The digests where a line left any of others.
  private func bases(
    of commit: CommitID, and others: [CommitID]
  ) async throws -> [DigestTable<Name>?] {
    var tables: [DigestTable<Name>?] = []
    for other in others {
      for base in try await source.worker.mergeBases(commit, other) {
        tables.append(try await digests(at: base))
      }
    }
    return tables
  }
}

extension CommitRange {
  /// All commits, each behind its parents; in the same order every time.
  fileprivate var oldestFirst: [RawCommit] {
    var order: [RawCommit] = []
    var seen: Set<CommitID> = []
    // A commit is opened once, and taken when its parents are.
    for start in firstParents {
      var open = [(start, false)]
      while let (id, isOpened) = open.popLast() {
        guard let commit = commits[id] else { continue }
        if isOpened {
          order.append(commit)
        } else if seen.insert(id).inserted {
          open.append((id, true))
          open += commit.parents.reversed().map { ($0, false) }
        }
      }
    }
    return order
  }
}

extension ContributorSearch where Name == TrustIdentity {
  /// The search for trust.
  package init(ofTrustIn source: DefinitionsSource, verifier: SignatureVerifier) {
    self.init(source, DigestHistory(ofTrustIn: source), verifier: verifier) {
      Subject(
        place: .trust, kind: $0.kind.rawValue, key: $0.key, generation: nil, before: $1, after: $2)
    }
  }
}

extension ContributorSearch where Name == Identity {
  /// The search for a scope.
  package init(
    of scope: ScopeID, in source: DefinitionsSource, verifier: SignatureVerifier
  ) {
    self.init(source, DigestHistory(of: scope, in: source), verifier: verifier) {
      Subject(
        place: .scope(scope), kind: $0.kind.rawValue, key: $0.key, generation: nil, before: $1,
        after: $2)
    }
  }
}
