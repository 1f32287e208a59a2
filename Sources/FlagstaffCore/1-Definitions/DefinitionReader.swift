// Reads one file's sections into typed definitions, and finds what is wrong inside a definition:
// fields that contradict each other, instants that do not exist, rules of no known form. It runs
// after the JSON Schema and relies on the shapes that the schema has checked; what it finds absent
// all the same reads as empty.

internal import Documents
internal import FlagstaffEvaluation
internal import JSONSchema

struct DefinitionReader {
  let file: String
  private(set) var findings: [Finding] = []
  /// For the values of all flags of the file together.
  var valueBudget = CheckBudget()
  var suggestions = Suggestions()

  /// Those of other files too.
  var valueSchemas: ValueSchemas

  init(file: String, _ valueSchemas: ValueSchemas) {
    self.file = file
    self.valueSchemas = valueSchemas
  }

  mutating func report(
    _ code: Finding.Code, at position: Position, _ message: String, remedy: String,
    notes: [Finding.Note] = []
  ) {
    let location = Location(file: file, position: position)
    findings.append(Finding(code, at: location, message, remedy: remedy, notes: notes))
  }

  /// The name of a variant: `true` and `false` stand for those keys.
  func variant(_ node: Node?) -> Reference? {
    guard let node else { return nil }
    if let boolean = node.boolean {
      return Reference(key: boolean ? "true" : "false", position: node.position)
    }
    return node.string.map { Reference(key: $0, position: node.position) }
  }

  func labels(_ node: Node?) -> Labels {
    Labels(
      entries: (node?.mapping?.entries ?? []).map { ($0.key, $0.value.string ?? "") }
        .sorted { $0.key.precedesInBytes($1.key) })
  }

  func share(_ node: Node?) -> Int? {
    node?.string.flatMap(Share.buckets)
  }

  mutating func instant(_ text: String?, at position: Position) -> Instant? {
    guard let text else { return nil }
    if let instant = Instant(text) { return instant }
    report(
      .badInstant, at: position, "\(text) is no instant: there is no such date or time",
      remedy: "Write an existing date and time in UTC as YYYY-MM-DDThh:mm:ssZ")
    return nil
  }
}

extension DefinitionReader {
  mutating func workspace(_ root: Node) -> WorkspaceSource? {
    guard let workspace = root["workspace"]?.mapping else { return nil }
    let budget = workspace["deletionBudget"]
    let standard = DeletionBudget()
    return WorkspaceSource(
      id: workspace["id"]?.string ?? "",
      environments: workspace["environments"]?.sequence?.compactMap(\.string) ?? [],
      deletionBudget: DeletionBudget(
        count: budget?["count"]?.integer ?? standard.count,
        share: share(budget?["share"]) ?? standard.share),
      flagdSplits: workspace["flagd"]?["splits"]?.string == "native" ? .native : .omitted,
      drift: workspace["drift"]?.string.flatMap(DriftHandling.init) ?? .repair,
      roles: roles(workspace["roles"]), freezes: freezes(workspace["freezes"]))
  }

  func group(_ entry: Mapping.Entry) -> GroupSource {
    var source = GroupSource(key: entry.key, position: entry.keyPosition)
    source.description = entry.value["description"]?.string
    source.holdout = share(entry.value["holdout"]) ?? source.holdout
    source.restDays = entry.value["restDays"]?.integer ?? source.restDays
    source.id = entry.value["id"]?.string
    return source
  }

  mutating func segment(_ entry: Mapping.Entry) -> SegmentSource {
    SegmentSource(
      key: entry.key, position: entry.keyPosition, condition: condition(entry.value))
  }
}
