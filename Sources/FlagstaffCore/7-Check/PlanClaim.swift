// What a plan claims, as data that anybody could have written: which definitions change, how, and
// what is registered and published then. The checks see a plan through this alone, so a test can
// hand them the claims of a planner that is wrong.

package import Documents

/// Everything that is about to be committed, and what it came from.
package struct PlanClaim: Sendable {
  /// A change, as the plan states it.
  package struct Change: Sendable {
    package var identity: Identity
    package var classes: [String]
    package var before: RegisteredDefinition?
    package var after: RegisteredDefinition?
    package var generation: Int
    package var blastRadius: BlastRadius
  }

  package var scope: ScopeID
  package var parent: Int
  package var commit: String
  package var instant: Instant
  package var changes: [Change]
  /// What it stops or releases; nil for a plan of what definitions say.
  package var order: StopOrder?
  /// What is registered before.
  package var former: ScopeState
  /// What is registered then.
  package var state: ScopeState
  /// What is published then.
  package var publication: Publication
  /// What the definitions say.
  package var wanted: ResolvedScope

  package init(
    _ applied: AppliedScope, from former: ScopeState, wanted: ResolvedScope,
    publication: Publication
  ) {
    let plan = applied.plan
    (scope, parent, commit, instant) = (plan.scope, plan.parent, plan.commit, plan.instant)
    changes = plan.changes.map { change in
      Change(
        identity: change.identity, classes: change.classes.map(\.rawValue), before: change.before,
        after: change.after, generation: change.generation, blastRadius: change.blastRadius)
    }
    order = plan.order
    (self.former, state, self.publication, self.wanted) =
      (former, applied.state, publication, wanted)
  }

  /// Works out what should be claimed, and compares.
  ///
  /// - Throws: `PlanDisagreement` with the first thing that differs; what the projection of the
  ///   former state throws.
  package func verify() throws {
    let before = former.version == 0 ? nil : try Publication.project(former)
    try PlanCheck(self, before: before).run()
  }
}
