// The stage before the first: a document of another system becomes a definitions file, and a list
// of everything that is not in it or is different. Each flag is converted and checked by itself, as
// `validate` would check it, so what comes out is valid and one odd flag does not keep the others.

package import Documents

/// A foreign document as a definitions file.
package struct ImportedDefinitions: Sendable {
  /// A flag that was carried over.
  package struct Flag: Sendable {
    /// Its name there.
    package let name: String
    package let key: String
    /// The keys of its variants by their names there.
    package let variants: [String: String]
    /// Whether it answers as it did there for every context.
    package let isSame: Bool
  }

  /// The whole file; nil where the document could not be read, or no flag is carried over.
  package let file: Node?
  package let flags: [Flag]
  /// Every flag that was left out, as an error, and every difference, as a warning.
  package let findings: [Finding]

  private init(file: Node?, flags: [Flag], findings: [Finding]) {
    self.file = file
    self.flags = flags
    self.findings = Set(findings).sorted()
  }

  /// Converts what flagd reads: `flags` as a mapping or a list, and `$evaluators`.
  ///
  /// - Parameter environments: where the flags exist.
  package static func flagd(_ document: Document, environments: [String]) -> ImportedDefinitions {
    assembled(FlagdImport(document), document, environments)
  }

  /// Converts a configuration of GO Feature Flag: its flags by name.
  package static func goFeatureFlag(
    _ document: Document, environments: [String]
  ) -> ImportedDefinitions {
    assembled(GoFeatureFlagImport(document), document, environments)
  }

  private static func assembled(
    _ source: some ForeignSource, _ document: Document, _ environments: [String]
  ) -> ImportedDefinitions {
    var findings = source.findings
    var entries: [(String, Node)] = []
    var flags: [Flag] = []
    var used: Set<Text> = []
    let names = ForeignNames(source.flags.map(\.name))
    var seen: Set<Text> = []
    for entry in source.flags {
      var notes = ImportNotes(file: document.file)
      do throws(ImportGap) {
        guard let key = names.key(entry.name), seen.insert(Text(entry.name)).inserted else {
          throw ImportGap(
            at: entry.position, "another flag has its name, or the key that its name becomes",
            remedy: "Rename one of the two")
        }
        if key != entry.name {
          notes.renames("flag", entry.name, to: key, at: entry.position)
        }
        let converted = try source.convert(entry, notes: &notes)
        let keys = try variantKeys(of: converted, notes: &notes)
        let node = try converted.node(environments: environments, keys: keys)
        let segments = source.segments(of: node)
        try check(key, node, segments, environments, at: entry.position)
        used.formUnion(segments.map { Text($0.0) })
        entries.append((key, node))
        findings += notes.findings
        flags.append(
          Flag(
            name: entry.name, key: key,
            variants: Dictionary(
              converted.variants.map { ($0.name, keys.key($0.name) ?? "") },
              uniquingKeysWith: { first, _ in first }),
            isSame: !notes.findings.contains { $0.code == .answersDiffer }))
      } catch {
        findings.append(leftOut(entry.name, error, in: document.file))
      }
    }
    let segments = source.segments.filter { used.contains(Text($0.0)) }
    guard !entries.isEmpty else {
      return ImportedDefinitions(file: nil, flags: [], findings: findings)
    }
    return ImportedDefinitions(
      file: file(entries, segments), flags: flags, findings: findings)
  }

  private static func file(_ flags: [(String, Node)], _ segments: [(String, Node)]) -> Node {
    .fields([
      "flagstaff": .string("v1"), "flags": .mapping(flags),
      "segments": segments.isEmpty ? nil : .mapping(segments),
    ])
  }

  private static func leftOut(_ name: String, _ gap: ImportGap, in file: String) -> Finding {
    Finding(
      .flagLeftOut, at: Location(file: file, position: gap.position),
      "the flag \(name) is left out: \(gap.reason)", remedy: gap.remedy)
  }

  private static func variantKeys(
    of flag: ImportedFlag, notes: inout ImportNotes
  ) throws(ImportGap) -> ForeignNames {
    let keys = ForeignNames(flag.variants.map(\.name))
    for variant in flag.variants {
      guard let key = keys.key(variant.name) else {
        throw ImportGap(
          at: variant.position, "the name of its variant \(variant.name) can be no key",
          remedy: "Rename the variant")
      }
      if key != variant.name {
        notes.renames("variant", variant.name, to: key, at: variant.position)
      }
    }
    return keys
  }

  /// Refuses what `validate` would refuse.
  private static func check(
    _ key: String, _ flag: Node, _ segments: [(String, Node)], _ environments: [String],
    at position: Position
  ) throws(ImportGap) {
    let root = file([(key, flag)], segments)
    let workspace = Node.fields([
      "flagstaff": .string("v1"),
      "workspace": .fields([
        "id": .string("imported"), "environments": .strings(environments),
      ]),
    ])
    let definitions = Definitions.check(
      RepositoryFiles([
        .check(
          Document(file: "definitions/imported.yaml", root: root),
          as: .customer(Layout.defaultCustomer)),
        .check(Document(file: Layout.workspaceFile, root: workspace), as: .workspace),
      ]))
    guard let finding = definitions.findings.first(where: { $0.severity == .error }) else { return }
    throw ImportGap(at: position, finding.message, remedy: finding.remedy)
  }
}
