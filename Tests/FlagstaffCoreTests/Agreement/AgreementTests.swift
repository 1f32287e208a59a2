// Two implementations that share no code, no language and no author's slip, over snapshots made at
// random. Ours writes its answers down in the form of the vectors, the second checks them: what
// either has misread of the design is a disagreement here.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Foundation
import Testing

@Suite("Two implementations")
struct AgreementTests {
  private static let contextsEach = 40
  /// 100,000 pairs of a snapshot and a context, or a tenth of them in the ordinary suite.
  private static let snapshotCount = TestRuns.isFull ? 2_500 : 250

  @Test("both implementations give the same answers to random snapshots and contexts")
  func answers() throws {
    var random = RandomSnapshots(seed: 20_261_123)
    var reasons: [String: Int] = [:]
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "answers.ndjson")
    try Self.write(to: file, lines: Self.snapshotCount) {
      let sample = random.sample()
      let snapshot = try Self.snapshot(sample)
      var contexts: [String] = []
      for _ in 0..<Self.contextsEach {
        let text = random.context()
        let context = try EvaluationContext(json: Array(text.utf8))
        let answers = (snapshot.flagKeys + ["missing"]).map { key in
          let answer = snapshot.evaluate(flag: key, context: context)
          reasons[
            answer.reason.rawValue + (answer.rule?.isForced == true ? "!" : ""), default: 0] += 1
          return "\"\(key)\":\(answer.text)"
        }
        contexts.append(
          #"{"context":\#(text),"answers":{\#(answers.joined(separator: ","))}}"#)
      }
      return #"{"form":"snapshot","format":1,"digests":false,"index":\#(sample.index),"parts":{"#
        + sample.parts.map { #""\#($0.digest)":\#(Self.quoted($0.text))"# }.joined(separator: ",")
        + #"},"contexts":[\#(contexts.joined(separator: ","))]}"#
    }
    let verdict = try SecondImplementation.check([file])
    #expect(verdict.disagreements == 0, "\(verdict.text)")
    #expect(verdict.checked["pairs"] == Self.snapshotCount * Self.contextsEach)
    // What never happens was never compared.
    for reason in ["STATIC", "DEFAULT", "TARGETING_MATCH", "TARGETING_MATCH!", "SPLIT", "DISABLED"]
    {
      #expect((reasons[reason] ?? 0) * 200 > Self.snapshotCount * Self.contextsEach, "\(reasons)")
    }
  }

  @Test("both implementations read, or refuse, the same damaged snapshots")
  func damaged() throws {
    var random = RandomSnapshots(seed: 7)
    var outcomes: [String: Int] = [:]
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "damaged.ndjson")
    try Self.write(to: file, lines: TestRuns.isFull ? 10_000 : 1_000) {
      let damaged = try random.damaged()
      var refused = ""
      do throws(SnapshotError) {
        _ = try Snapshot(index: Array(damaged.utf8)) { _ in [] }
        outcomes["read", default: 0] += 1
      } catch {
        refused = error.code == .unknownFormat ? "newer" : "malformed"
        outcomes[refused, default: 0] += 1
      }
      let outcome = refused.isEmpty ? "" : #","refused":"\#(refused)""#
      return #"{"form":"reading","format":1,"snapshots":[{"index":"#
        + Self.quoted(damaged) + outcome + "}]}"
    }
    let verdict = try SecondImplementation.check([file])
    #expect(verdict.disagreements == 0, "\(verdict.text)")
    #expect(outcomes.keys.sorted() == ["malformed", "newer", "read"], "\(outcomes)")
  }

