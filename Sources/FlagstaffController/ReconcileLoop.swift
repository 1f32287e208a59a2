// The loop of `flagstaff serve`: a pass, a pause, a pass. How long the pause is follows from what
// the pass said: an interval with jitter, the next scheduled instant where that is sooner, or a
// back-off that doubles up to a cap where the world failed. The decision is a plain struct, so it
// is tested without waiting.

package import Documents

/// Decides when the next pass begins.
package struct PassSchedule: Sendable {
  /// What a pass came to.
  package enum Outcome: Sendable {
    /// It ended; something is scheduled in so many seconds, or nothing.
    case done(dueInSeconds: Int?)
    case failed(Consequence)
  }

  package let intervalSeconds: Double
  /// The first pause after a failure; each further failure doubles it.
  package static let backOffSeconds = 1.0
  /// The longest pause after a failure.
  package static let backOffSecondsMax = 300.0
  /// How far a pause strays from its length, so that many controllers do not act as one.
  package static let jitter = 0.1

  private var failures = 0

  package init(intervalSeconds: Double) {
    self.intervalSeconds = intervalSeconds
  }

  /// The pause before the next pass in seconds; nil where the process must end.
  ///
  /// - Parameter random: in 0..<1, made by the caller.
  package mutating func pause(after outcome: Outcome, random: Double) -> Double? {
    let spread = 1 + Self.jitter * (2 * random - 1)
    switch outcome {
    case .done(let due):
      failures = 0
      let interval = intervalSeconds * spread
      return due.map { min(interval, max(0, Double($0))) } ?? interval
    case .failed(.halt):
      return nil
    case .failed(.retry):
      failures += 1
      let doubled = Self.backOffSeconds * Double(1 << min(failures - 1, 20))
      return min(Self.backOffSecondsMax, doubled) * spread
    case .failed(.waiting), .failed(.stalled):
      failures += 1
      return max(intervalSeconds, Self.backOffSeconds) * spread
    }
  }
}

/// Runs passes until its task is cancelled.
package struct ReconcileLoop: Sendable {
  /// What the loop tells about itself.
  package enum Event: Sendable {
    case passed(PassReport, nextInSeconds: Double)
    case failed(String, Consequence, nextInSeconds: Double?)
  }

  private let reconciler: Reconciler
  private let intervalSeconds: Double
  private let tell: @Sendable (Event) -> Void

  package init(
    _ reconciler: Reconciler, intervalSeconds: Double, tell: @escaping @Sendable (Event) -> Void
  ) {
    self.reconciler = reconciler
    self.intervalSeconds = intervalSeconds
    self.tell = tell
  }

  /// Returns once the task is cancelled, after the pass that is under way. A pass is never
  /// interrupted.
  ///
  /// - Throws: the failure of a pass after which the process must end.
  package func run() async throws {
    var schedule = PassSchedule(intervalSeconds: intervalSeconds)
    while !Task.isCancelled {
      let result = await Task { try await reconciler.reconcile() }.result
      let random = Double.random(in: 0..<1)
      let pause: Double
      switch result {
      case .success(let report):
        let due = report.due.map { $0.secondsSince1970 - report.instant.secondsSince1970 }
        pause = schedule.pause(after: .done(dueInSeconds: due), random: random) ?? 0
        tell(.passed(report, nextInSeconds: pause))
      case .failure(let error):
        let consequence = Consequence(of: error)
        let next = schedule.pause(after: .failed(consequence), random: random)
        tell(.failed(String(describing: error), consequence, nextInSeconds: next))
        guard let next else { throw error }
        pause = next
      }
      try? await Task.sleep(for: .seconds(pause))
    }
  }
}
