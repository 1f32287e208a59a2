// Trust in the controller: begun and reset by an operator, changed by an approved commit before any
// scope of it, and told to every origin. What is published of it is compared with the registry in
// each pass, so that an older database under newer origins is found before anything is judged by
// trust that is long gone.

package import Documents
package import FlagstaffCore
internal import GitSource
internal import Origins
package import PostgresRegistry
package import SSHSignatures
internal import Signing

/// What a pass, or an operator, did to trust.
package struct TrustReport: Sendable {
  package enum Outcome: Sendable {
    case unchanged
    /// What files say cannot be used: the registered trust stays.
    case held
    case applied(TrustPlan)
    /// What would come of it; from a dry run.
    case planned(TrustPlan, TrustVerdict)
    /// Not approved; the registered trust stays.
    case refused(TrustPlan, TrustVerdict)
  }

  /// What is in force afterwards.
  package let trust: RegisteredTrust
  package let outcome: Outcome
  /// FS5001, where soon nobody could change trust any more.
  package let warnings: [Finding]
  /// What was accepted of commits before, each as a version of its own, oldest first.
  package var earlier: [TrustReport] = []

  /// Whether a change of trust is not approved.
  var isRefused: Bool {
    switch outcome {
    case .refused: true
    case .planned(_, let verdict): verdict.admitted == nil
    case .unchanged, .held, .applied: false
    }
  }
}

package struct TrustStep: Sendable {
  let registry: RegistryWorker
  private let publishers: [Publisher]
  let keys: AuditKeyring
  private let isWarning: Bool
  private let failpoints: Failpoints

  /// - Parameter isWarning: whether policies only warn; trust itself is enforced.
  package init(
    registry: RegistryWorker, publishers: [Publisher], keys: AuditKeyring, isWarning: Bool = false,
    failpoints: Failpoints = Failpoints()
  ) {
    self.registry = registry
    self.publishers = publishers
    self.keys = keys
    self.isWarning = isWarning
    self.failpoints = failpoints
  }

  /// The trust in force; nil where it never began, or there is no registry yet.
  package func registered() async throws -> RegisteredTrust? {
    let keys = keys
    do {
      return try await registry.run { connection in
        try connection.transaction(isReadOnly: true) { try $0.trust(keys: keys) }
      }
    } catch let error as RegistryError where error.code == .schemaMissing {
      return nil
    }
  }

  /// Begins trust, or resets it, with what a commit says.
  ///
  /// - Parameters:
  ///   - beginning: `initialised` or `reset`.
  ///   - admin: whose owner must be an ADMIN of the commit and able to sign now: otherwise nobody
  ///     could ever change it.
  /// - Throws: `ControllerError` where that is not so; what the registry and origins refuse.
  package func begin(
    as beginning: RegisteredTrust.Beginning, _ definitions: Definitions, commit: String,
    by admin: SSHPublicKey, at instant: Instant
  ) async throws -> TrustReport {
    let operation = beginning == .reset ? "resetting trust" : "beginning trust"
    func refused(_ reason: String) -> ControllerError {
      ControllerError(.trust, operation: operation, reason: reason)
    }
    guard let wanted = definitions.trust else {
      throw refused(
        "the commit \(commit.prefix(12)) has findings in what all share. See `flagstaff validate`")
    }
    let admins = wanted.people(having: BuiltInRole.admin.rawValue)
    guard let signing = admins.flatMap(\.keys).first(where: { $0.key == admin }) else {
      throw refused(
        "no ADMIN of the commit \(commit.prefix(12)) has the key \(admin.fingerprint). Add it to"
          + " one under governance/, commit, and run this again")
    }
    guard signing.isValid(at: instant) else {
      throw refused(
        "the key \(admin.fingerprint) does not count at \(instant). Name a key of an ADMIN that"
          + " does, or change its window under governance/, commit, and run this again")
    }
    let former = try await registered()
    let plan = TrustPlan.make(
      wanted, against: former, commit: commit, at: instant, as: beginning)
    guard let admitted = AdmittedTrust.judge(plan, by: TrustJudgement()).admitted else {
      throw refused(
        former == nil
          ? "it never began. Run `flagstaff trust init`"
          : "it began already, with version \(former?.version ?? 0). Change it by a commit that an"
            + " ADMIN approves; where none can, run `flagstaff trust reset`")
    }
    let next = try await register(admitted)
    return TrustReport(trust: next, outcome: .applied(plan), warnings: plan.warnings)
  }

  /// Brings trust to what the head says. Each version is in force by the commit that brought it,
  /// not by a later head, so that a scope's base has it or has it not, whenever a pass looks. Where
  /// the whole is refused, what several merges brought is tried one by one.
  ///
  /// - Returns: nil where trust never began.
  func take(
    _ definitions: Definitions, of head: CommitID, _ source: DefinitionsSource,
    at instant: Instant, by judging: PassJudging?
  ) async throws -> TrustReport? {
    guard let former = try await registered(), var judging else { return nil }
    func take(_ definitions: Definitions, _ commit: CommitID) async throws -> TrustReport? {
      try await self.take(definitions, commit: commit.hexadecimal, at: instant, by: judging)
    }
    guard let wanted = definitions.trust, wanted.digest != former.trust.digest else {
      return try await take(definitions, head)
    }
    let steps = await judging.trustSteps()
    let commit = steps.last ?? head
    let whole = try await take(definitions, commit)
    guard case .refused = whole?.outcome, steps.count > 1 else { return whole }
    var earlier: [TrustReport] = []
    for step in steps.dropLast().prefix(Limits.stepsMax) {
      guard let then = try? await source.definitions(of: step, customers: []),
        let report = try await take(then, step), case .applied = report.outcome
      else { continue }
      judging = judging.after(report.trust)
      earlier.append(report)
    }
    guard !earlier.isEmpty else { return whole }
    var report = try await take(definitions, commit)
    report?.earlier = earlier
    return report
  }

  /// Brings trust to what a commit says, if that is approved, and the origins to what is in force.
  ///
  /// - Returns: nil where trust never began.
  private func take(
    _ definitions: Definitions, commit: String, at instant: Instant, by judging: PassJudging
  ) async throws -> TrustReport? {
    guard let former = try await registered() else { return nil }
    guard let wanted = definitions.trust else {
      try publish(former)
      return TrustReport(trust: former, outcome: .held, warnings: [])
    }
    let plan = TrustPlan.make(wanted, against: former, commit: commit, at: instant)
    guard !plan.isEmpty else {
      try publish(former)
      return TrustReport(trust: former, outcome: .unchanged, warnings: plan.warnings)
    }
    let verdict = AdmittedTrust.judge(plan, by: await judging.judgement(of: plan))
    guard let admitted = verdict.admitted else {
      try publish(former)
      return TrustReport(
        trust: former, outcome: .refused(plan, verdict), warnings: plan.warnings)
    }
    let next = try await register(admitted)
    return TrustReport(trust: next, outcome: .applied(plan), warnings: plan.warnings)
  }

  private func register(_ admitted: AdmittedTrust) async throws -> RegisteredTrust {
    let applied = AppliedTrust.apply(admitted, isWarning: isWarning)
    let (keys, failpoints) = (keys, failpoints)
    try await registry.run { connection in
      try connection.commit(applied, keys: keys) { failpoints.hit($0) }
    }
    try publish(applied.trust)
    failpoints.hit("trust.pointer.moved")
    return applied.trust
  }

  /// Brings every origin that is behind up to a version.
  private func publish(_ trust: RegisteredTrust) throws {
    for publisher in publishers { try publisher.publish(trust) }
  }
}

