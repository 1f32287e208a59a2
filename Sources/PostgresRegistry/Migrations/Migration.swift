// One numbered step of the schema. Steps are never edited once released; each records the oldest
// program that can live with what it leaves behind, so that an older program can tell, before it
// writes anything, that it must not.

/// A step of the schema of the registry.
struct Migration: Sendable {
  /// From 1, without gaps.
  let number: Int
  let name: String
  /// The lowest `RegistrySchema.programLevel` that works with the schema after this step.
  let oldestProgram: Int
  /// Statements that run as `flagstaff_owner` in one transaction, names qualified.
  let script: String

  /// All steps, in order.
  static let all: [Migration] = [
    .registry, .groups, .metrics, .audit, .approvals, .trust, .auditStorage, .kills,
  ]
}
