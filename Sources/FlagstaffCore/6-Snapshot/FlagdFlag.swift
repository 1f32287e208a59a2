// One published flag as flagd's, or why there is none. Rules become one `if`, in their order; what
// can never answer (a rollout of 0 %, an experiment that is not live, whatever follows a rule that
// always answers) is left away. A disabled or killed flag stays enabled for flagd, with `off` as
// its default and no targeting: flagd's own DISABLED would serve the caller's default instead.

internal import Documents
internal import FlagstaffEvaluation

/// Whether what is decided by a user's hash is written for flagd.
package enum FlagdSplits: Hashable, Sendable, CaseIterable {
  /// Flags that hash users are left out.
  case omitted
  /// flagd divides users by its own hash: the same shares, other users.
  case native
}

/// Translates one flag; what cannot be said is noted in `conditions`.
struct FlagdFlag {
  private let form: Node
  private let key: String
  private let experiments: [Text: Node]
  private let splits: FlagdSplits
  private var conditions = FlagdConditions()

  /// - Parameters:
  ///   - form: a published flag.
  ///   - experiments: the published experiments by key.
  init(_ form: Node, experiments: [Text: Node], splits: FlagdSplits) {
    (self.form, self.experiments, self.splits) = (form, experiments, splits)
    key = form["key"]?.string ?? ""
  }

  /// The flag as flagd's; or every gap, one at least.
  func translated() -> Result<Node, FlagdGaps> {
    var copy = self
    let node = copy.translate()
    let gaps = copy.conditions.gaps
    return gaps.isEmpty ? .success(node) : .failure(FlagdGaps(gaps: gaps))
  }

  private mutating func translate() -> Node {
    let variants = form["variants"] ?? .fields([:])
    noteType(of: variants)
    let isOff = form["enabled"]?.boolean == false || form["killed"]?.boolean == true
    let rules = isOff ? [] : logicOfRules()
    return .fields([
      "state": .string("ENABLED"), "variants": variants,
      "defaultVariant": form[isOff ? "off" : "default"],
      "targeting": rules.isEmpty ? nil : .mapping([("if", .sequence(rules))]),
    ])
  }

  private mutating func noteType(of variants: Node) {
    let types = Set(
      (variants.mapping?.entries ?? []).map {
        $0.value.double == nil ? $0.value.typeName : "number"
      })
    if types.contains("array") || types.contains("null") {
      note("value-type", "flagd has no values that are lists or null")
    } else if types.count > 1 {
      note("value-type", "its variants' payloads are of several types, and flagd's share one")
    }
  }

  private mutating func note(_ code: String, _ reason: String) {
    conditions.note(FlagdGap(code, reason))
  }
}

/// Everything that keeps a flag from flagd.
struct FlagdGaps: Error {
  let gaps: [FlagdGap]
}

// MARK: Rules

/// What a rule says: its condition, nil where it always answers, and the variant it answers.
private typealias FlagdAnswer = (condition: Node?, variant: Node)

extension FlagdFlag {
  /// The arguments of `if`: a condition and a variant for each rule, up to one that always answers.
  /// Where none answers, flagd serves the default.
  private mutating func logicOfRules() -> [Node] {
    let rules = form["rules"]?.sequence ?? []
    var logic: [Node] = []
    for rule in rules {
      for forced in forced(by: rule) { logic += forced }
    }
    for rule in rules {
      guard let answer = answer(of: rule) else { continue }
      logic += [answer.condition ?? .boolean(true), answer.variant]
      if answer.condition == nil { break }
    }
    return logic
  }

  private func experiment(of rule: Node) -> Node? {
    rule["experiment"]?.string.flatMap { experiments[Text($0)] }
  }

  private mutating func forced(by rule: Node) -> [[Node]] {
    guard let experiment = experiment(of: rule), experiment["live"]?.boolean == true else {
      return []
    }
    let forced = (experiment["force"]?.mapping?.entries ?? []).filter {
      $0.value.sequence?.isEmpty == false
    }
    .sorted { $0.key.precedesInBytes($1.key) }
    guard !forced.isEmpty else { return [] }
    let unit = conditions.attribute(experiment["bucketBy"]?.string ?? "")
    return forced.map { entry in
      let units = (entry.value.sequence ?? []).compactMap(\.string)
      return [FlagdLogic.isUnit(unit, among: units), .string(entry.key)]
    }
  }

  /// nil where the rule can never answer.
  private mutating func answer(of rule: Node) -> FlagdAnswer? {
    if rule["experiment"] != nil {
      return experiment(of: rule).flatMap { answer(ofExperiment: $0) }
    }
    if let share = rule["share"]?.integer {
      return answer(ofRollout: rule, share: share)
    }
    let when = rule["when"].map { conditions.logic($0) }
    if let served = rule["serve"] { return (when, served) }
    let unit = unit(form["bucketBy"])
    let pieces = FlagdPieces(rule["split"]?.sequence ?? [])
    let variant = chosen(
      pieces, by: rule["id"], of: unit, subject: "the split \"\(rule["key"]?.string ?? "")\"")
    return (joined([when, FlagdLogic.isUnit(unit)]), variant)
  }

