// Who may do what, as the workspace and governance/ say it: roles, people, teams, policies,
// freezes. It is checked whole and has a private initialiser, so that whoever applies it meets no
// name that leads nowhere. It is registered, compared and judged as forms; see `TrustForms`.

package import Documents
internal import SSHSignatures

package struct Trust: Hashable, Sendable {
  /// What the workspace says that has to be approved; nil only while files without one are checked.
  package let workspace: TrustWorkspace?
  package let roles: Roles
  package let people: [String: Person]
  package let teams: [String: Team]
  /// In key order.
  package let policies: [Policy]
  /// In the order of time.
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

  /// Whether a person belongs to a team, or counts as having a role.
  package func has(_ person: String, among voters: Voters) -> Bool {
    guard let person = people[person] else { return false }
    return switch voters {
    case .role(let role): roles.does(person.role, countAs: role)
    case .team(let team): teams[team]?.members.contains(person.key) ?? false
    }
  }

  /// What files state, before anything is followed: `TrustCheck` asks it and reports.
  static func stated(_ files: [CheckedFile], _ workspace: WorkspaceSource?) -> Trust {
    let sources = files.map(\.governance)
    return Trust(
      workspace: workspace.map(TrustWorkspace.init), roles: (workspace?.roles ?? []).map(\.role),
      people: sources.flatMap(\.people).map(\.person), teams: sources.flatMap(\.teams).map(\.team),
      policies: sources.flatMap(\.policies).map(\.policy),
      freezes: (workspace?.freezes ?? []).map(\.freeze))
  }

  /// What registered forms say; nil where they are not, to the byte, what this program writes.
  package static func registered(_ forms: [Node]) -> Trust? {
    guard let reading = TrustReading(forms) else { return nil }
    let trust = Trust(
      workspace: reading.workspace, roles: reading.roles, people: reading.people,
      teams: reading.teams, policies: reading.policies, freezes: reading.freezes)
    let written = CanonicalJSON.bytes(.sequence(trust.definitions.map(\.form)))
    return written == CanonicalJSON.bytes(.sequence(forms)) ? trust : nil
  }

  /// Where two have one name, which is a finding, the first counts.
  private init(
    workspace: TrustWorkspace?, roles: [Role], people: [Person], teams: [Team],
    policies: [Policy], freezes: [Freeze]
  ) {
    self.workspace = workspace
    self.roles = Roles(roles)
    self.people = Dictionary(
      people.map { ($0.key, $0.inOneOrder) }, uniquingKeysWith: { first, _ in first })
    self.teams = Dictionary(
      teams.map { ($0.key, $0.inOneOrder) }, uniquingKeysWith: { first, _ in first })
    self.policies = policies.sorted { $0.key.precedesInBytes($1.key) }
    self.freezes = freezes.sorted { $0.order.lexicographicallyPrecedes($1.order) }
  }
}

/// The settings of a workspace that say what may be done: they count as accepted trust has them.
/// What it ignores is read from each commit.
package struct TrustWorkspace: Hashable, Sendable {
  package let id: String
  /// Sorted.
  package let environments: [String]
  package let deletionBudget: DeletionBudget
  package let flagdSplits: FlagdSplits
  package let drift: DriftHandling

  init(
    id: String, environments: [String], deletionBudget: DeletionBudget, flagdSplits: FlagdSplits,
    drift: DriftHandling
  ) {
    self.id = id
    self.environments = environments.sorted { $0.precedesInBytes($1) }
    self.deletionBudget = deletionBudget
    self.flagdSplits = flagdSplits
    self.drift = drift
  }

  fileprivate init(_ source: WorkspaceSource) {
    self.init(
      id: source.id, environments: source.environments, deletionBudget: source.deletionBudget,
      flagdSplits: source.flagdSplits, drift: source.drift)
  }
}

extension Definitions.Workspace {
  /// What a commit says, with what trust says in its place: an edit that nobody approved changes
  /// neither the environments nor what may be deleted, nor what flagd is given, which no plan
  /// shows. What is ignored follows the commit, since its effects are planned changes.
  ///
  /// - Parameter trust: nil where trust never began, and the commit alone counts.
  package func accepted(by trust: Trust?) -> Definitions.Workspace {
    guard let accepted = trust?.workspace else { return self }
    return Definitions.Workspace(
      id: id, environments: accepted.environments, deletionBudget: accepted.deletionBudget,
      flagdSplits: accepted.flagdSplits, drift: accepted.drift)
  }
}

// In which order a file lists what has no order says nothing, so that it is no change of trust.

extension Person {
  fileprivate var inOneOrder: Person {
    Person(
      key: key, role: role, email: email,
      keys: keys.sorted { $0.key.text.precedesInBytes($1.key.text) })
  }
}

extension Team {
  fileprivate var inOneOrder: Team {
    Team(key: key, members: members.sorted { $0.precedesInBytes($1) })
  }
}

extension Freeze {
  fileprivate var order: [String] {
    [from.description, until.description, zone]
      + (environments.map { $0.sorted { $0.precedesInBytes($1) } } ?? [])
  }
}
