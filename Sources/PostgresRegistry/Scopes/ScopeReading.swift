// Reads the registered state of one scope. Each form is hashed again and compared with its digest,
// and what is recorded beside the forms (salts, ranges, phases, generations, tombstones) with the
// state that the version's pointer names: a row that somebody edited by hand is found before a plan
// is made against it, and long before it could be signed.

internal import Documents
package import FlagstaffCore
internal import FlagstaffEvaluation
internal import Signing

extension PostgresTransaction {
  /// The registered state of a scope.
  ///
  /// - Throws: `RegistryError` with the code `corrupt` where a row is not what was written.
  package borrowing func state(of scope: ScopeID) throws -> ScopeState {
    guard let head = try head(of: scope) else { return .empty(scope) }
    try head.requireRecorded()
    var definitions: [Identity: RegisteredDefinition] = [:]
    for registered in try experiments(of: scope) + flags(of: scope) + groups(of: scope)
      + metrics(of: scope) + segments(of: scope)
    {
      definitions[registered.definition.identity] = registered
    }
    let state = ScopeState(
      scope: scope, version: head.version, commit: head.commit, instant: head.instant,
      schedule: try schedule(of: scope), definitions: definitions,
      tombstones: try tombstones(of: scope), rests: try rests(of: scope),
      kills: try kills(of: scope))
    guard Pointer(payload: head.payload)?.state == StateDocument.object(of: state).reference else {
      throw RegistryError(
        .corrupt, operation: "reading \(scope) from the registry",
        reason: "its rows are not what version \(head.version) recorded: one was edited by hand."
          + " Restore the rows from a backup")
    }
    return state
  }

  private borrowing func experiments(of scope: ScopeID) throws -> [RegisteredDefinition] {
    try run(
      """
      SELECT key, id::text AS id, generation, digest, definition::text AS definition, phase, salt,
        hash_version, traffic::text AS traffic, created_at, started_at, stopped_at,
        (SELECT coalesce(jsonb_object_agg(v.key, v.ranges), '{}')
         FROM variants v WHERE v.environment = e.environment AND v.experiment_id = e.id)::text
          AS variants
      FROM experiments e
      WHERE environment = \(scope.environment) AND customer_id = \(scope.customer)
      """
    ).map { row in
      let reading = RowReading(row: row, identity: Identity(.experiment, try row.string("key")))
      let recorded = RecordedExperiment(
        id: try row.string("id"), phase: try row.int("phase"), salt: try row.string("salt"),
        hash: try row.int("hash_version"),
        traffic: try reading.ranges(try reading.json("traffic")),
        variants: try reading.variants(try reading.json("variants")),
        started: try row.optionalInstant("started_at"),
        stopped: try row.optionalInstant("stopped_at"))
      return try reading.registered(.experiment(recorded))
    }
  }

  private borrowing func flags(of scope: ScopeID) throws -> [RegisteredDefinition] {
    try run(
      """
      SELECT key, generation, digest, definition::text AS definition, steps::text AS steps,
        splits::text AS splits, created_at
      FROM feature_flags
      WHERE environment = \(scope.environment) AND customer_id = \(scope.customer)
      """
    ).map { row in
      let reading = RowReading(row: row, identity: Identity(.flag, try row.string("key")))
      let steps = try reading.json("steps").mapping?.entries ?? []
      let splits = try reading.json("splits").mapping?.entries ?? []
      let recorded = RecordedFlag(
        steps: steps.map { .init(rule: $0.key, share: $0.value.integer ?? 0) }
          .sorted { $0.rule.precedesInBytes($1.rule) },
        splits: try splits.map { .init(rule: $0.key, variants: try reading.variants($0.value)) }
          .sorted { $0.rule.precedesInBytes($1.rule) })
      return try reading.registered(.flag(recorded))
    }
  }

  private borrowing func groups(of scope: ScopeID) throws -> [RegisteredDefinition] {
    try run(
      """
      SELECT key, id::text AS id, generation, digest, definition::text AS definition,
        holdout::text AS holdout, created_at
      FROM exclusion_groups
      WHERE environment = \(scope.environment) AND customer_id = \(scope.customer)
      """
    ).map { row in
      let reading = RowReading(row: row, identity: Identity(.group, try row.string("key")))
      let recorded = RecordedGroup(
        id: try row.string("id"), holdout: try reading.ranges(try reading.json("holdout")))
      return try reading.registered(.group(recorded))
    }
  }

  private borrowing func rests(of scope: ScopeID) throws -> [Rest] {
    try run(
      """
      SELECT group_key, experiment_key, ranges::text AS ranges, until FROM rests
      WHERE environment = \(scope.environment) AND customer_id = \(scope.customer)
      """
    ).map { row in
      let group = try row.string("group_key")
      let reading = RowReading(row: row, identity: Identity(.group, group))
      return Rest(
        group: group, experiment: try row.string("experiment_key"),
        ranges: try reading.ranges(try reading.json("ranges")), until: try row.instant("until"))
    }.sorted()
  }

