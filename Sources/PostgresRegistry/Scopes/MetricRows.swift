// The rows of metrics, and of which experiment is judged by which. They stand apart from the other
// kinds because they decide no answer: an analysis reads them, no evaluator does.

internal import Documents
internal import FlagstaffCore

extension PostgresTransaction {
  /// The metrics, and the references of all experiments that are written in the same transaction:
  /// both must be there when it ends.
  borrowing func copyMetrics(_ rows: ScopeRows) throws {
    if !rows.metrics.isEmpty { try copyDefinitions(of: rows) }
    if rows.experiments.contains(where: { $0.0.metrics != nil }) { try copyReferences(of: rows) }
  }

  borrowing private func copyDefinitions(of rows: ScopeRows) throws {
    try copyIn(
      table: "metrics",
      columns: [
        "environment", "id", "customer_id", "key", "generation", "digest", "definition",
        "event_name", "aggregation", "minimum_sample_size", "guardrail_at_least",
        "guardrail_at_most", "created_at",
      ]
    ) { output in
      for (resolved, registered) in rows.metrics {
        let id = Identifiers.metric(resolved.key, of: rows.scope.customer)
        try output.identity(rows.scope, id: id, registered)
        try output.text(resolved.event)
        try output.text(resolved.aggregation.rawValue)
        output.int(resolved.minimumSampleSize)
        try output.number(resolved.guardrail?.least)
        try output.number(resolved.guardrail?.most)
        output.instant(registered.created)
        try output.endRow()
      }
    }
  }

  borrowing private func copyReferences(of rows: ScopeRows) throws {
    try copyIn(
      table: "experiment_metrics",
      columns: ["environment", "experiment_id", "metric_id", "role", "position"]
    ) { output in
      for (resolved, recorded, _) in rows.experiments {
        guard let metrics = resolved.metrics else { continue }
        for (role, keys) in [("primary", metrics.primary), ("guardrail", metrics.guardrails)] {
          for (position, key) in keys.enumerated() {
            try output.text(rows.scope.environment)
            try output.text(recorded.id)
            try output.text(Identifiers.metric(key, of: rows.scope.customer))
            try output.text(role)
            output.int(position)
            try output.endRow()
          }
        }
      }
    }
  }
}

extension CopyRows {
  /// A number in the shortest text that reads as the same double.
  fileprivate mutating func number(_ number: Double?) throws {
    try text(number.map { CanonicalJSON.string(.number($0)) })
  }
}
