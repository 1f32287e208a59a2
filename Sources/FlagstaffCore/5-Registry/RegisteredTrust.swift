// What is registered of trust: people, teams, policies and the workspace as they were last
// accepted. It is to trust what a scope's state is to a scope: plans are made against it, and
// nobody is judged by what a commit only claims.

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

  /// From 1, one up for each accepted plan.
  package let version: Int
  package let commit: String
  package let instant: Instant
  package let beginning: Beginning
  /// How strictly policies were enforced when it was accepted; trust itself always is.
  package let mode: ApprovalMode
  package let trust: Trust
  /// The same as forms.
  package let definitions: [TrustIdentity: TrustDefinition]

  /// - Parameter trust: what is accepted with this version.
  package init(
    _ trust: Trust, version: Int, commit: String, instant: Instant, beginning: Beginning,
    mode: ApprovalMode
  ) {
    self.version = version
    self.commit = commit
    self.instant = instant
    self.beginning = beginning
    self.mode = mode
    self.trust = trust
    definitions = Dictionary(
      trust.definitions.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
  }
}

extension RegisteredTrust {
  /// What the registry stores, under one MAC:
  /// `{format:1,version,commit,instant,beginning,mode,definitions:[form]}` (BYTES, *Trust*).
  package var document: Node {
    .fields([
      "format": .integer(1), "version": .integer(version), "commit": .string(commit),
      "instant": .string(instant.description), "beginning": .string(beginning.rawValue),
      "mode": .string(mode.rawValue),
      "definitions": .sequence(definitions.sorted { $0.key < $1.key }.map(\.value.form)),
    ])
  }

  /// Reads a document; nil where it is not what this program would have written.
  package init?(document: Node) {
    guard document["format"]?.integer == 1, let version = document["version"]?.integer,
      let commit = document["commit"]?.string,
      let instant = document["instant"]?.string.flatMap(Instant.init),
      let beginning = document["beginning"]?.string.flatMap(Beginning.init),
      let mode = document["mode"]?.string.flatMap(ApprovalMode.init),
      let trust = document["definitions"]?.sequence.flatMap(Trust.registered)
    else { return nil }
    self.init(
      trust, version: version, commit: commit, instant: instant, beginning: beginning,
      mode: mode)
    guard CanonicalJSON.bytes(self.document) == CanonicalJSON.bytes(document) else { return nil }
  }
}
