// Since when a flag gives the answer that it gives, and why it changed. The registry knows every
// version of a scope, the origin still has what each of them published, and the audit log says what
// changed in between: so the answer is worked out again, from the newest version backwards, until
// it was another one.

package import Documents
package import FlagstaffCore
package import FlagstaffEvaluation
package import Origins
package import PostgresRegistry

/// The answer of a flag to one context at one time, and the change that brought it about.
package struct AnswerHistory: Sendable {
  /// An answer as a version gave it.
  package struct Answer: Sendable {
    package let version: Int
    package let commit: String
    package let instant: Instant
    package let explanation: Explanation
  }

  /// What stood before the answer.
  package enum Former: Sendable {
    /// Another answer.
    case answer(Answer)
    /// Nothing: the scope began with this answer.
    case nothing
    /// Not known: what this version published is no longer at the origin, or is damaged.
    case unknown(version: Int, reason: String)
  }

  /// At the version that held at the time in question.
  package let answer: Answer
  /// The first version with this answer, as far back as it was unbroken.
  package let since: Answer
  package let former: Former
  /// The audit events, as JSON, that changed the answer: those of the flag and of its experiments
  /// in the version `since`, or all of that version where none is of them.
  package let events: [Node]
}

/// Asks for the history of an answer.
package struct AnswerHistoryQuery: Sendable {
  package let scope: ScopeID
  package let flag: String
  package let instant: Instant?
  package let origins: [DirectoryOrigin]
  /// Makes the context for a snapshot: what a unit is called follows from the flag.
  private let context: @Sendable (Snapshot) -> EvaluationContext

  /// - Parameter instant: the time in question; nil for now.
  package init(
    scope: ScopeID, flag: String, instant: Instant?, origins: [DirectoryOrigin],
    context: @escaping @Sendable (Snapshot) -> EvaluationContext
  ) {
    self.scope = scope
    self.flag = flag
    self.instant = instant
    self.origins = origins
    self.context = context
  }

  /// Walks the versions back.
  ///
  /// - Throws: `ControllerError` with the code `unknownScope` where nothing had been applied by
  ///   then, `PublishedScopeFailure` where not even that version can be read.
  package func run(_ registry: RegistryWorker) async throws -> AnswerHistory {
    var page = try await versions(registry, below: nil)
    guard let newest = page.first else {
      throw ControllerError(
        .unknownScope, operation: "reading the versions of \(scope)",
        reason: instant.map { "nothing was applied there by \($0)" } ?? "nothing was applied there")
    }
    let answer = try self.answer(of: newest)
    var (since, index) = (answer, Pointer(payload: newest.payload)?.index)
    var former = AnswerHistory.Former.nothing
    walk: while !page.isEmpty {
      for head in page where head.version < since.version {
        let older = Pointer(payload: head.payload)?.index
        // What was published did not change, so neither did the answer.
        if older == index {
          since = AnswerHistory.Answer(head, since.explanation)
          continue
        }
        do {
          let candidate = try self.answer(of: head)
          guard candidate.isSame(as: since) else {
            former = .answer(candidate)
            break walk
          }
          (since, index) = (candidate, older)
        } catch let failure as PublishedScopeFailure {
          former = .unknown(
            version: head.version, reason: failure.problems.joined(separator: "; "))
          break walk
        }
      }
      page = try await versions(registry, below: page.last?.version)
    }
    let events = try await events(registry, since: since, former)
    return AnswerHistory(answer: answer, since: since, former: former, events: events)
  }

  private func versions(_ registry: RegistryWorker, below version: Int?) async throws -> [ScopeHead]
  {
    let (scope, instant) = (scope, instant)
    return try await registry.run { connection in
      try connection.transaction(isReadOnly: true) {
        try $0.versions(of: scope, below: version, until: instant)
      }
    }
  }

  /// From the first origin that has what the version published.
  private func answer(of head: ScopeHead) throws -> AnswerHistory.Answer {
    guard let pointer = Pointer(payload: head.payload) else {
      throw PublishedScopeFailure(
        scope: scope, problems: ["version \(head.version) is of a newer format"])
    }
    var problems: [String] = []
    for origin in origins {
      do {
        let snapshot = try PublishedScope.snapshot(of: pointer, at: origin)
        return AnswerHistory.Answer(
          head, snapshot.explain(flag: flag, context: context(snapshot)))
      } catch let failure as PublishedScopeFailure {
        problems += failure.problems.map { "\(origin.path): \($0)" }
      } catch let failure as SnapshotError {
        problems.append("\(origin.path): \(failure)")
      }
    }
    throw PublishedScopeFailure(scope: scope, problems: problems)
  }

  private func events(
    _ registry: RegistryWorker, since: AnswerHistory.Answer, _ former: AnswerHistory.Former
  ) async throws -> [Node] {
    let scope = scope
    let all = try await registry.run { connection in
      try connection.transaction(isReadOnly: true) {
        try $0.auditEvents(of: scope, version: since.version)
      }
    }.map { try JSONReader.read($0.bytes, depthMax: Limits.storedDepthMax) }
    var rules = since.explanation.rules
    if case .answer(let answer) = former { rules += answer.explanation.rules }
    let keys = Set(([flag] + rules.compactMap(\.experiment)).map { Text($0) })
    let own = all.filter { event in
      [Kind.experiment, .flag].contains { event["subject"]?["kind"]?.string == $0.rawValue }
        && (event["subject"]?["key"]?.string).map { keys.contains(Text($0)) } ?? false
    }
    return own.isEmpty ? all : own
  }
}

extension AnswerHistory.Answer {
  fileprivate init(_ head: ScopeHead, _ explanation: Explanation) {
    self.init(
      version: head.version, commit: head.commit, instant: head.instant, explanation: explanation)
  }

  /// Whether users see the same: value, variant, or the absence of both.
  fileprivate func isSame(as other: AnswerHistory.Answer) -> Bool {
    let (ours, theirs) = (explanation.evaluation, other.explanation.evaluation)
    return ours.value == theirs.value && ours.variant == theirs.variant
  }
}
