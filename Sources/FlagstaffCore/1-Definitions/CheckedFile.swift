// The first stage: one file, checked by itself. It depends on the file's bytes and path alone, so
// files are checked in parallel, and a long-running process checks a blob once. What a file says
// about other files is checked by `Definitions`.

package import Documents
internal import JSONSchema
internal import Schemas

/// A file of the repository with everything that is wrong inside it. A class, because it is handed
/// on more often than it is read.
package final class CheckedFile: Sendable {
  package let file: String
  package let role: FileRole
  package let findings: [Finding]

  let workspace: WorkspaceSource?
  /// What the workspace ignores, told even where the file has errors.
  let pathsIgnored: [IgnorePattern]
  let experiments: [SourceItem<ExperimentSource>]
  let flags: [SourceItem<FlagSource>]
  let segments: [SourceItem<SegmentSource>]
  let groups: [SourceItem<GroupSource>]
  let metrics: [SourceItem<MetricSource>]
  let governance: GovernanceSource
  /// What the file defines, told even where it has errors, so that a reference to a definition in
  /// a broken file is not reported as dangling.
  let names: [(identity: Identity, position: Position)]
  /// The team that answers for what it defines.
  let owner: Reference?
  /// What its comments silence.
  let ignores: [IgnoreComment]
  /// Whether the file is no document at all, so that nobody knows what it would define.
  let isUnreadable: Bool
  /// The people, teams and policies that the file names, told even where it has errors.
  let governanceNames: [(section: GovernanceSection, name: String, position: Position)]

  /// Whether the file may be used.
  package var isValid: Bool { !findings.contains { $0.severity == .error } }

  /// Whether it defines anything at all.
  var isEmpty: Bool {
    experiments.isEmpty && flags.isEmpty && segments.isEmpty && groups.isEmpty && metrics.isEmpty
  }

  /// Checks a document against its schema and then against itself.
  ///
  /// - Parameter valueSchemas: of the flags of other files; those of this one join them.
  package static func check(
    _ document: Document, as role: FileRole, _ valueSchemas: inout ValueSchemas
  ) -> CheckedFile {
    let findings = DefinitionSchemas.schema(for: role).findings(of: document)
    let names = names(in: document.root)
    guard findings.isEmpty else {
      return CheckedFile(document.file, as: role, findings: findings, names, of: document.root)
    }
    return CheckedFile(document, as: role, names: names, &valueSchemas)
  }

  package static func check(_ document: Document, as role: FileRole) -> CheckedFile {
    var valueSchemas = ValueSchemas()
    return check(document, as: role, &valueSchemas)
  }

  /// A file that is no YAML document, with the reader's findings.
  package static func unreadable(_ file: String, as role: FileRole, findings: [Finding])
    -> CheckedFile
  {
    CheckedFile(file, as: role, findings: findings, [], of: nil)
  }

  /// A file of which nothing is used: of another form, or, without a root, no document.
  private init(
    _ file: String, as role: FileRole, findings: [Finding],
    _ names: [(identity: Identity, position: Position)], of root: Node?
  ) {
    self.file = file
    self.role = role
    self.findings = FindingLimit.told(findings)
    ignores = []
    owner = nil
    self.names = names
    isUnreadable = root == nil
    governanceNames = Self.governanceNames(in: root, of: role)
    pathsIgnored = Self.pathsIgnored(root)
    workspace = nil
    experiments = []
    flags = []
    segments = []
    groups = []
    metrics = []
    governance = GovernanceSource()
  }

  private init(
    _ document: Document, as role: FileRole, names: [(identity: Identity, position: Position)],
    _ valueSchemas: inout ValueSchemas
  ) {
    var reader = DefinitionReader(file: document.file, valueSchemas)
    valueSchemas = ValueSchemas()
    defer { valueSchemas = reader.valueSchemas }
    let root = document.root
    file = document.file
    self.role = role
    self.names = names
    isUnreadable = false
    governanceNames = Self.governanceNames(in: root, of: role)
    pathsIgnored = Self.pathsIgnored(root)
    let owner = root["owner"].flatMap { node in
      node.string.map { Reference(key: $0, position: node.position) }
    }
    self.owner = owner
    func item<Source>(_ source: Source) -> SourceItem<Source> {
      SourceItem(file: document.file, owner: owner?.key, source: source)
    }
    workspace = role == .workspace ? reader.workspace(root) : nil
    var experiments: [SourceItem<ExperimentSource>] = []
    var flags: [SourceItem<FlagSource>] = []
    var segments: [SourceItem<SegmentSource>] = []
    var groups: [SourceItem<GroupSource>] = []
    var metrics: [SourceItem<MetricSource>] = []
    for entry in root["experiments"]?.mapping?.entries ?? [] {
      if let experiment = reader.experiment(entry) { experiments.append(item(experiment)) }
    }
    for entry in root["flags"]?.mapping?.entries ?? [] {
      if let flag = reader.flag(entry) { flags.append(item(flag)) }
    }
    for entry in root["segments"]?.mapping?.entries ?? [] {
      segments.append(item(reader.segment(entry)))
    }
    for entry in root["groups"]?.mapping?.entries ?? [] { groups.append(item(reader.group(entry))) }
    for entry in root["metrics"]?.mapping?.entries ?? [] {
      if let metric = reader.metric(entry) { metrics.append(item(metric)) }
    }
    governance = role == .governance ? reader.governance(root) : GovernanceSource()
    if role == .shared, let mapping = root.mapping { reader.refuseInShared(mapping) }
    self.experiments = experiments
    self.flags = flags
    self.segments = segments
    self.groups = groups
    self.metrics = metrics
    let comments = IgnoreComment.read(document)
    ignores = comments.ignores
    findings = FindingLimit.told(reader.findings + comments.findings)
  }

  private static func pathsIgnored(_ root: Node?) -> [IgnorePattern] {
    (root?["workspace"]?["ignore"]?.sequence ?? []).compactMap(\.string).map { IgnorePattern($0) }
  }

  private static func governanceNames(in root: Node?, of role: FileRole)
    -> [(section: GovernanceSection, name: String, position: Position)]
  {
    guard role == .governance else { return [] }
    return GovernanceSection.allCases.flatMap { section in
      (root?[section.rawValue]?.mapping?.entries ?? []).map { (section, $0.key, $0.keyPosition) }
    }
  }

  private static func names(in root: Node) -> [(identity: Identity, position: Position)] {
    var names: [(identity: Identity, position: Position)] = []
    for kind in Kind.allCases {
      for entry in root[kind.section]?.mapping?.entries ?? [] {
        names.append((Identity(kind, entry.key), entry.keyPosition))
      }
    }
    return names
  }
}

