// Two implementations that share no code, no language and no author's slip, over snapshots made at
// random. Ours writes its answers down in the form of the vectors, the second checks them: what
// either has misread of the design is a disagreement here.

import Documents
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
    defer { folder.remove() }
    let file = folder.url.appending(path: "answers.ndjson")
    try VectorText.write(to: file, lines: Self.snapshotCount) {
      let sample = random.sample()
      let snapshot = try sample.snapshot()
      var contexts: [String] = []
      for _ in 0..<Self.contextsEach {
        let text = random.context()
        let context = try EvaluationContext(json: Array(text.utf8))
        let answers = (snapshot.flagKeys + ["missing"]).map { key in
          let answer = snapshot.evaluate(flag: key, context: context)
          reasons[
            answer.reason.rawValue + (answer.rule?.isForced == true ? "!" : ""), default: 0] += 1
          return "\"\(key)\":\(answer.vectorText)"
        }
        contexts.append(
          #"{"context":\#(text),"answers":{\#(answers.joined(separator: ","))}}"#)
      }
      return VectorText.snapshot(sample, contexts)
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
    defer { folder.remove() }
    let file = folder.url.appending(path: "damaged.ndjson")
    try VectorText.write(to: file, lines: TestRuns.isFull ? 10_000 : 1_000) {
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
        + VectorText.quoted(damaged) + outcome + "}]}"
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
    defer { folder.remove() }
    let file = folder.url.appending(path: "comparisons.ndjson")
    try VectorText.write(to: file, lines: TestRuns.isFull ? 20_000 : 2_000) {
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
    defer { folder.remove() }
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
    defer { folder.remove() }
    let file = folder.url.appending(path: "wrong.ndjson")
    try VectorText.write(to: file, lines: 1) {
      VectorText.snapshot(
        sample, [#"{"context":{},"answers":{"missing":{"reason":"STATIC"}}}"#])
    }
    #expect(try SecondImplementation.check([file]).disagreements == 1)
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
