// Metrics in a real registry: what is written is what is read, a metric may change or go while the
// experiments that name it stay, and a row that somebody edits is found.

import FlagstaffCore
import PostgresRegistry
import Testing

@Suite("Metrics in the registry")
struct MetricRowsTests {
  private static let own = "customers/acme/a.yaml"
  private static let definitions = """
    flagstaff: v1
    experiments:
      button:
        status: running
        traffic: 10%
        control: a
        variants: {a: {weight: 1, payload: 1}, b: {weight: 1, payload: 2}}
        metrics: {primary: [orders, revenue], guardrails: [errors]}
        environments: {production: {}}
    metrics:
      orders: {event: order, aggregation: count, minimumSampleSize: 10000}
      errors: {event: error, aggregation: mean, guardrail: {atMost: 0.02}}

    """
  private static let shared = """
    flagstaff: v1
    metrics:
      revenue: {event: order, aggregation: sum, guardrail: {atLeast: -1.5, atMost: 1e3}}
      unused: {event: none, aggregation: unique}

    """

  private func rows(_ installation: Installation, _ query: SQL) throws -> [String] {
    try installation.connection().runOutsideTransaction(query).map { try $0.string(0) }
  }

  private static let metrics: SQL = """
    SELECT concat_ws(' ', key, generation, event_name, aggregation, minimum_sample_size,
      guardrail_at_least, guardrail_at_most)
    FROM experimentation.metrics ORDER BY key COLLATE "C"
    """
  private static let references: SQL = """
    SELECT concat_ws(' ', e.key, r.role, r.position, m.key)
    FROM experimentation.experiment_metrics r
    JOIN experimentation.experiments e ON e.environment = r.environment AND e.id = r.experiment_id
    JOIN experimentation.metrics m ON m.environment = r.environment AND m.id = r.metric_id
    ORDER BY r.role DESC, r.position
    """

  @Test("A metric changes and goes, and the experiments that name it follow")
  func lifeOfMetric() async throws {
    let repository = try DefinitionsRepository([
      "flagstaff.yaml": DefinitionsRepository.workspace, Self.own: Self.definitions,
      "shared/all.yaml": Self.shared,
    ])
    let installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    #expect(
      try rows(installation, Self.metrics) == [
        "errors 1 error mean 0.02", "orders 1 order count 10000", "revenue 1 order sum -1.5 1000",
      ])
    let references = ["primary 0 orders", "primary 1 revenue", "guardrail 0 errors"]
    #expect(try rows(installation, Self.references) == references.map { "button \($0)" })
    #expect(try installation.expect(0, "reconcile").output.contains("version 2") == false)

    // The experiment keeps its rows while the metric's own row is replaced.
    try repository.replace("10000", by: "500", in: Self.own)
    try repository.commit()
    let changed = try installation.expect(0, "reconcile").output
    #expect(
      changed.contains("metric orders") && !changed.contains("experiment button"), "\(changed)")
    #expect(try rows(installation, Self.metrics)[1] == "orders 2 order count 500")
    #expect(try rows(installation, Self.references) == references.map { "button \($0)" })

    try repository.replace("[orders, revenue]", by: "[orders]", in: Self.own)
    try repository.commit()
    let gone = try installation.expect(0, "reconcile").output
    #expect(gone.contains("definition.described") && gone.contains("metric.deleted"), "\(gone)")
    #expect(try rows(installation, Self.references).count == 2)
    try installation.expect(0, "audit", "verify")
    try await installation.discard()
  }

  @Test("A metric's row that somebody edited is found before a plan is made")
  func editedRow() async throws {
    let repository = try DefinitionsRepository([
      "flagstaff.yaml": DefinitionsRepository.workspace, Self.own: Self.definitions,
      "shared/all.yaml": Self.shared,
    ])
    let installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    _ = try rows(
      installation,
      """
      UPDATE experimentation.metrics SET definition = definition || '{"event": "other"}'
      WHERE key = 'orders' RETURNING key
      """)
    try repository.replace("10000", by: "500", in: Self.own)
    try repository.commit()
    let ended = try installation.expect(1, "reconcile")
    #expect("\(ended)".contains("edited by hand"), "\(ended)")
    try await installation.discard()
  }
}
