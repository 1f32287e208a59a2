// An experiment as it is published, made ready for questions: the hash's states after both
// prefixes, the owner of each bucket, the forced units. An experiment is asked by the rules of a
// flag; one whose variants all carry a payload also answers as a flag of its own key.

internal import Documents

/// One published experiment.
final class PublishedExperiment: Sendable {
  /// The version of hash and buckets that this evaluator knows.
  static let hashVersion = 1

  let key: String
  let id: String
  /// In key order.
  let variants: [String]
  let control: Int
  /// The variants' payloads; empty where a flag gives the values.
  let payloads: [JSONValue]

  let isLive: Bool
  let unitName: AttributeName
  let trafficSalt: String
  let traffic: BucketRanges
  let targeting: Condition?
  let owners: BucketOwners
  /// The variant that is served to everyone who meets the targeting, once the experiment is over.
  let winner: Int?

  private let trafficHash: Murmur3
  private let variantHash: Murmur3
  private let forcedUnits: TextTable
  /// The variant of each forced unit, in the table's order.
  private let forcedVariants: [Int]

  init(_ node: Node, key: String) throws(SnapshotError) {
    let fields = try FieldReader(
      node, subject: "experiment \"\(key)\"",
      known: [
        "kind", "key", "id", "hash", "live", "bucketBy", "trafficSalt", "traffic", "salt",
        "targeting", "control", "variants", "force", "winner", "splitUrl",
      ])
    try Self.checkHash(fields)
    id = try fields.string("id")
    self.key = key
    isLive = try fields.boolean("live")
    unitName = AttributeName(try fields.string("bucketBy"))
    trafficSalt = try fields.string("trafficSalt")
    trafficHash = Murmur3(prefix: trafficSalt)
    traffic = try fields.ranges("traffic")
    variantHash = Murmur3(prefix: try fields.string("salt"))
    targeting = try fields.optionalCondition("targeting")

    let variants = try PublishedVariants(fields, "variants", mayCarryPayload: true)
    self.variants = variants.keys
    payloads = variants.payloads
    owners = variants.owners
    control = try variants.index(of: try fields.string("control"), fields)
    let forced = try Self.forcedUnits(fields, variants)
    forcedUnits = TextTable(forced.map { Array($0.key.string.utf8) })
    forcedVariants = forced.map(\.value)
    winner = try fields.optionalString("winner").map { name throws(SnapshotError) in
      try variants.index(of: name, fields)
    }
    try Self.checkSplitURL(fields, variants)
  }

  /// `{path,urls}` of a split-URL test: an edge follows it, and no answer depends on it.
  private static func checkSplitURL(
    _ fields: FieldReader, _ variants: PublishedVariants
  ) throws(SnapshotError) {
    guard fields.has("splitUrl") else { return }
    let split = try FieldReader(
      try fields.node("splitUrl"), subject: "the split of \(fields.subject)",
      known: ["path", "urls"])
    _ = try split.string("path")
    for entry in try split.entries("urls") {
      _ = try variants.index(of: entry.key, fields)
      guard entry.value.string != nil else { throw split.failure("has an address that is no text") }
    }
  }

  private static func checkHash(_ fields: FieldReader) throws(SnapshotError) {
    guard let version = try fields.node("hash").integer else {
      throw fields.failure("has no integer as \"hash\"")
    }
    guard version == hashVersion else {
      throw SnapshotError(
        .unknownFormat,
        "\(fields.subject) uses hash version \(version), this evaluator knows \(hashVersion); "
          + "use a newer evaluator")
    }
  }

  private static func forcedUnits(
    _ fields: FieldReader, _ variants: PublishedVariants
  ) throws(SnapshotError) -> [Text: Int] {
    var forced: [Text: Int] = [:]
    for entry in try fields.entries("force") {
      let index = try variants.index(of: entry.key, fields)
      guard let units = entry.value.sequence else {
        throw fields.failure("forces something other than a list of units")
      }
      for unit in units {
        guard let text = unit.string, forced.updateValue(index, forKey: Text(text)) == nil else {
          throw fields.failure("forces a unit twice, or one that is no text")
        }
      }
    }
    return forced
  }
}

extension PublishedExperiment {
  /// Whether a unit could be forced at all: spares the search for most experiments.
  var forcesUnits: Bool { isLive && !forcedUnits.isEmpty }

  /// The variant that the context's unit is forced to while the experiment runs.
  func forcedVariant(for context: ContextView) -> Int? {
    guard forcesUnits, let unit = context.unit(by: unitName) else { return nil }
    return forcedUnits.place(of: unit).map { forcedVariants[$0] }
  }

  /// The variant, a place among `variants`; nil where the experiment misses and its rule falls
  /// through. A winner needs neither a unit nor traffic, and is served after the experiment has
  /// ended too.
  func variant(for context: ContextView) -> Int? {
    if let winner {
      return targeting?.isMet(by: context) ?? true ? winner : nil
    }
    guard isLive, let unit = context.unit(by: unitName),
      traffic.contains(trafficBucket(of: unit)), targeting?.isMet(by: context) ?? true
    else { return nil }
    return owners.owner(of: variantBucket(of: unit))
  }

  func trafficBucket(of unit: UnsafeBufferPointer<UInt8>) -> Int { trafficHash.bucket(of: unit) }

  func variantBucket(of unit: UnsafeBufferPointer<UInt8>) -> Int { variantHash.bucket(of: unit) }
}

/// `[{key,ranges,payload?}]`: the variants of an experiment or of a split.
struct PublishedVariants {
  let keys: [String]
  let owners: BucketOwners
  /// One a variant, or none at all.
  let payloads: [JSONValue]

  init(
    _ fields: FieldReader, _ name: String, mayCarryPayload: Bool
  ) throws(SnapshotError) {
    let known = mayCarryPayload ? ["key", "ranges", "payload"] : ["key", "ranges"]
    var keys: [String] = []
    var ranges: [BucketRanges] = []
    var payloads: [JSONValue] = []
    for node in try fields.sequence(name) {
      let variant = try FieldReader(
        node, subject: "a variant of \(fields.subject)", known: known)
      keys.append(try variant.string("key"))
      ranges.append(try variant.ranges("ranges"))
      if let payload = variant.mapping["payload"] { payloads.append(JSONValue(payload)) }
    }
    guard !keys.isEmpty, Set(keys.map { Text($0) }).count == keys.count else {
      throw fields.failure("has no variants, or one of them twice")
    }
    guard payloads.isEmpty || payloads.count == keys.count else {
      throw fields.failure("has a payload on some variants only")
    }
    guard let owners = BucketOwners(ranges) else {
      throw fields.failure("gives a bucket to two variants")
    }
    (self.keys, self.owners, self.payloads) = (keys, owners, payloads)
  }

  func index(of key: String, _ fields: FieldReader) throws(SnapshotError) -> Int {
    guard let index = keys.firstIndex(where: { $0.hasSameBytes(as: key) }) else {
      throw fields.failure("names \"\(key)\", which is none of its variants")
    }
    return index
  }
}
