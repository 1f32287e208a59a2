// What was applied to a scope lately, read from its audit events: how many users were moved in the
// last day, and where somebody broke the glass and nobody has approved since. Events count as
// `VerifiedEvents` shows them to be what was written, and in no other way.

internal import Documents
internal import FlagstaffCore
internal import PostgresRegistry

struct RecentChanges: Sendable {
  let exposure: ExposureHistory
  let openBreakGlasses: [Identity: Set<String>]

  static let none = RecentChanges(exposure: ExposureHistory(), openBreakGlasses: [:])

  /// Reads what a plan is judged by.
  ///
  /// - Parameter broken: the definitions for which somebody breaks the glass now; others are not
  ///   looked up.
  /// - Throws: `RegistryError`, with the code `corrupt` where an event is not what was written.
  static func read(
    _ scope: ScopeID, breaking broken: Set<Identity>, at instant: Instant,
    _ registry: RegistryWorker, _ keys: AuditKeyring
  ) async throws -> RecentChanges {
    var lately = AuditFilter(environments: [scope.environment], customers: [scope.customer])
    lately.since = instant.adding(seconds: -ExposureHistory.seconds)
    let events = try await VerifiedEvents.read(lately, registry, keys)
    var open: [Identity: Set<String>] = [:]
    for identity in broken {
      let history = try await VerifiedEvents.read(
        AuditFilter(
          environments: [scope.environment], customers: [scope.customer], key: identity.key),
        registry, keys)
      open[identity] = Self.open(
        history.filter { $0["subject"]?["kind"]?.string == identity.kind.rawValue })
    }
    return RecentChanges(
      exposure: ExposureHistory(events.flatMap(records)), openBreakGlasses: open)
  }

  /// What an event says that its change exposed.
  private static func records(_ event: Node) -> [ExposureHistory.Record] {
    guard let version = event["version"]?.integer,
      let instant = event["instant"]?.string.flatMap(Instant.init)
    else { return [] }
    // An exempt step back is let through by the policy, and its state approved by nobody: else a
    // raise, a small step back, and the next raise would each begin anew.
    let met = (event["verdict"]?["policies"]?.sequence ?? [])
      .filter { $0["met"]?.boolean == true && $0["exempt"] == nil }.compactMap {
        $0["policy"]?.string
      }
    return (event["exposure"]?.sequence ?? []).compactMap { part in
      guard let flag = part["flag"]?.string, let buckets = part["buckets"]?.integer else {
        return nil
      }
      return ExposureHistory.Record(
        version: version, instant: instant, flag: flag, buckets: buckets, policiesMet: Set(met))
    }
  }

  /// Who broke the glass for a definition since somebody else approved it last.
  private static func open(_ events: [Node]) -> Set<String> {
    var open: Set<String> = []
    for event in events {
      let approvals = event["approvals"]?.sequence ?? []
      let kind = Evidence.Kind.breakGlass.rawValue
      let (breaking, others) = (
        approvals.filter { $0["kind"]?.string == kind },
        approvals.filter { $0["kind"]?.string != kind }
      )
      if breaking.isEmpty {
        let people = Set(others.compactMap { $0["person"]?.string })
        open = open.filter { people.subtracting([$0]).isEmpty }
      }
      open.formUnion(breaking.compactMap { $0["person"]?.string })
    }
    return open
  }
}