  /// Until when schedules were followed; nil where that is the version's instant.
  private borrowing func schedule(of scope: ScopeID) throws -> Instant? {
    try run(
      """
      SELECT schedule FROM scopes
      WHERE environment = \(scope.environment) AND customer = \(scope.customer)
      """
    ).only().optionalInstant("schedule")
  }

  private borrowing func kills(of scope: ScopeID) throws -> [Identity: Kill] {
    let rows = try run(
      """
      SELECT kind, key, since, schedule FROM kills
      WHERE environment = \(scope.environment) AND customer = \(scope.customer)
      """)
    var kills: [Identity: Kill] = [:]
    for row in rows {
      let identity = Identity(try kind(of: row, in: "kills"), try row.string("key"))
      kills[identity] = Kill(
        since: try row.instant("since"), schedule: try row.instant("schedule"))
    }
    return kills
  }

  borrowing func kind(of row: Row, in table: String) throws -> Kind {
    guard let kind = Kind(rawValue: try row.string("kind")) else {
      throw RegistryError(
        .schemaTooNew, operation: "reading \(table)",
        reason: "the kind \(try row.string("kind")) is not known to this program")
    }
    return kind
  }

  private borrowing func metrics(of scope: ScopeID) throws -> [RegisteredDefinition] {
    try run(
      """
      SELECT key, generation, digest, definition::text AS definition, created_at FROM metrics
      WHERE environment = \(scope.environment) AND customer_id = \(scope.customer)
      """
    ).map { row in
      try RowReading(row: row, identity: Identity(.metric, try row.string("key")))
        .registered(.metric)
    }
  }

  private borrowing func segments(of scope: ScopeID) throws -> [RegisteredDefinition] {
    try run(
      """
      SELECT key, generation, digest, definition::text AS definition, created_at FROM segments
      WHERE environment = \(scope.environment) AND customer_id = \(scope.customer)
      """
    ).map { row in
      try RowReading(row: row, identity: Identity(.segment, try row.string("key")))
        .registered(.segment)
    }
  }

  private borrowing func tombstones(of scope: ScopeID) throws -> [Identity: Tombstone] {
    let rows = try run(
      """
      SELECT kind, key, id::text AS id, generation, phase, deleted FROM tombstones
      WHERE environment = \(scope.environment) AND customer = \(scope.customer)
      """)
    var tombstones: [Identity: Tombstone] = [:]
    for row in rows {
      let identity = Identity(try kind(of: row, in: "tombstones"), try row.string("key"))
      tombstones[identity] = Tombstone(
        id: try row.optionalString("id"), generation: try row.int("generation"),
        phase: try row.optionalInt("phase"), deleted: try row.instant("deleted"))
    }
    return tombstones
  }
}

extension ScopeHead {
  /// Compares the row with the pointer that its version recorded. A later instant would hold every
  /// pass of the scope until then, and let what is scheduled by then begin at once.
  fileprivate func requireRecorded() throws {
    guard let pointer = Pointer(payload: payload) else { return }
    let columns = [
      ("instant", instant.description, pointer.issued.description),
      ("version", "\(version)", "\(pointer.version)"), ("commit", commit, pointer.commit),
    ]
    guard let (name, column, recorded) = columns.first(where: { !$0.1.hasSameBytes(as: $0.2) })
    else { return }
    throw RegistryError(
      .corrupt, operation: "reading \(scope) from the registry",
      reason: "its row in the table scopes has the \(name) \(column), and version"
        + " \(pointer.version) was recorded with \(recorded): the row was edited by hand. Set the"
        + " column back to \(recorded), and see who could change it")
  }
}

/// Reads the columns that the tables of definitions share.
private struct RowReading {
  let row: Row
  let identity: Identity

  func damaged(_ reason: String) -> RegistryError {
    RegistryError(
      .corrupt, operation: "reading \(identity) from the registry",
      reason: "\(reason); its row was edited by hand. Restore the row from a backup")
  }

  func json(_ column: Row.Column) throws -> Node {
    do {
      return try JSONReader.read(try row.utf8(column), depthMax: Limits.storedDepthMax)
    } catch let error as JSONError {
      throw damaged("a column is not readable: \(error)")
    }
  }

  func ranges(_ node: Node) throws -> BucketRanges {
    guard let ranges = BucketRanges(node) else { throw damaged("a range of buckets is damaged") }
    return ranges
  }

  func variants(_ node: Node) throws -> [RecordedExperiment.Variant] {
    try (node.mapping?.entries ?? []).map { .init(key: $0.key, ranges: try ranges($0.value)) }
      .sorted { $0.key.precedesInBytes($1.key) }
  }

  func registered(_ recorded: Recorded) throws -> RegisteredDefinition {
    let definition = ResolvedDefinition(identity, form: try json("definition"), location: nil)
    guard definition.digest.hexadecimal == (try row.string("digest")) else {
      throw damaged("its form does not have its digest")
    }
    return RegisteredDefinition(
      definition, generation: try row.int("generation"), created: try row.instant("created_at"),
      recorded: recorded)
  }
}