  @Test("both implementations read the same conditions, and find the same values to meet them")
  func comparisons() throws {
    var random = RandomComparisons(seed: 99)
    var counts = (met: 0, missed: 0, refused: 0)
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "comparisons.ndjson")
    try Self.write(to: file, lines: TestRuns.isFull ? 20_000 : 2_000) {
      let (text, values) = random.comparison()
      guard let condition = try? Condition(try JSONReader.read(text)) else {
        counts.refused += 1
        return #"{"form":"reading","format":1,"conditions":[{"condition":"#
          + text + #","refused":"malformed"}]}"#
      }
      let contexts = try values.map { value in
        let context = #"{"x":\#(value)}"#
        let isMet = condition.isMet(by: try EvaluationContext(json: Array(context.utf8)))
        if isMet { counts.met += 1 } else { counts.missed += 1 }
        return #"{"context":\#(context),"met":\#(isMet)}"#
      }
      return #"{"form":"conditions","format":1,"conditions":[{"condition":"#
        + text + #","contexts":[\#(contexts.joined(separator: ","))]}]}"#
    }
    let verdict = try SecondImplementation.check([file])
    #expect(verdict.disagreements == 0, "\(verdict.text)")
    #expect(min(counts.met, counts.missed) > 4_000 && counts.refused > 100, "\(counts)")
  }

  @Test("both implementations lay out the same ranges, change after change")
  func changes() throws {
    var random = SeededGenerator(seed: 11)
    func weights() -> [(key: String, weight: Int)] {
      let most = [3, 100, 9_999].randomElement(using: &random) ?? 3
      let keys = ["a", "a-b", "a.b", "b", "v10", "v2", "z"].shuffled(using: &random)
      return keys.prefix(Int.random(in: 2...6, using: &random))
        .map { ($0, Int.random(in: 1...most, using: &random)) }
    }
    func text(_ weights: [(key: String, weight: Int)]) -> String {
      CanonicalJSON.string(.mapping(weights.map { ($0.key, .integer($0.weight)) }))
    }
    func text(_ ranges: [(key: String, ranges: BucketRanges)]) -> String {
      CanonicalJSON.string(.mapping(ranges.map { ($0.key, $0.ranges.node) }))
    }
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "changes.ndjson")
    try Self.write(to: file, lines: TestRuns.isFull ? 500 : 25) {
      let first = weights()
      let layout = CanonicalLayout(weights: first)
      var ranges = try layout.segments.map {
        (
          key: $0.key,
          ranges: $0.from == $0.to ? .none : try #require(BucketRanges([$0.from..<$0.to]))
        )
      }
      var changes: [String] = []
      let layouts = #"[{"weights":\#(text(first)),"ranges":\#(text(ranges))}]"#
      for _ in 0..<4 {
        let next = weights()
        let change = Reassignment(from: ranges, to: next)
        changes.append(
          #"{"before":\#(text(ranges)),"weights":\#(text(next)),"after":\#(text(change.variants))"#
            + #","moved":\#(change.moved)}"#)
        ranges = change.variants
      }
      return #"{"form":"ranges","format":1,"layouts":\#(layouts),"changes":"#
        + "[\(changes.joined(separator: ","))]}"
    }
    let verdict = try SecondImplementation.check([file])
    #expect(verdict.disagreements == 0, "\(verdict.text)")
    #expect(verdict.checked["changes"] == (TestRuns.isFull ? 2_000 : 100))
  }

  @Test("the second implementation agrees with every vector")
  func vectors() throws {
    let verdict = try SecondImplementation.check(try SecondImplementation.vectorFiles())
    #expect(verdict.disagreements == 0, "\(verdict.text)")
    for what in ["answers", "changes", "conditions", "contexts", "hashes", "layouts"] {
      #expect((verdict.checked[what] ?? 0) > 0, "no \(what) were checked")
    }
  }

  @Test("the files of vectors are what the second implementation writes, to the byte")
  func vectorFiles() throws {
    let folder = try TemporaryFolder()
    try SecondImplementation.writeVectors(into: folder.url)
    for file in try SecondImplementation.vectorFiles() {
      let path = file.path.components(separatedBy: "/schemas/conformance/")[1]
      let written = try? Data(contentsOf: folder.url.appending(path: path))
      #expect(written == (try Data(contentsOf: file)), "\(path) is another")
    }
  }

  @Test("an answer that is wrong is found")
  func wrongAnswer() throws {
    var random = RandomSnapshots(seed: 1)
    let sample = random.sample()
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "wrong.ndjson")
    try Self.write(to: file, lines: 1) {
      #"{"form":"snapshot","format":1,"digests":false,"index":\#(sample.index),"parts":{"#
        + sample.parts.map { #""\#($0.digest)":\#(Self.quoted($0.text))"# }.joined(separator: ",")
        + #"},"contexts":[{"context":{},"answers":{"missing":{"reason":"STATIC"}}}]}"#
    }
    #expect(try SecondImplementation.check([file]).disagreements == 1)
  }

  private static func snapshot(_ sample: RandomSnapshots.Sample) throws -> Snapshot {
    try Snapshot(index: Array(sample.index.utf8)) { digest in
      Array((sample.parts.first { $0.digest == digest }?.text ?? "").utf8)
    }
  }

  private static func quoted(_ text: String) -> String { CanonicalJSON.string(.string(text)) }

  private static func write(to file: URL, lines: Int, _ line: () throws -> String) throws {
    try Data().write(to: file)
    let handle = try FileHandle(forWritingTo: file)
    defer { try? handle.close() }
    for _ in 0..<lines { try handle.write(contentsOf: Data((try line() + "\n").utf8)) }
  }
}

