// Reads metrics and the metrics of experiments. It checks that some value meets each guardrail,
// and that no metric both decides and guards; once all files are known, that references lead to a
// metric of the customer or of shared/, and those to guardrails to one that has a bound.

internal import Documents

extension DefinitionReader {
  mutating func metric(_ entry: Mapping.Entry) -> MetricSource? {
    guard let fields = entry.value.mapping, let event = fields["event"]?.string,
      let aggregation = fields["aggregation"]?.string.flatMap(Aggregation.init)
    else { return nil }
    return MetricSource(
      key: entry.key, position: entry.keyPosition, description: fields["description"]?.string,
      event: event, aggregation: aggregation,
      minimumSampleSize: fields["minimumSampleSize"]?.integer,
      guardrail: guardrail(fields["guardrail"]))
  }

  private mutating func guardrail(_ node: Node?) -> Guardrail? {
    guard let node else { return nil }
    let (least, most) = (node["atLeast"]?.double, node["atMost"]?.double)
    if let least, let most, least > most, let position = node["atLeast"]?.position {
      report(
        .impossibleGuardrail, at: position, "no value is both at least this and at most `atMost`",
        remedy: "Swap the two, or keep one of them")
    }
    return Guardrail(least: least, most: most)
  }

  mutating func metrics(_ node: Node?) -> ExperimentMetricsSource? {
    guard let node else { return nil }
    let source = ExperimentMetricsSource(
      primary: references(node["primary"]), guardrails: references(node["guardrails"]))
    for metric in source.guardrails {
      guard let first = source.primary.first(where: { $0.key.hasSameBytes(as: metric.key) }) else {
        continue
      }
      report(
        .metricTwice, at: metric.position,
        "\(metric.key) decides the experiment, so it cannot be a guardrail too",
        remedy: "Name it under `primary` or under `guardrails`",
        notes: [.init("named here", at: Location(file: file, position: first.position))])
    }
    return source
  }

  /// The keys of a list, each with its place.
  func references(_ node: Node?) -> [Reference] {
    (node?.sequence ?? []).compactMap { node in
      node.string.map { Reference(key: $0, position: node.position) }
    }
  }
}

extension CustomerCheck {
  mutating func checkMetrics(of experiment: SourceItem<ExperimentSource>) {
    guard let metrics = experiment.source.metrics else { return }
    for reference in metrics.primary + metrics.guardrails
    where !isNamed(.metric, reference.key) {
      report(
        .unknownMetric, at: Location(file: experiment.file, position: reference.position),
        "there is no metric \(reference.key)",
        remedy: suggestions.remedy(
          for: reference.key,
          among: Array(definitions.metrics.keys) + Array(definitions.sharedMetrics.keys),
          otherwise: "Define it under `metrics`, here or in shared/, or name another"))
    }
    for reference in metrics.guardrails {
      guard let metric = definitions.metric(reference.key), metric.source.guardrail == nil else {
        continue
      }
      report(
        .noGuardrail, at: Location(file: experiment.file, position: reference.position),
        "the metric \(reference.key) has no `guardrail`, so nothing says what it must not pass",
        remedy: "Give the metric a `guardrail` with `atMost` or `atLeast`, or name another",
        notes: [
          .init("defined here", at: Location(file: metric.file, position: metric.source.position))
        ])
    }
  }
}
