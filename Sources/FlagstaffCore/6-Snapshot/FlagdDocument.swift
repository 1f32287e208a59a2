// A scope's flags in the format of flagd, for OpenFeature's flagd providers (flagd.dev/schema/v0).
// A flag stands in it only where flagd answers as our own evaluator does for every context; all
// others are left out and listed. With `flagd: {splits: native}` in the workspace, flagd may divide
// users by its own hash: shares are ours, and which users they are is flagd's affair.

package import Documents
internal import FlagstaffEvaluation

/// The published document, and what it leaves out.
package struct FlagdDocument: Sendable {
  /// A flag, or an experiment that answers as one, that flagd cannot answer for.
  package struct Omission: Hashable, Sendable {
    package let key: String
    /// One at least.
    package let gaps: [FlagdGap]
  }

  /// The name of the projection in pointers.
  package static let projection = "flagd"

  /// Levels of the document: a level of a condition is some six of JsonLogic at most.
  package static let depthMax = 6 * Limits.conditionDepthMax + 32

  package let object: PublishedObject
  package let splits: FlagdSplits
  /// The keys that flagd answers for, sorted.
  package let keys: [String]
  /// Sorted by key.
  package let omissions: [Omission]

  /// - Parameter definitions: the published forms of flags and experiments, in any order.
  package init(_ definitions: [Node], splits: FlagdSplits) {
    let answering = Self.flags(definitions)
    let experiments = Self.experiments(definitions)
    var flags: [(String, Node)] = []
    var omissions: [Omission] = []
    var bytes = Self.schema.utf8.count + 32
    for (key, form) in answering {
      switch FlagdFlag(form, experiments: experiments, splits: splits).translated() {
      case .success(let flag):
        // With its key, and the signs around it.
        let more = CanonicalJSON.bytes(flag).count + key.utf8.count + 4
        if bytes + more <= Limits.flagdBytesMax {
          flags.append((key, flag))
          bytes += more
        } else {
          omissions.append(Omission(key: key, gaps: [Self.tooLarge]))
        }
      case .failure(let failure):
        omissions.append(Omission(key: key, gaps: failure.gaps))
      }
    }
    self.splits = splits
    keys = flags.map(\.0)
    self.omissions = omissions
    object = PublishedObject(
      CanonicalJSON.bytes(
        .fields(["$schema": .string(Self.schema), "flags": .mapping(flags)])))
  }

  /// The document that a version named. How the workspace wanted its flags written is not among the
  /// registry's rows, so the digest says it; nil where the version named none, as before this
  /// format was published, or one that this program writes in another way.
  package static func recorded(by pointer: Pointer, of definitions: [Node]) -> FlagdDocument? {
    guard let recorded = pointer.projections[projection] else { return nil }
    return FlagdSplits.allCases.lazy.map { FlagdDocument(definitions, splits: $0) }
      .first { $0.object.reference == recorded }
  }

  private static let schema = "https://flagd.dev/schema/v0/flags.json"

  private static let tooLarge = FlagdGap(
    "size", "the document for flagd would be larger than \(Limits.flagdBytesMax) bytes")

  /// What answers under its key, by key: flags, and experiments that carry their own values.
  private static func flags(_ definitions: [Node]) -> [(key: String, form: Node)] {
    definitions.compactMap { form in
      guard let key = form["key"]?.string else { return nil }
      if form["kind"]?.string == Kind.flag.rawValue { return (key, form) }
      return flagless(form).map { (key, $0) }
    }
    .sorted { $0.key.precedesInBytes($1.key) }
  }

  private static func experiments(_ definitions: [Node]) -> [Text: Node] {
    var experiments: [Text: Node] = [:]
    for form in definitions where form["kind"]?.string == Kind.experiment.rawValue {
      if let key = form["key"]?.string { experiments[Text(key)] = form }
    }
    return experiments
  }

  /// An experiment whose variants carry payloads, as the flag whose only rule it is; nil for one
  /// that a flag uses.
  private static func flagless(_ form: Node) -> Node? {
    let variants = form["variants"]?.sequence ?? []
    let values = variants.compactMap { variant in
      variant["key"]?.string.flatMap { key in variant["payload"].map { (key, $0) } }
    }
    guard !values.isEmpty, values.count == variants.count else { return nil }
    return .fields([
      "key": form["key"], "variants": .mapping(values), "off": form["control"],
      "default": form["control"], "rules": .sequence([.fields(["experiment": form["key"]])]),
    ])
  }
}
