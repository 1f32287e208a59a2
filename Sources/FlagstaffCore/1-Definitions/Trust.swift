// Who may do what, as the workspace and governance/ say it: roles, people, teams, policies,
// freezes. It is checked whole and has a private initialiser, so that whoever applies it meets no
// name that leads nowhere. Nothing is gated by it yet; that begins with the stage of approvals.

internal import Documents

package struct Trust: Sendable {
  package let roles: Roles
  package let people: [String: Person]
  package let teams: [String: Team]
  /// In key order.
  package let policies: [Policy]
  /// In the order of the file.
  package let freezes: [Freeze]

  /// The people who count as having a role, by key, sorted.
  package func people(having role: String) -> [Person] {
    people.values.filter { roles.does($0.role, countAs: role) }
      .sorted { $0.key.precedesInBytes($1.key) }
  }

  /// The people of a team or of a role, by key, sorted.
  package func people(among voters: Voters) -> [Person] {
    switch voters {
    case .role(let role): people(having: role)
    case .team(let team):
      (teams[team]?.members ?? []).compactMap { people[$0] }
        .sorted { $0.key.precedesInBytes($1.key) }
    }
  }

  /// What files state, before anything is followed: `TrustCheck` asks it and reports.
  static func stated(_ files: [CheckedFile], _ workspace: WorkspaceSource?) -> Trust {
    Trust(files.map(\.governance), workspace)
  }

  private init(_ sources: [GovernanceSource], _ workspace: WorkspaceSource?) {
    roles = Roles((workspace?.roles ?? []).map(\.role))
    people = Dictionary(
      sources.flatMap(\.people).map { ($0.person.key, $0.person) },
      uniquingKeysWith: { first, _ in first })
    teams = Dictionary(
      sources.flatMap(\.teams).map { ($0.team.key, $0.team) },
      uniquingKeysWith: { first, _ in first })
    policies = sources.flatMap(\.policies).map(\.policy)
      .sorted { $0.key.precedesInBytes($1.key) }
    freezes = (workspace?.freezes ?? []).map(\.freeze)
  }
}