extension DefinitionReader {
  /// `shared/` holds what every customer may use: segments and metrics.
  fileprivate mutating func refuseInShared(_ mapping: Mapping) {
    for field in ["experiments", "flags", "groups"] {
      guard let entry = mapping.entry(field) else { continue }
      report(
        .notHere, at: entry.keyPosition, "shared/ holds segments and metrics, no \(field)",
        remedy: "Move the \(field) into the folder of a customer")
    }
  }
}

/// The schemas of definitions files, compiled once for the process.
enum DefinitionSchemas {
  static func schema(for role: FileRole) -> JSONSchema {
    switch role {
    case .workspace: workspace
    case .governance: governance
    case .shared, .customer: definitions
    }
  }

  private static let definitions = compiled("definitions")
  private static let workspace = compiled("workspace")
  private static let governance = compiled("governance")

  private static func compiled(_ name: String) -> JSONSchema {
    do {
      var resources: [String: Node] = [:]
      for file in EmbeddedSchema.all {
        let node = try JSONReader.read(file.bytes)
        if let id = node["$id"]?.string { resources[id] = node }
      }
      return try JSONSchema(
        "https://flagstaff.dev/schemas/v1/\(name).schema.json", among: resources,
        formats: .asserted)
    } catch {
      preconditionFailure("the embedded schema \(name) cannot be compiled: \(error)")
    }
  }
}
