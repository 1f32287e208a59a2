// What an experiment is judged by: metrics, and for each experiment which of them decide and which
// only guard. Nothing here is ever published; an analysis reads it from the registry. A guardrail
// has one bound or two, and what has neither cannot be written down.

package import Documents

/// How the values of an event become the figure of a variant.
package enum Aggregation: String, Hashable, Sendable, CaseIterable {
  /// How many events there were.
  case count
  /// The sum of the events' values.
  case sum
  /// The sum of the events' values for each unit.
  case mean
  /// How many units had the event at least once.
  case unique
}

/// What a metric must not pass while an experiment runs.
package enum Guardrail: Hashable, Sendable {
  case atLeast(Double)
  case atMost(Double)
  case between(Double, Double)

  /// - Returns: nil without any bound.
  init?(least: Double?, most: Double?) {
    switch (least, most) {
    case (let least?, let most?): self = .between(least, most)
    case (let least?, nil): self = .atLeast(least)
    case (nil, let most?): self = .atMost(most)
    case (nil, nil): return nil
    }
  }

  package var least: Double? {
    switch self {
    case .atLeast(let least), .between(let least, _): least
    case .atMost: nil
    }
  }

  package var most: Double? {
    switch self {
    case .atMost(let most), .between(_, let most): most
    case .atLeast: nil
    }
  }

  /// As the file has it.
  var node: Node {
    .fields(["atLeast": least.map { .number($0) }, "atMost": most.map { .number($0) }])
  }
}

struct MetricSource: Sendable {
  var key: String
  var position: Position
  var description: String?
  /// The name of the event that is counted.
  var event: String
  var aggregation: Aggregation
  /// Units a variant, below which the figure says nothing.
  var minimumSampleSize: Int?
  var guardrail: Guardrail?
}

/// The metrics of an experiment, in the order of the file.
struct ExperimentMetricsSource: Sendable {
  var primary: [Reference] = []
  var guardrails: [Reference] = []
}

/// A metric, read from its resolved form.
package struct ResolvedMetric: Sendable {
  package let key: String
  package let event: String
  package let aggregation: Aggregation
  package let minimumSampleSize: Int?
  package let guardrail: Guardrail?

  package init(form: Node) throws(MalformedForm) {
    let reading = FormReading(form, .metric)
    key = reading.identity.key
    event = try reading.string("event")
    guard let aggregation = Aggregation(rawValue: try reading.string("aggregation")) else {
      throw reading.malformed("aggregation")
    }
    self.aggregation = aggregation
    minimumSampleSize = form["minimumSampleSize"]?.integer
    guardrail = Guardrail(
      least: form["guardrail"]?["atLeast"]?.double, most: form["guardrail"]?["atMost"]?.double)
  }
}

/// What an experiment is judged by, read from its resolved form.
package struct ExperimentMetrics: Hashable, Sendable {
  /// The keys of the metrics that decide, in the order of the definition.
  package let primary: [String]
  /// The keys of the metrics that must not get worse.
  package let guardrails: [String]

  init(_ node: Node) {
    primary = node["primary"]?.sequence?.compactMap(\.string) ?? []
    guardrails = node["guardrails"]?.sequence?.compactMap(\.string) ?? []
  }
}