extension Evaluation {
  /// The answer as vectors have it, written in pieces since there are a million of them.
  fileprivate var text: String {
    var text = #"{"reason":"\#(reason.rawValue)""#
    if let value { text += #","value":\#(value.json)"# }
    if let variant { text += #","variant":"\#(variant)""# }
    if let errorCode { text += #","errorCode":"\#(errorCode.rawValue)""# }
    if let rule {
      text += #","rule":{"index":\#(rule.index),"forced":\#(rule.isForced)"#
      if let key = rule.key { text += #","key":"\#(key)""# }
      if let experiment = rule.experiment { text += #","experiment":"\#(experiment)""# }
      text += "}"
    }
    return text + "}"
  }
}

extension RandomSnapshots {
  /// A snapshot changed in one place: of its tree, or of its text.
  mutating func damaged() throws -> String {
    var sample = sample()
    while !sample.parts.isEmpty { sample = self.sample() }
    guard chance(60) else { return damagedText(sample.index) }
    let root = try JSONReader.read(sample.index, depthMax: 1_000)
    return CanonicalJSON.string(damagedTree(root))
  }

  private mutating func damagedText(_ text: String) -> String {
    var bytes = Array(text.utf8)
    let place = bytes.indices.filter { bytes[$0] < 0x80 }[
      number(0...(bytes.count { $0 < 0x80 } - 1))]
    let other = pick(Array(#"{}[]:,"\0123456789-+.eEutnfals "#.utf8) + [1, 10])
    switch number(0...3) {
    case 0: bytes.remove(at: place)
    case 1: bytes.insert(other, at: place)
    case 2: bytes.removeSubrange(place...)
    default: bytes[place] = other
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Goes down at random, and changes what it finds where it stops.
  private mutating func damagedTree(_ node: Node) -> Node {
    let stops = chance(12)
    switch node.value {
    case .mapping(var mapping) where !mapping.isEmpty:
      let place = number(0...(mapping.count - 1))
      guard stops else {
        mapping.entries[place].value = damagedTree(mapping.entries[place].value)
        return Node(.mapping(mapping))
      }
      switch number(0...3) {
      case 0: mapping.entries.remove(at: place)
      case 1: mapping.entries[place].key += "x"
      case 2: mapping.entries.append(.init(key: "new", value: .null))
      default: mapping.entries[place].value = .null
      }
      return Node(.mapping(mapping))
    case .sequence(var nodes) where !nodes.isEmpty:
      let place = number(0...(nodes.count - 1))
      guard stops else {
        nodes[place] = damagedTree(nodes[place])
        return .sequence(nodes)
      }
      switch number(0...2) {
      case 0: nodes.remove(at: place)
      case 1: nodes.append(nodes[place])
      default: nodes.swapAt(0, place)
      }
      return .sequence(nodes)
    default:
      return pick([
        .null, .boolean(true), .integer(0), .integer(-1), .integer(2), .integer(10_001),
        .number(0.5), .string(""), .string("a"), .string("x"), .string("experiment"),
        .sequence([]), .fields([:]), .sequence([.sequence([.integer(0), .integer(1)])]),
      ])
    }
  }
}
