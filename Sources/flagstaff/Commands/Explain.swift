// `flagstaff explain`: which variant a unit gets, since which version, and which change brought it
// about. It is for the day on which somebody asks why he sees something else than yesterday.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import FlagstaffEvaluation
internal import Origins
internal import PostgresRegistry

struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell which variant a unit gets, since when, and why it changed.",
    usage: "flagstaff explain [<options>] <key>",
    discussion: """
      Walks back through the versions that the registry recorded, each as it was published, \
      until the answer was another one, and shows the audit events of the change. Objects at an \
      origin never change; where an old one is missing, that is said.

      Example:
        flagstaff explain checkout-flow --unit user-1 --environment production \\
          --context '{"country": "DE"}' --at 2026-11-23T12:00:00Z
      """)

  @Argument(help: ArgumentHelp("The flag, or a flagless experiment.", valueName: "key"))
  var flag: String

  @Option(
    help: ArgumentHelp(
      "What identifies the user: it is given by the name that the flag buckets by.",
      valueName: "id"))
  var unit: String?

  @Option(
    help: ArgumentHelp(
      "The time in question, as YYYY-MM-DDThh:mm:ssZ. (default: now)", valueName: "instant"))
  var at: String?

  @Option(help: ArgumentHelp("Further attributes: a JSON object.", valueName: "json"))
  var context: String = "{}"

  @OptionGroup var scopes: ScopeOptions
  @OptionGroup var origins: OriginOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let terminal = output.terminal
    let context = try UnitContext(unit: unit, json: context, flag: flag)
    let instant = try at.map { text in
      guard let instant = Instant(text) else {
        throw UsageError("--at takes an instant as YYYY-MM-DDThh:mm:ssZ, not \(text).")
      }
      return instant
    }
    let (scope, history) = try await RegistryAccess.with(state) { access in
      let heads = try await access.worker.run { connection in
        try connection.transaction(isReadOnly: true) { try $0.heads() }
      }
      guard let scope = try scopes.only(heads.map(\.scope).filter(scopes.selection.contains)) else {
        throw ControllerError(
          .unknownScope, operation: "reading the registry",
          reason: "no such scope was ever applied. Run `flagstaff reconcile`")
      }
      let query = AnswerHistoryQuery(
        scope: scope, flag: flag, instant: instant,
        origins: try origins.paths(stateDirectory: access.stateDirectory.path).map {
          DirectoryOrigin(path: $0)
        },
        context: { context.context(for: $0) })
      return (scope, try await query.run(access.worker))
    }
    switch output.format {
    case .json: terminal.result(CanonicalJSON.string(HistoryDocument.node(history, scope, unit)))
    case .text:
      terminal.result(HistoryText.lines(history, scope, unit, terminal).joined(separator: "\n"))
    }
    if history.answer.explanation.evaluation.errorCode != nil { throw Ending.failure }
  }
}

/// A context in which the unit stands under every name that the flag buckets by.
private struct UnitContext: Sendable {
  let unit: String?
  let flag: String
  let attributes: [(key: String, value: JSONValue)]

  init(unit: String?, json: String, flag: String) throws {
    // Read for its errors, which are those of every context.
    _ = try EvaluationContext(option: "--context", json)
    let entries = try JSONReader.read(json).mapping?.entries ?? []
    attributes = entries.map { (key: $0.key, value: JSONValue($0.value)) }
    self.unit = unit
    self.flag = flag
  }

  func context(for snapshot: Snapshot) -> EvaluationContext {
    guard let unit else { return EvaluationContext(attributes: attributes) }
    let names = snapshot.unitNames(ofFlag: flag) ?? []
    let units = (["targetingKey"] + names).map { (key: $0, value: JSONValue.string(unit)) }
    // Of attributes of one name the last counts: what --context says wins.
    return EvaluationContext(attributes: units + attributes)
  }
}
