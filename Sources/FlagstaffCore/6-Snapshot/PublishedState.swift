// The reader of what `StateDocument` writes. Together with the definitions of the pointer's commit
// it is the registered state of a scope again, so whoever has Git and a public key can plan without
// a database. Nothing is guessed: a definition whose digest is another one in Git is refused, and
// so is a document that says more than this program understands.

package import Documents
internal import FlagstaffEvaluation
internal import Signing

/// A published state document, read.
package struct PublishedState: Sendable {
  private struct Entry: Sendable {
    let identity: Identity
    let generation: Int
    let digest: String
    let recorded: Recorded
  }

  private let entries: [Entry]
  private let tombstones: [Identity: Tombstone]
  private let rests: [Rest]
  private let kills: [Identity: Kill]
  /// Nil where it is the version's instant.
  private let schedule: Instant?
  private let bytes: [UInt8]

  /// Reads a document whose digest holds.
  ///
  /// - Throws: `PublishedStateError`, `newer` where it is of another format or records what this
  ///   program does not know, `damaged` where it is no state at all.
  package init(_ bytes: [UInt8]) throws(PublishedStateError) {
    self.bytes = bytes
    let reading = StateReading()
    guard let node = try? JSONReader.read(bytes, depthMax: Limits.storedDepthMax) else {
      throw reading.damaged("it is not JSON")
    }
    guard node["format"]?.integer == 1 else { throw reading.newer("its format is not 1") }
    guard try reading.list(node, "pins").isEmpty else { throw reading.newer("it records pins") }
    var entries: [Entry] = []
    for entry in try reading.list(node, "definitions") {
      let identity = try reading.identity(entry)
      entries.append(
        Entry(
          identity: identity, generation: try reading.integer(entry, "generation"),
          digest: try reading.string(entry, "digest"),
          recorded: try reading.recorded(entry, identity.kind)))
    }
    var tombstones: [Identity: Tombstone] = [:]
    for entry in try reading.list(node, "tombstones") {
      tombstones[try reading.identity(entry)] = Tombstone(
        id: entry["id"]?.string, generation: try reading.integer(entry, "generation"),
        phase: entry["phase"]?.integer, deleted: try reading.instant(entry, "deleted"))
    }
    var rests: [Rest] = []
    for entry in try reading.list(node, "rests") {
      rests.append(
        Rest(
          group: try reading.string(entry, "group"),
          experiment: try reading.string(entry, "experiment"),
          ranges: try reading.ranges(entry["ranges"]), until: try reading.instant(entry, "until")))
    }
    var kills: [Identity: Kill] = [:]
    for entry in try reading.list(node, "kills") {
      kills[try reading.identity(entry)] = Kill(
        since: try reading.instant(entry, "since"),
        schedule: try reading.instant(entry, "schedule"))
    }
    self.entries = entries
    self.tombstones = tombstones
    self.rests = rests
    self.kills = kills
    schedule = node["schedule"] == nil ? nil : try reading.instant(node, "schedule")
  }

  /// The registered state: what the document records, with the forms that Git has. When each
  /// definition was created is not published and plays no part in a plan; the pointer's instant
  /// stands in for it.
  ///
  /// - Parameter resolved: the definitions of the pointer's commit.
  /// - Throws: `PublishedStateError`, `differs` where Git has another form, or lacks or adds a
  ///   definition.
  package func state(
    of pointer: Pointer, resolved: ResolvedScope
  ) throws(PublishedStateError) -> ScopeState {
    var definitions: [Identity: RegisteredDefinition] = [:]
    for entry in entries {
      guard let form = resolved.definitions[entry.identity]?.form else {
        throw .differs(entry.identity, pointer, "it is not defined there")
      }
      let definition = ResolvedDefinition(entry.identity, form: form, location: nil)
      guard definition.digest.hexadecimal == entry.digest else {
        throw .differs(entry.identity, pointer, "it has another digest there")
      }
      definitions[entry.identity] = RegisteredDefinition(
        definition, generation: entry.generation, created: pointer.issued,
        recorded: entry.recorded)
    }
    let added = resolved.definitions.keys.filter { definitions[$0] == nil }
    if let added = added.min() {
      throw .differs(added, pointer, "it is defined there, and was not published")
    }
    let state = ScopeState(
      scope: pointer.scope, version: pointer.version, commit: pointer.commit,
      instant: pointer.issued, schedule: schedule, definitions: definitions,
      tombstones: tombstones, rests: rests, kills: kills)
    // Whatever was passed over while reading is missing now.
    guard StateDocument.object(of: state).bytes == bytes else {
      throw StateReading().newer("it has fields that this program does not know")
    }
    return state
  }
}

