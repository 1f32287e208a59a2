// What an origin has, as parents of plans: each scope's pointer and state, verified, and from Git
// the definitions of the commit that the pointer names. So a pull request is planned with files, a
// clone and a public key alone. A commit that the clone lacks ends it, with what brings that
// commit: a plan that leaves scopes out would be taken for a whole one.

package import Documents
package import FlagstaffCore
internal import GitSource
package import Origins
package import Signing

extension Parents {
  /// Reads what is published.
  ///
  /// - Parameters:
  ///   - wanted: what will be planned, of the same workspace.
  ///   - named: the scopes to ask for where an origin cannot say which it has.
  ///   - source: the repository of the published commits.
  ///   - clock: the time, by which a pointer has expired or not.
  /// - Throws: `PublishedScopeFailure` where a pointer is not signed by one of the keys;
  ///   `ControllerError` where nothing is published, a commit is missing, or the workspace is
  ///   another one; `OriginError`, `GitError`. What is wrong with one scope's state fails that
  ///   scope alone.
  package static func published(
    at origin: any ReadableOrigin, keys: [PublicKey], selection: ScopeSelection,
    for wanted: LoadedDefinitions, named: Set<ScopeID>, source: DefinitionsSource, clock: Instant
  ) async throws -> Parents {
    let listed = try await origin.scopesListed()
    var pointers: [Pointer] = []
    for scope in (listed ?? named.sorted()) where selection.contains(scope) {
      let envelope = try await origin.read(OriginPath.pointer(scope))
      // What was never published has no pointer; a list has only what is there.
      if envelope == nil, listed == nil { continue }
      pointers.append(
        try PublishedScope.pointer(in: envelope, of: scope, at: origin, keys: keys).pointer)
    }
    guard !(listed ?? pointers.map(\.scope)).isEmpty else {
      throw ControllerError(
        .nothingPublished, operation: "reading the origin \(origin.name)",
        reason: "no scope is published there. Name the origin that `flagstaff reconcile` publishes"
          + " to, or plan with --against rev:REVISION where nothing was ever published")
    }
    try ControllerError.requireSameWorkspace(
      wanted.definitions, pointers, of: "the origin", remedy: "another origin")
    var states: [ScopeID: Result<ScopeState, any Error>] = [:]
    for (commit, pointers) in try await byCommit(pointers, in: source) {
      let former = try await source.definitions(
        of: commit, customers: Set(pointers.map(\.scope.customer)))
      for pointer in pointers {
        do {
          states[pointer.scope] = .success(try await state(of: pointer, at: origin, former))
        } catch  where error.isOfOneScope {
          states[pointer.scope] = .failure(error)
        }
      }
    }
    let trust = try await trust(at: origin, keys: keys, in: source)
    return Parents(
      states: states, notes: notes(on: pointers, at: clock) + (trust == nil ? [] : [trustNote]),
      trust: trust, commits: Set(pointers.map(\.commit)))
  }

  private static let trustNote =
    "Approvals are those in the refs of this clone; bring them there with git fetch origin"
    + " '+refs/flagstaff/approvals/*:refs/flagstaff/approvals/*'. What the registry alone knows"
    + " does not count here: approvals whose ref is gone, and what was raised in the last day."

  /// The trust in force, by what the origin was told and the commit says; nil where it was told
  /// nothing.
  private static func trust(
    at origin: any ReadableOrigin, keys: [PublicKey], in source: DefinitionsSource
  ) async throws -> RegisteredTrust? {
    guard let bytes = try await origin.read(OriginPath.trust) else { return nil }
    func failure(_ reason: String) -> ControllerError {
      ControllerError(
        .trust, operation: "reading \(OriginPath.trust) at \(origin.name)", reason: reason)
    }
    guard
      let payload = try? DSSE.opened(bytes, type: TrustPointer.payloadType, keys: keys).payload,
      let pointer = TrustPointer(payload: payload), let commit = CommitID(pointer.commit)
    else {
      throw failure(
        "it is not signed by the key that was given, or is of a newer format. Give the right"
          + " --public-key")
    }
    guard try await source.missing(of: [commit]).commits.isEmpty else {
      throw failure(
        "the repository does not have commit \(commit), whose trust is in force. Bring it with"
          + " `git fetch origin \(commit)`; \(GitError.wholeHistoryInCI)")
    }
    guard let said = try await source.definitions(of: commit, customers: []).trust,
      let trust = pointer.trust(said)
    else {
      throw failure(
        "what commit \(commit.hexadecimal.prefix(12)) says of trust is not what was accepted. Is"
          + " this the repository that is published there?")
    }
    return trust
  }

  private static func state(
    of pointer: Pointer, at origin: any ReadableOrigin, _ former: Definitions
  ) async throws -> ScopeState {
    let published = try PublishedState(try await PublishedScope.state(of: pointer, at: origin))
    guard let resolved = ResolvedScope.resolve(pointer.scope, in: former) else {
      throw PublishedStateError.held(
        pointer, by: former.findings(holding: pointer.scope))
    }
    return try published.state(of: pointer, resolved: resolved)
  }

  /// Pointers by their commits, without one of which it does not go on.
  private static func byCommit(
    _ pointers: [Pointer], in source: DefinitionsSource
  ) async throws -> [CommitID: [Pointer]] {
    var byCommit: [CommitID: [Pointer]] = [:]
    var commits: [CommitID] = []
    for pointer in pointers {
      guard let commit = CommitID(pointer.commit) else {
        throw ControllerError(
          .commitMissing, operation: "reading the published commit of \(pointer.scope)",
          reason: "its pointer names \(pointer.commit), which is no commit")
      }
      if byCommit[commit] == nil { commits.append(commit) }
      byCommit[commit, default: []].append(pointer)
    }
    let (missing, isShallow) = try await source.missing(of: commits)
    if let first = missing.first {
      let scopes = (byCommit[first] ?? []).map(\.scope).sorted()
      throw failure(missing, of: scopes, isShallow: isShallow, in: source)
    }
    return byCommit
  }

  /// - Parameter scopes: those of the first commit that is missing.
  private static func failure(
    _ missing: [CommitID], of scopes: [ScopeID], isShallow: Bool, in source: DefinitionsSource
  ) -> ControllerError {
    let list = missing.map(\.hexadecimal).joined(separator: " ")
    let remedy: String
    if source.isMirror {
      remedy =
        "The branch does not lead back to it: name the branch that was published with --branch, or,"
        + " where its history was rewritten, plan with --against registry"
    } else if isShallow {
      remedy =
        "This clone is shallow. Bring what is missing with `git fetch --depth=1 origin \(list)`;"
        + " \(GitError.wholeHistoryInCI)"
    } else {
      remedy =
        "Bring what is missing with `git fetch origin \(list)`. Where this clone is only behind,"
        + " bring its branch up to date too: a head without that commit takes back what it changed"
    }
    return ControllerError(
      .commitMissing, operation: "reading the published definitions of \(scopes[0])",
      reason: "the repository does not have commit \(missing[0])"
        + (missing.count > 1 ? " and \(missing.count - 1) more" : "") + ". \(remedy)")
  }

  /// A pointer is signed for a time. Afterwards it may still be the newest, but nobody vouches for
  /// that any more, so it is said.
  private static func notes(on pointers: [Pointer], at clock: Instant) -> [String] {
    pointers.filter { $0.expires <= clock }.map { pointer in
      "What is published of \(pointer.scope) may be out of date: version \(pointer.version) was"
        + " issued at \(pointer.issued), and its pointer expired at \(pointer.expires)."
    }
  }
}
