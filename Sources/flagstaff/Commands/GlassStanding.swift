// Whether a glass that somebody is about to break can let anything through. It stands for policies
// alone: what waits for a freeze or for resting buckets goes on waiting, and who broke the glass
// for a definition does so again only once somebody else has approved it. It is said before
// anything is signed, with what helps instead, since an incident leaves no time to find out.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

extension SignerStanding {
  /// The changes of scopes for which a broken glass would be of no use, each with why, and what to
  /// do instead: whole sentences.
  ///
  /// - Parameter end: until when it counts.
  func vainGlasses(in report: PassReport, until end: Instant) -> [ScopeID: [Identity: String]] {
    var found: [ScopeID: [Identity: String]] = [:]
    for scope in report.scopes {
      guard let plan = scope.outcome.plan, let verdict = scope.verdict else { continue }
      let wait = verdict.waits.first { $0.until.map { $0 >= end } ?? false }
      for (change, judged) in zip(plan.changes, verdict.changes) where change.isSigned {
        found[scope.scope, default: [:]][change.identity] =
          wait.map { Self.sentence(scope.scope, $0) } ?? sentence(change.identity, judged)
      }
    }
    return found
  }

  /// A scope waits as a whole.
  private static func sentence(_ scope: ScopeID, _ wait: Plan.Wait) -> String {
    "A broken glass would let nothing through in \(scope), which waits longer than it counts:"
      + " \(wait.reason). \(wait.remedy)."
  }

  private func sentence(_ identity: Identity, _ judged: ChangeVerdict) -> String? {
    guard let person, judged.openBreakGlasses.contains(person.key) else { return nil }
    return "Your broken glass for \(identity) would not count: you broke it before, and nobody else"
      + " has approved a change of it since. Let somebody approve this one, or another ADMIN break"
      + " the glass."
  }
}
