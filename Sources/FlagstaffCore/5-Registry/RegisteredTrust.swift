// What is registered of trust: people, teams, policies and the workspace as they were last
// accepted, each with its generation. It is to trust what a scope's state is to a scope: plans are
// made against it, and nobody is judged by what a commit only claims.

package import Documents

package struct RegisteredTrust: Sendable {
  /// How a version came about.
  package enum Beginning: String, Hashable, Sendable, CaseIterable {
    /// By `trust init`, under no other trust.
    case initialised = "init"
    /// By a commit that an ADMIN approved.
    case commit
    /// By `trust reset`, under the database's owner.
    case reset
  }

  package struct Definition: Hashable, Sendable {
    package let definition: TrustDefinition
    /// Counts the accepted changes; survives a deletion.
    package let generation: Int

    package init(_ definition: TrustDefinition, generation: Int) {
      self.definition = definition
      self.generation = generation
    }
  }

  /// From 1, one up for each accepted plan.
  package let version: Int
  package let commit: String
  package let instant: Instant
  package let beginning: Beginning
  /// How strictly policies were enforced when it was accepted; trust itself always is.
  package let mode: ApprovalMode
  package let definitions: [TrustIdentity: Definition]
  /// The last generations of what was deleted.
  package let tombstones: [TrustIdentity: Int]
  /// The same, typed.
  package let trust: Trust

  /// - Returns: nil where the forms say nothing that this program would have written.
  package init?(
    version: Int, commit: String, instant: Instant, beginning: Beginning,
    mode: ApprovalMode, definitions: [TrustIdentity: Definition], tombstones: [TrustIdentity: Int]
  ) {
    let forms = definitions.sorted { $0.key < $1.key }.map(\.value.definition.form)
    guard let trust = Trust.registered(forms) else { return nil }
    self.init(
      trust, version: version, commit: commit, instant: instant, beginning: beginning,
      mode: mode, definitions: definitions, tombstones: tombstones)
  }

  /// - Parameter trust: what the definitions say.
  init(
    _ trust: Trust, version: Int, commit: String, instant: Instant, beginning: Beginning,
    mode: ApprovalMode, definitions: [TrustIdentity: Definition], tombstones: [TrustIdentity: Int]
  ) {
    self.version = version
    self.commit = commit
    self.instant = instant
    self.beginning = beginning
    self.mode = mode
    self.definitions = definitions
    self.tombstones = tombstones
    self.trust = trust
  }
}

extension RegisteredTrust {
  /// What the registry stores, under one MAC:
  /// `{format:1,version,commit,instant,beginning,mode,definitions:[{form,generation}],
  /// tombstones:[{kind,key,generation}]}` (BYTES, *Trust*).
  package var document: Node {
    .fields([
      "format": .integer(1), "version": .integer(version), "commit": .string(commit),
      "instant": .string(instant.description), "beginning": .string(beginning.rawValue),
      "mode": .string(mode.rawValue),
      "definitions": .sequence(
        definitions.sorted { $0.key < $1.key }.map {
          .fields([
            "form": $0.value.definition.form, "generation": .integer($0.value.generation),
          ])
        }),
      "tombstones": .sequence(
        tombstones.sorted { $0.key < $1.key }.map {
          .fields([
            "kind": .string($0.key.kind.rawValue), "key": .string($0.key.key),
            "generation": .integer($0.value),
          ])
        }),
    ])
  }

  /// Reads a document; nil where it is not what this program would have written.
  package init?(document: Node) {
    guard document["format"]?.integer == 1, let version = document["version"]?.integer,
      let commit = document["commit"]?.string,
      let instant = document["instant"]?.string.flatMap(Instant.init),
      let beginning = document["beginning"]?.string.flatMap(Beginning.init),
      let mode = document["mode"]?.string.flatMap(ApprovalMode.init)
    else { return nil }
    var definitions: [TrustIdentity: Definition] = [:]
    for entry in document["definitions"]?.sequence ?? [] {
      guard let form = entry["form"], let identity = TrustIdentity(form),
        let generation = entry["generation"]?.integer
      else { return nil }
      definitions[identity] = Definition(
        TrustDefinition(identity, form: form), generation: generation)
    }
    var tombstones: [TrustIdentity: Int] = [:]
    for entry in document["tombstones"]?.sequence ?? [] {
      guard let identity = TrustIdentity(entry), let generation = entry["generation"]?.integer
      else { return nil }
      tombstones[identity] = generation
    }
    self.init(
      version: version, commit: commit, instant: instant, beginning: beginning,
      mode: mode, definitions: definitions, tombstones: tombstones)
    guard CanonicalJSON.bytes(self.document) == CanonicalJSON.bytes(document) else { return nil }
  }
}

extension TrustIdentity {
  fileprivate init?(_ node: Node) {
    guard let kind = node["kind"]?.string.flatMap(TrustKind.init), let key = node["key"]?.string
    else { return nil }
    self.init(kind, key)
  }
}