extension Publisher {
  /// What the origin was told of trust; nil where it was told nothing.
  ///
  /// - Throws: `ControllerError.foreignPointer` where it is not signed by our key.
  package func trustPointer() throws -> TrustPointer? {
    try origin.read(OriginPath.trust).map(verifiedTrust)
  }

  private func verifiedTrust(_ bytes: [UInt8]) throws -> TrustPointer {
    func foreign(_ reason: String) -> ControllerError {
      ControllerError(
        .foreignPointer, operation: "reading \(OriginPath.trust) at \(origin.path)",
        reason: "\(reason). Give the key that it was signed with as FLAGSTAFF_SIGNING_KEY, or"
          + " publish to another origin")
    }
    let payload: [UInt8]
    do {
      payload = try DSSE.opened(bytes, type: TrustPointer.payloadType, keys: [publicKey]).payload
    } catch {
      throw foreign(error.reason)
    }
    guard let pointer = TrustPointer(payload: payload) else {
      throw foreign("it is no pointer of trust, or of a newer format")
    }
    return pointer
  }

  /// Refuses an origin that was told a later trust than the registry's, or another one.
  ///
  /// - Parameter trust: nil where trust never began.
  package func requireNotAhead(of trust: RegisteredTrust?) throws {
    guard let pointer = try trustPointer() else { return }
    let version = trust?.version ?? 0
    let isSame = trust.map { TrustPointer($0) == pointer } ?? false
    guard pointer.version > version || (pointer.version == version && !isSame) else { return }
    throw ControllerError(
      .originAhead, operation: "comparing trust with the origin \(origin.path)",
      reason: "the origin was told version \(pointer.version) of trust, by the commit"
        + " \(pointer.commit.prefix(12)), and the registry is at version \(version): the database"
        + " was lost, restored or is another one. Restore the database, or publish to another"
        + " origin")
  }

  /// Tells the origin which trust is in force, unless it knows.
  package func publish(_ trust: RegisteredTrust) throws {
    let pointer = TrustPointer(trust)
    let sealed = try sealed(pointer)
    guard try origin.read(OriginPath.trust) != sealed else { return }
    _ = try origin.replacePointer(at: OriginPath.trust, with: sealed) { present in
      guard let present else { return true }
      return pointer.isNewer(than: try verifiedTrust(present))
    }
  }
}

extension RegisteredTrust {
  /// The identifiers of all keys: whose refs are fetched and read.
  var signers: Set<String> {
    Set(trust.people.values.flatMap(\.keys).map(\.key.identifier))
  }
}
