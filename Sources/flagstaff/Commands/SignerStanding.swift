// Whether what somebody is about to sign can count. It is said before anything is signed: whoever
// approves and hears nothing would believe that it did. Only what the key's public part tells is
// known here; where ssh-keygen alone can read the key, everything is signed and judged later.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import SSHSignatures

/// What the trust in force says of the key that is about to sign.
struct SignerStanding {
  /// Nil where the key is not known before it signs.
  let person: Person?
  private let trust: JudgingTrust
  private let instant: Instant

  /// - Throws: where the key is nobody's, or does not count now.
  init(
    _ key: SSHPublicKey?, in registered: RegisteredTrust, at instant: Instant, _ terminal: Terminal
  ) throws {
    trust = JudgingTrust(judging: registered, newest: registered)
    self.instant = instant
    guard let key else {
      person = nil
      return
    }
    switch trust.signer(with: key, at: instant) {
    case .success(let found): person = found
    case .failure(let nobody):
      throw terminal.refusal("What this key signs would not count: it \(nobody.reason).")
    }
  }

  /// - Throws: where the signer is known to be no ADMIN.
  func requireAdmin(for what: String, _ terminal: Terminal) throws {
    guard let person, !isAdmin(person) else { return }
    throw terminal.refusal(
      "\(what) counts from an ADMIN alone, and \(Visible.text(person.key)) is none.")
  }

  /// The changes of scopes to which the signer contributed, each with what to say of it: the newest
  /// such commit.
  func contributions(to report: PassReport) -> [ScopeID: [Identity: String]] {
    guard let person else { return [:] }
    var found: [ScopeID: [Identity: String]] = [:]
    for scope in report.scopes {
      guard let plan = scope.outcome.plan, let verdict = scope.verdict else { continue }
      for (change, judged) in zip(plan.changes, verdict.changes) where change.isSigned {
        found[scope.scope, default: [:]][change.identity] =
          judged.contributors.commits[person.key].map {
            "Your approval of \(change.identity) would not count: you contributed to it (commit"
              + " \($0.prefix(12)))."
          }
      }
    }
    return found
  }

  /// Why the signer's word on a change of trust would not count; nil where it would, or the key is
  /// not known.
  func reasonAgainst(_ approval: TrustApproval) -> String? {
    guard let person else { return nil }
    let name = Visible.text(person.key)
    guard isAdmin(person) else { return "\(name) is no ADMIN" }
    let others = trust.ableToSign(at: instant).filter {
      $0 != person.key && trust.has($0, among: .role(BuiltInRole.admin.rawValue))
    }
    let commits = approval.verdict.changes.map { $0.contributors.commits[person.key] }
    guard !others.isEmpty, !commits.contains(nil), let commit = commits.last ?? nil else {
      return nil
    }
    return "\(name) contributed to it (commit \(commit.prefix(12)))"
  }

  private func isAdmin(_ person: Person) -> Bool {
    trust.has(person.key, among: .role(BuiltInRole.admin.rawValue))
  }
}

extension Terminal {
  /// Says why nothing is signed, and how the program ends then.
  func refusal(_ reason: String) -> ExitCode {
    besideResult("\(reason) Nothing was signed.")
    return Ending.waiting
  }
}
