// A published scope, ready to answer. It is read from an index and the parts that the index names,
// or from one part where that suffices. What cannot be read to the last field is refused as a
// whole: a newer format, an unknown field, kind or operator, ranges out of order, a part of another
// length, a definition twice.
//
// Digests are not recomputed here, since this room has no cryptography: whoever fetches bytes by a
// digest checks them first, as the snapshot client and `flagstaff snapshot verify` do.

internal import Documents

/// The flags and experiments of one customer in one environment.
public struct Snapshot: Sendable {
  /// The version of the published form that this evaluator knows.
  public static let format = 1

  /// Sorted by key.
  private let flags: References<PublishedFlag>
  /// The place of each key among them.
  private let places: TextTable

  /// All of them, also those that no flag uses, sorted by key.
  let publishedExperiments: [PublishedExperiment]

  /// The keys that have an answer, sorted by their UTF-8 bytes: flags, and experiments whose
  /// variants carry payloads.
  public var flagKeys: [String] { flags.all.map(\.key) }

  /// Reads an index, which may itself be the only part, and its parts in the order of the index.
  /// - Parameters:
  ///   - index: the bytes of the index.
  ///   - part: yields the bytes of the part with a digest, 64 hexadecimal digits. It is not called
  ///     where the index is the only part.
  /// - Throws: where anything at all is not understood; see `SnapshotError.Code`.
  public init(
    index: [UInt8], part: (_ digest: String) throws -> [UInt8]
  ) throws(SnapshotError) {
    let root = try Self.document(index, "reading the index")
    guard root.has("parts") else {
      try self.init(parts: [root])
      return
    }
    var parts: [FieldReader] = []
    for entry in try SnapshotIndex(root).parts {
      let bytes: [UInt8]
      do {
        bytes = try part(entry.digest)
      } catch {
        throw SnapshotError(
          .partUnavailable, operation: "fetching part \(entry.digest)", "\(error)")
      }
      let operation = "reading part \(entry.digest)"
      guard bytes.count == entry.byteCount else {
        throw SnapshotError(
          .malformed, operation: operation,
          "it has \(bytes.count) bytes where the index says \(entry.byteCount)")
      }
      parts.append(try Self.document(bytes, operation))
    }
    try self.init(parts: parts)
  }

  private init(parts: [FieldReader]) throws(SnapshotError) {
    var definitions = PublishedDefinitions()
    for part in parts {
      do {
        try definitions.add(part)
      } catch {
        throw error.during(part.subject)
      }
    }
    publishedExperiments = definitions.sortedExperiments
    flags = References(try definitions.flags())
    places = TextTable(flags.all.map { Array($0.key.utf8) })
  }

  /// The JSON object of an index or part, once its format is one that is known. The subject is
  /// what was being done.
  private static func document(
    _ bytes: [UInt8], _ operation: String
  ) throws(SnapshotError) -> FieldReader {
    let root: Node
    do {
      root = try JSONReader.read(bytes, depthMax: Limits.storedDepthMax)
    } catch {
      throw SnapshotError(.malformed, operation: operation, "it is not whole JSON: \(error)")
    }
    guard let found = root["format"]?.integer else {
      throw SnapshotError(.malformed, operation: operation, "it names no format")
    }
    guard found == format else {
      throw SnapshotError(
        .unknownFormat, operation: operation,
        "it is of format \(found), this evaluator knows \(format); use a newer evaluator")
    }
    do {
      return try FieldReader(
        root, subject: operation, known: ["format", root["parts"] == nil ? "definitions" : "parts"])
    } catch {
      throw error.during(operation)
    }
  }
}

extension Snapshot {
  /// What a flag, or an experiment that answers as one, serves to a context. It never fails: for
  /// an unknown key the answer has no value, reason `ERROR` and code `FLAG_NOT_FOUND`.
  public func evaluate(flag: String, context: EvaluationContext) -> Evaluation {
    guard let place = place(of: flag) else { return .unanswered(flag, .flagNotFound) }
    return context.withView { view in flags.with(place) { $0.evaluate(view) } }
  }

  private func place(of flag: String) -> Int? {
    var copy = flag
    return copy.withUTF8 { places.place(of: $0) }
  }

  func flag(_ key: String) -> PublishedFlag? { place(of: key).map { flags.all[$0] } }

  /// What every key serves to a context, in the order of `flagKeys`.
  public func evaluateAll(context: EvaluationContext) -> [Evaluation] {
    context.withView { view in flags.all.map { $0.evaluate(view) } }
  }
}

/// `{format:1,parts:[{prefix,digest,length}]}`.
private struct SnapshotIndex {
  struct Entry {
    var digest: String
    var byteCount: Int
  }

  let parts: [Entry]

  init(_ root: FieldReader) throws(SnapshotError) {
    var parts: [Entry] = []
    var former: String?
    for node in try root.sequence("parts") {
      let fields = try FieldReader(
        node, subject: "an entry of the index", known: ["prefix", "digest", "length"])
      let prefix = try fields.string("prefix")
      guard prefix.utf8.allSatisfy({ $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "1") }) else {
        throw fields.failure("has a prefix of other digits than 0 and 1")
      }
      // In ascending order a prefix that begins another stands right before it.
      if let former, !former.precedesInBytes(prefix) || prefix.utf8.starts(with: former.utf8) {
        throw fields.failure("has a prefix out of order, or one that begins another")
      }
      former = prefix
      let digest = try fields.string("digest")
      guard Hexadecimal.bytes(digest)?.count == 32 else {
        throw fields.failure("has no SHA-256 as its digest")
      }
      let byteCount = try fields.integer("length", in: 0...Limits.snapshotBytesMax)
      parts.append(Entry(digest: digest, byteCount: byteCount))
    }
    self.parts = parts
  }
}

/// The definitions of all parts, gathered before they are linked: a flag may stand in another part
/// than its experiment.
private struct PublishedDefinitions {
  private var flagNodes: [(key: String, node: Node)] = []
  private var experiments: [Text: PublishedExperiment] = [:]
  private var seenFlags: Set<Text> = []

  mutating func add(_ part: FieldReader) throws(SnapshotError) {
    for node in try part.sequence("definitions") {
      guard let kind = node["kind"]?.string, let key = node["key"]?.string else {
        throw SnapshotError(.malformed, "a definition has no kind or no key")
      }
      switch kind {
      case "experiment":
        let experiment = try PublishedExperiment(node, key: key)
        guard experiments.updateValue(experiment, forKey: Text(key)) == nil else {
          throw SnapshotError(.malformed, "the experiment \"\(key)\" stands twice")
        }
      case "flag":
        guard seenFlags.insert(Text(key)).inserted else {
          throw SnapshotError(.malformed, "the flag \"\(key)\" stands twice")
        }
        flagNodes.append((key, node))
      default:
        throw SnapshotError(.malformed, "\"\(key)\" is of the unknown kind \"\(kind)\"")
      }
    }
  }

  var sortedExperiments: [PublishedExperiment] {
    experiments.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Everything that answers, sorted by key.
  func flags() throws(SnapshotError) -> [PublishedFlag] {
    var flags: [Text: PublishedFlag] = [:]
    for (key, node) in flagNodes {
      flags[Text(key)] = try PublishedFlag(node, key: key, experiments: experiments)
    }
    for (key, experiment) in experiments where !experiment.payloads.isEmpty {
      guard flags.updateValue(PublishedFlag(flagless: experiment), forKey: key) == nil else {
        throw SnapshotError(.malformed, "\"\(key.string)\" is both a flag and such an experiment")
      }
    }
    return flags.sorted { $0.key < $1.key }.map(\.value)
  }
}
