// Roles of people. Five are built in; a workspace adds its own, each of which extends another and
// may do more. Whoever has a role counts as having every role that it extends, so a policy that
// asks for a DEVELOPER is met by an ADMIN too.

internal import Documents

package enum BuiltInRole: String, Hashable, Sendable, CaseIterable {
  case viewer = "VIEWER"
  case analyst = "ANALYST"
  case developer = "DEVELOPER"
  case admin = "ADMIN"
  /// A program that signs. It stands beside the others: it counts as none of them.
  case bot = "BOT"

  /// The one that it extends.
  var extended: BuiltInRole? {
    switch self {
    case .admin: .developer
    case .developer: .analyst
    case .analyst: .viewer
    case .viewer, .bot: nil
    }
  }
}

/// What a role of the workspace lets its people do, beside what the role that it extends does.
package enum Permission: String, Hashable, Sendable, CaseIterable {
  case approve
  case kill
  case release
  case rollback
  case acceptHistory = "accept-history"
}

package struct Role: Hashable, Sendable {
  package let name: String
  /// The name of the role that it extends; nil only for built-in ones.
  package let extended: String?
  /// What it adds.
  package let permissions: Set<Permission>

  init(_ name: String, extending extended: String?, permissions: Set<Permission> = []) {
    self.name = name
    self.extended = extended
    self.permissions = permissions
  }
}

/// All roles of a workspace.
package struct Roles: Hashable, Sendable {
  private let byName: [String: Role]
  /// The roles whose extensions have no end.
  private let circular: Set<String>

  /// The built-in roles, and those of the workspace; where two have one name, the first counts.
  init(_ own: [Role]) {
    let builtIn = BuiltInRole.allCases.map { Role($0.rawValue, extending: $0.extended?.rawValue) }
    byName = Dictionary(
      (builtIn + own).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    circular = Self.circular(byName)
  }

  /// Follows each role once: what leads to a role that is known to end, ends too.
  private static func circular(_ byName: [String: Role]) -> Set<String> {
    var ends: [String: Bool] = [:]
    for name in byName.keys {
      var path: Set<String> = []
      var next: Role? = byName[name]
      while let role = next, ends[role.name] == nil, path.insert(role.name).inserted {
        next = role.extended.flatMap { byName[$0] }
      }
      // Where the path stops at a role of its own, nothing is known of that: a circle.
      let isEnding = next.map { ends[$0.name] ?? false } ?? true
      for role in path { ends[role] = isEnding }
    }
    return Set(ends.filter { !$0.value }.keys)
  }

  package var names: [String] { byName.keys.sorted { $0.precedesInBytes($1) } }

  /// Those of the workspace, by name.
  package var own: [Role] {
    byName.values.filter { BuiltInRole(rawValue: $0.name) == nil }
      .sorted { $0.name.precedesInBytes($1.name) }
  }

  package subscript(name: String) -> Role? { byName[name] }

  /// A role and all that it extends, itself first. Where roles extend each other in a circle, which
  /// is a finding, each is told once.
  package func lineage(of name: String) -> [Role] {
    var lineage: [Role] = []
    var seen: Set<String> = []
    var next = byName[name]
    while let role = next, seen.insert(role.name).inserted {
      lineage.append(role)
      next = role.extended.flatMap { byName[$0] }
    }
    return lineage
  }

  /// Whether who has a role counts as having another.
  package func does(_ name: String, countAs other: String) -> Bool {
    lineage(of: name).contains { $0.name.hasSameBytes(as: other) }
  }

  /// Whether the roles that it extends lead back to it.
  func isCircular(_ name: String) -> Bool { circular.contains(name) }
}
