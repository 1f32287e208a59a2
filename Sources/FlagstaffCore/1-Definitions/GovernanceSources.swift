// What governance files and the workspace say of people, as one file states it: the typed values,
// and beside them every name that leads elsewhere, with its place. `TrustCheck` follows the names;
// what it accepts becomes `Trust`.

internal import Documents

/// A name that has to lead to something.
struct Mention: Sendable {
  enum Subject: Hashable, Sendable {
    case environment, customer, team, role, person
    /// A value of a label.
    case label(String)
  }

  var subject: Subject
  var name: String
  var position: Position
}

struct PersonSource: Sendable {
  var person: Person
  var position: Position
  var role: Mention
  var emailPosition: Position
  /// One a key, in the order of the person's keys.
  var keyPositions: [Position]
}

struct TeamSource: Sendable {
  var team: Team
  var position: Position
  var members: [Mention]
}

struct PolicySource: Sendable {
  /// So many people of one kind, and where that stands.
  struct Quota: Sendable {
    var count: Int
    var voters: Voters
    var position: Position
  }

  var policy: Policy
  var position: Position
  var mentions: [Mention] = []
  var quotas: [Quota] = []
}

struct RoleSource: Sendable {
  var role: Role
  var position: Position
  var extended: Mention
}

struct FreezeSource: Sendable {
  var freeze: Freeze
  var environments: [Mention]
}

/// The sections of a file of governance/.
struct GovernanceSource: Sendable {
  var people: [PersonSource] = []
  var teams: [TeamSource] = []
  var policies: [PolicySource] = []
}

/// What governance files define. Names of one kind are unique among all of them.
enum GovernanceSection: String, Hashable, Sendable, CaseIterable {
  case people, teams, approvals

  /// One of them, for messages.
  var noun: String {
    switch self {
    case .people: "person"
    case .teams: "team"
    case .approvals: "policy"
    }
  }
}