/// Why a published state cannot be planned against.
package struct PublishedStateError: OperationFailure, Hashable {
  package struct Code: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// It is not what `StateDocument` writes, although it has its digest.
    package static let damaged = Code(rawValue: "state-damaged")
    /// A newer program wrote it.
    package static let newer = Code(rawValue: "state-newer")
    /// Git does not have what was published.
    package static let differs = Code(rawValue: "state-differs")
  }

  package let code: Code
  package let operation: String
  /// What is wrong, and what to do.
  package let reason: String

  fileprivate init(_ code: Code, _ operation: String, _ reason: String) {
    self.code = code
    self.operation = operation
    self.reason = reason
  }

  fileprivate static func differs(
    _ identity: Identity, _ pointer: Pointer, _ difference: String
  ) -> PublishedStateError {
    PublishedStateError(
      .differs, "comparing \(identity) of \(pointer.scope) with its published state",
      "in commit \(pointer.commit) \(difference). Where another version of flagstaff published it,"
        + " plan with that version; else plan with --against registry")
  }

  /// The commit of the pointer cannot be resolved by this program.
  package static func held(_ pointer: Pointer, by findings: [Finding]) -> PublishedStateError {
    let first = findings.min()
    let finding = first.map { "\($0.location): \($0.message)" } ?? "it has no workspace"
    return PublishedStateError(
      .differs, "reading the published definitions of \(pointer.scope)",
      "the definitions of commit \(pointer.commit) do not pass the checks of this program"
        + " (\(finding)), and so were published by another version. Plan with that version, or with"
        + " --against registry")
  }
}

/// Reads the fields of the document.
private struct StateReading {
  func damaged(_ reason: String) -> PublishedStateError {
    PublishedStateError(
      .damaged, "reading a published state",
      "\(reason). Publish the scope again, or plan with --against registry")
  }

  func newer(_ reason: String) -> PublishedStateError {
    PublishedStateError(
      .newer, "reading a published state",
      "\(reason): a newer version of flagstaff wrote it. Plan with that version")
  }

  private func malformed(_ name: String) -> PublishedStateError {
    damaged("`\(name)` is missing or of another type")
  }

  func list(_ node: Node, _ name: String) throws(PublishedStateError) -> [Node] {
    guard let list = node[name]?.sequence else { throw malformed(name) }
    return list
  }

  func string(_ node: Node, _ name: String) throws(PublishedStateError) -> String {
    guard let string = node[name]?.string else { throw malformed(name) }
    return string
  }

  func integer(_ node: Node, _ name: String) throws(PublishedStateError) -> Int {
    guard let integer = node[name]?.integer else { throw malformed(name) }
    return integer
  }

  func instant(_ node: Node, _ name: String) throws(PublishedStateError) -> Instant {
    guard let instant = node[name]?.string.flatMap(Instant.init) else { throw malformed(name) }
    return instant
  }

  func ranges(_ node: Node?) throws(PublishedStateError) -> BucketRanges {
    guard let ranges = node.flatMap(BucketRanges.init) else { throw malformed("ranges") }
    return ranges
  }

  func identity(_ node: Node) throws(PublishedStateError) -> Identity {
    let name = try string(node, "kind")
    guard let kind = Kind(rawValue: name) else {
      throw newer("it has a definition of kind \(name)")
    }
    return Identity(kind, try string(node, "key"))
  }

  func recorded(_ node: Node, _ kind: Kind) throws(PublishedStateError) -> Recorded {
    switch kind {
    case .metric: .metric
    case .segment: .segment
    case .group:
      .group(
        RecordedGroup(id: try string(node, "id"), holdout: try ranges(node["holdout"])))
    case .flag: .flag(try flag(node))
    case .experiment: .experiment(try experiment(node))
    }
  }

  private func flag(_ node: Node) throws(PublishedStateError) -> RecordedFlag {
    var steps: [RecordedFlag.Step] = []
    for (rule, share) in try entries(node, "steps") {
      guard let share = share.integer else { throw malformed("steps") }
      steps.append(.init(rule: rule, share: share))
    }
    var splits: [RecordedFlag.Split] = []
    for (rule, variants) in try entries(node, "splits") {
      splits.append(.init(rule: rule, variants: try self.variants(variants)))
    }
    return RecordedFlag(steps: steps, splits: splits)
  }

  private func experiment(_ node: Node) throws(PublishedStateError) -> RecordedExperiment {
    func optionalInstant(_ name: String) throws(PublishedStateError) -> Instant? {
      node[name] == nil ? nil : try instant(node, name)
    }
    guard let variants = node["variants"] else { throw malformed("variants") }
    return RecordedExperiment(
      id: try string(node, "id"), phase: try integer(node, "phase"),
      salt: try string(node, "salt"), hash: try integer(node, "hash"),
      traffic: try ranges(node["traffic"]), variants: try self.variants(variants),
      started: try optionalInstant("started"), stopped: try optionalInstant("stopped"))
  }

  private func variants(_ node: Node) throws(PublishedStateError) -> [RecordedExperiment.Variant] {
    guard let mapping = node.mapping else { throw malformed("variants") }
    var variants: [RecordedExperiment.Variant] = []
    for entry in mapping.entries {
      variants.append(.init(key: entry.key, ranges: try ranges(entry.value)))
    }
    return variants.sorted { $0.key.precedesInBytes($1.key) }
  }

  /// The entries of a map, by the bytes of their keys.
  private func entries(_ node: Node, _ name: String) throws(PublishedStateError) -> [(String, Node)]
  {
    guard let mapping = node[name]?.mapping else { throw malformed(name) }
    return mapping.entries.map { ($0.key, $0.value) }.sorted { $0.0.precedesInBytes($1.0) }
  }
}