  private mutating func answer(ofRollout rule: Node, share: Int) -> FlagdAnswer? {
    guard share > 0, let served = rule["serve"] else { return nil }
    let when = rule["when"].map { conditions.logic($0) }
    let unit = unit(form["bucketBy"])
    let isIn = isIn(
      BucketRanges([0..<share]), by: rule["id"], of: unit,
      subject: "the rollout \"\(rule["key"]?.string ?? "")\"")
    return (joined([when, FlagdLogic.isUnit(unit), isIn]), served)
  }

  private mutating func answer(ofExperiment form: Node) -> FlagdAnswer? {
    let winner = form["winner"]
    let traffic = form["traffic"].flatMap { BucketRanges($0) }
    guard winner != nil || (form["live"]?.boolean == true && traffic?.isEmpty == false) else {
      return nil
    }
    let targeting = form["targeting"].map { conditions.logic($0) }
    if let winner { return (targeting, winner) }
    let subject = "the experiment \"\(form["key"]?.string ?? "")\""
    let unit = unit(form["bucketBy"])
    let isIn = isIn(traffic, by: form["trafficSalt"], of: unit, subject: subject)
    let pieces = FlagdPieces(form["variants"]?.sequence ?? [])
    let variant = chosen(pieces, by: form["salt"], of: unit, subject: subject)
    return (joined([FlagdLogic.isUnit(unit), targeting, isIn]), variant)
  }

  private mutating func unit(_ name: Node?) -> Node {
    conditions.attribute(name?.string ?? "")
  }

  private func joined(_ conditions: [Node?]) -> Node {
    FlagdLogic.all(conditions.compactMap(\.self))
  }
}

// MARK: Shares

extension FlagdFlag {
  /// Whether a unit's bucket is one of some; nil where it always is.
  private mutating func isIn(
    _ ranges: BucketRanges?, by salt: Node?, of unit: Node, subject: String
  ) -> Node? {
    guard let ranges else {
      note("condition", "\(subject) is malformed")
      return nil
    }
    if ranges == .all { return nil }
    let pieces = FlagdPieces(inside: ranges)
    return FlagdLogic.isSame(
      chosen(pieces, by: salt, of: unit, subject: subject), .string(FlagdPieces.inside))
  }

  /// The name whose piece a unit's bucket lies in.
  private mutating func chosen(
    _ pieces: FlagdPieces?, by salt: Node?, of unit: Node, subject: String
  ) -> Node {
    guard let pieces, let salt else {
      note("condition", "\(subject) leaves buckets to no variant")
      return .null
    }
    if let only = pieces.only { return .string(only) }
    if splits == .omitted {
      note(
        "hash",
        "\(subject) divides users, and flagd would divide them by a hash of its own")
    }
    let key = FlagdLogic.call("cat", salt, unit)
    return .mapping([("fractional", .sequence([key] + pieces.weights))])
  }
}

/// All 10,000 buckets as `fractional` wants them: names with numbers of buckets, from the lowest
/// bucket on. A name comes again wherever its next range begins, so a unit that moves in our layout
/// moves in flagd's by the same share, and nobody else does.
struct FlagdPieces {
  static let inside = "in"
  private static let outside = "out"

  private let pieces: [(name: String, count: Int)]

  /// Of `[{key,ranges}]`; nil where a bucket has no owner, or several.
  init?(_ variants: [Node]) {
    var owned: [(name: String, range: Range<Int>)] = []
    for variant in variants {
      guard let key = variant["key"]?.string,
        let ranges = variant["ranges"].flatMap({ BucketRanges($0) })
      else { return nil }
      owned += ranges.ranges.map { (key, $0) }
    }
    owned.sort { $0.range.lowerBound < $1.range.lowerBound }
    var end = 0
    for piece in owned {
      guard piece.range.lowerBound == end else { return nil }
      end = piece.range.upperBound
    }
    guard end == BucketRanges.bucketCount else { return nil }
    pieces = owned.map { ($0.name, $0.range.count) }
  }

  /// Of the buckets inside some ranges, and those outside.
  init(inside ranges: BucketRanges) {
    var pieces: [(name: String, count: Int)] = []
    var end = 0
    for range in ranges.ranges {
      if range.lowerBound > end { pieces.append((Self.outside, range.lowerBound - end)) }
      pieces.append((Self.inside, range.count))
      end = range.upperBound
    }
    if end < BucketRanges.bucketCount {
      pieces.append((Self.outside, BucketRanges.bucketCount - end))
    }
    self.pieces = pieces
  }

  /// The name that has every bucket; nil where several have some.
  var only: String? {
    pieces.allSatisfy { $0.name.hasSameBytes(as: pieces[0].name) } ? pieces.first?.name : nil
  }

  var weights: [Node] {
    pieces.map { .sequence([.string($0.name), .integer($0.count)]) }
  }
}
