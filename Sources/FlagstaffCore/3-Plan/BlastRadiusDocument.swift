// A blast radius as JSON, in the form of `schemas/v1/blast-radius.schema.json`. Shares stand
// between 0 and 1, conditions in their resolved form, and instants as they are written everywhere.

package import Documents

extension BlastRadius {
  package var node: Node {
    .fields([
      "exactness": .string(isExact ? "exact" : "atMost"), "greatest": greatest.node,
      "assignments": assignments.node, "values": values.node, "flagCount": .integer(flagCount),
      "flags": .sequence(flags.map(\.node)),
    ])
  }

  /// Of the figures once the plan is applied, the greatest of any flag.
  package var assignments: UserShare { flags.map(\.now.assignments).max() ?? .none }
  package var values: UserShare { flags.map(\.now.values).max() ?? .none }

  /// Whether no figure is an upper bound.
  package var isExact: Bool {
    flags.allSatisfy { $0.now.isExact && ($0.largest?.isExact ?? true) }
  }
}

extension FlagRadius {
  fileprivate var node: Node {
    .fields([
      "flag": .string(flag), "standing": .string(standing.rawValue), "now": now.node,
      "largest": largest?.node,
    ])
  }
}

extension FlagRadius.Figures {
  package var isExact: Bool { classes.allSatisfy(\.isExact) }

  fileprivate var node: Node {
    .fields([
      "instant": .string(instant.description), "forcedUnits": .integer(forcedUnits),
      "classes": .sequence(classes.map(\.node)),
      "otherClasses": hasOtherClasses ? .boolean(true) : nil,
    ])
  }
}

extension FlagRadius.ClassFigures {
  fileprivate var node: Node {
    .fields([
      "users": .sequence(
        users.map { .fields(["condition": $0.condition, "met": .boolean($0.isMet)]) }),
      "exactness": .string(isExact ? "exact" : "atMost"), "assignments": assignments.node,
      "entering": entering.node, "leaving": leaving.node, "values": values.node,
      "moves": .sequence(moves.map(\.node)),
    ])
  }
}

extension FlagRadius.Moved {
  fileprivate var node: Node { .fields(["share": share.node, "least": least?.node]) }
}

extension FlagRadius.Move {
  fileprivate var node: Node {
    .fields([
      "from": from.map(Node.string), "to": to.map(Node.string), "share": share.node,
      "least": least.node, "changesValue": .boolean(changesValue),
    ])
  }
}

extension UserShare {
  fileprivate var node: Node { .number(fraction) }
}
