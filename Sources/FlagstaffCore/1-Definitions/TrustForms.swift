// Trust as forms: one a person, team and policy, and one for the workspace. Forms are what is
// registered, compared, approved and hashed, so they say everything that judging by trust reads.
// They are named as in the files, with defaults written out, and list what has no order in one
// order, so that moving lines about is no change (BYTES, *Trust*).

package import Documents
internal import SSHSignatures
package import Signing

package enum TrustKind: String, Hashable, Comparable, Sendable, CaseIterable {
  case person
  case policy
  case team
  case workspace

  package static func < (a: TrustKind, b: TrustKind) -> Bool {
    a.rawValue.precedesInBytes(b.rawValue)
  }
}

package struct TrustIdentity: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let kind: TrustKind
  package let key: String

  package init(_ kind: TrustKind, _ key: String) {
    self.kind = kind
    self.key = key
  }

  package static func < (a: TrustIdentity, b: TrustIdentity) -> Bool {
    a.kind == b.kind ? a.key.precedesInBytes(b.key) : a.kind < b.kind
  }

  package var description: String { "\(kind.rawValue) \(key)" }
}

package struct TrustDefinition: Hashable, Sendable {
  package let identity: TrustIdentity
  /// `{kind,key,…}`.
  package let form: Node
  /// As of definitions: SHA-256(tag(`definition`) + form).
  package let digest: Digest

  package init(_ identity: TrustIdentity, form: Node) {
    self.identity = identity
    self.form = form
    digest = Signing.sha256(Signing.tag("definition") + CanonicalJSON.bytes(form))
  }

  package static func == (a: TrustDefinition, b: TrustDefinition) -> Bool {
    a.identity == b.identity && a.digest == b.digest
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

extension Trust {
  /// Sorted by kind and key.
  package var definitions: [TrustDefinition] {
    func definition(_ kind: TrustKind, _ key: String, _ form: Node) -> TrustDefinition {
      TrustDefinition(TrustIdentity(kind, key), form: form)
    }
    var all = people.values.map { definition(.person, $0.key, $0.form) }
    all += policies.map { definition(.policy, $0.key, $0.form) }
    all += teams.values.map { definition(.team, $0.key, $0.form) }
    if let workspace { all.append(definition(.workspace, workspace.id, form(of: workspace))) }
    return all.sorted { $0.identity < $1.identity }
  }

  /// SHA-256(tag(`trust`) + the list of forms).
  package var digest: Digest {
    let forms = Node.sequence(definitions.map(\.form))
    return Signing.sha256(Signing.tag("trust") + CanonicalJSON.bytes(forms))
  }

  private func form(of workspace: TrustWorkspace) -> Node {
    .fields([
      "kind": .string("workspace"), "key": .string(workspace.id),
      "environments": .strings(workspace.environments),
      "roles": .mapping(
        roles.own.map { role in
          let may = role.permissions.map(\.rawValue)
          return (
            role.name,
            .fields(["extends": role.extended.map(Node.string), "may": .sorted(may)])
          )
        }),
      "freezes": .sequence(freezes.map(\.form)),
      "deletionBudget": .fields([
        "count": .integer(workspace.deletionBudget.count),
        "share": .integer(workspace.deletionBudget.share),
      ]),
      "drift": .string(workspace.drift.rawValue),
      // Left out where it is the default, as in what was registered before it was trust's.
      "flagd": workspace.flagdSplits == .native ? .fields(["splits": .string("native")]) : nil,
    ])
  }
}

extension Person {
  fileprivate var form: Node {
    .fields([
      "kind": .string("person"), "key": .string(key), "role": .string(role),
      "email": email.map(Node.string),
      "keys": .sequence(
        keys.map {
          .fields([
            "ssh": .string($0.key.text), "from": $0.from.map { .string($0.description) },
            "until": $0.until.map { .string($0.description) },
          ])
        }),
    ])
  }
}

extension Team {
  fileprivate var form: Node {
    .fields(["kind": .string("team"), "key": .string(key), "members": .strings(members)])
  }
}

extension Freeze {
  fileprivate var form: Node {
    .fields([
      "from": .string(from.description), "until": .string(until.description),
      "zone": .string(zone), "environments": environments.map(Node.sorted),
    ])
  }
}

extension Policy {
  fileprivate var form: Node {
    .fields([
      "kind": .string("policy"), "key": .string(key), "match": match.form,
      "require": requirement.form, "exempt": isSaferExempt ? .string("safer") : nil,
    ])
  }
}

extension PolicyMatch {
  fileprivate var form: Node {
    .fields([
      "environments": environments.map(Node.sorted), "customers": customers.map(Node.sorted),
      "kinds": kinds.map { .sorted($0.map(\.rawValue)) }, "keys": keys.map(Node.sorted),
      "labels": labels.isEmpty
        ? nil
        : .mapping(
          labels.sorted { $0.key.precedesInBytes($1.key) }.map { ($0.key, .sorted($0.value)) }),
      "classes": classes.map { .sorted($0.map(\.rawValue)) },
      "blastRadius": blastRadiusMin.map { .fields(["atLeast": .integer($0)]) },
    ])
  }
}

extension Requirement {
  /// In the order of the file, in which people read it.
  package var form: Node {
    switch self {
    case .people(let count, .team(let team)):
      .fields(["count": .integer(count), "team": .string(team)])
    case .people(let count, .role(let role)):
      .fields(["count": .integer(count), "role": .string(role)])
    case .allOf(let parts): .fields(["allOf": .sequence(parts.map(\.form))])
    case .anyOf(let parts): .fields(["anyOf": .sequence(parts.map(\.form))])
    }
  }
}

extension Node {
  fileprivate static func sorted(_ strings: some Sequence<String>) -> Node {
    .strings(strings.sorted { $0.precedesInBytes($1) })
  }
}
