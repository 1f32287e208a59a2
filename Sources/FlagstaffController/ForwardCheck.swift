// History moves forward: the head has to descend from every commit that is applied. Where it does
// not, the branch was rewritten or set back, and an ADMIN's signed statement about exactly this
// step is what lets it go on. Descent is asked of Git; who may say so is asked of trust.

package import Documents
package import FlagstaffCore
package import GitSource
internal import SSHSignatures

package struct ForwardCheck: Sendable {
  private let source: DefinitionsSource
  private let branches: Set<String>
  private let trust: JudgingTrust

  /// - Parameters:
  ///   - branches: the names that the branch which is followed has, as they are signed.
  ///   - trust: the newest accepted, as both that judges and that is in force.
  package init(_ source: DefinitionsSource, branches: Set<String>, trust: JudgingTrust) {
    self.source = source
    self.branches = branches
    self.trust = trust
  }

  /// Checks.
  ///
  /// - Parameters:
  ///   - applied: the commits of all scopes and of trust.
  ///   - evidence: what stands; accepted histories are among it.
  /// - Throws: `GitError` where the history is missing or too long.
  package func run(
    to head: CommitID, from applied: Set<CommitID>, evidence: [Evidence], at instant: Instant
  ) async throws -> Forward {
    let lost = try await source.worker.lost(to: head, of: applied)
      .sorted { $0.hexadecimal.precedesInBytes($1.hexadecimal) }
    guard !lost.isEmpty else { return .descends }
    var accepted: Approval?
    for commit in try await newest(of: lost) {
      guard let approval = try await approval(of: commit, to: head, evidence, at: instant) else {
        return waits(commit, head)
      }
      accepted = accepted ?? approval
    }
    return accepted.map { .accepted($0) } ?? .descends
  }

  /// Those from which no other of them descends: what came before them goes with them.
  private func newest(of commits: [CommitID]) async throws -> [CommitID] {
    var newest: [CommitID] = []
    for commit in commits {
      var isNewest = true
      for other in commits where other != commit && isNewest {
        // A commit that is gone descends from nothing that could be told.
        if try await source.worker.missing(of: [other]).commits.isEmpty {
          isNewest = try await !source.worker.descends(other, from: commit)
        }
      }
      if isNewest { newest.append(commit) }
    }
    return newest
  }

  /// Who accepted the step from a commit to the head, or to one from which the head goes on.
  private func approval(
    of old: CommitID, to head: CommitID, _ evidence: [Evidence], at instant: Instant
  ) async throws -> Approval? {
    for piece in evidence {
      guard let statement = piece.statement, let expires = statement.expires, instant < expires,
        statement.issued <= instant.adding(seconds: Limits.clockSkewSecondsMax),
        case .acceptHistory(let branch, let from, let to) = statement.content,
        branches.contains(where: branch.hasSameBytes), from == old.hexadecimal,
        let new = CommitID(to),
        case .success(let person) = trust.signer(with: piece.key, at: instant),
        trust.has(person.key, among: .role(BuiltInRole.admin.rawValue))
      else { continue }
      if try await source.worker.descends(head, from: new) {
        return Approval(evidence: piece.digest, person: person.key, kind: piece.kind)
      }
    }
    return nil
  }

  private func waits(_ old: CommitID, _ head: CommitID) -> Forward {
    let name = branches.min { $0.precedesInBytes($1) } ?? "HEAD"
    return .waits(
      reason: "the head \(head.hexadecimal.prefix(12)) does not descend from the applied commit"
        + " \(old.hexadecimal.prefix(12)): the branch was rewritten or set back",
      remedy: "Set the branch to where it was, or let an ADMIN run: flagstaff accept-history"
        + " --branch \(Visible.text(name)) --old \(old) --new \(head) --push")
  }
}
