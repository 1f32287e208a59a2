// The vectors that authors of SDKs are given, in schemas/conformance: ours is the first
// implementation that must pass them, the Python beside these tests the second. A file that is
// not read here is no vector.

import Documents
import FlagstaffEvaluation
import Foundation
import Testing

struct ConformanceVectorTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "schemas/conformance")

  private static func document(_ name: String) throws -> Node {
    let file = folder.appending(path: name)
    return try JSONReader.read(Array(Data(contentsOf: file)), depthMax: 1_000)
  }

  private static func list(_ node: Node, _ name: String) throws -> [Node] {
    let list = try #require(node[name]?.sequence, "there is no list \(name)")
    #expect(!list.isEmpty)
    return list
  }

  @Test("every file of vectors is read by a test, and says its form and format")
  func files() throws {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: Self.folder.path)
    let forms = try paths.filter { $0.hasSuffix(".json") }.map { path in
      let root = try Self.document(path)
      #expect(root["format"]?.integer == 1)
      #expect(path.hasPrefix("snapshots/") == (root["form"]?.string == "snapshot"))
      return try #require(root["form"]?.string)
    }
    #expect(Set(forms) == ["hash", "identifiers", "ranges", "conditions", "snapshot", "reading"])
    #expect(forms.count { $0 == "snapshot" } == Self.snapshots.count)
  }

  @Test("hashes and buckets")
  func hashes() throws {
    for vector in try Self.list(try Self.document("hash.json"), "vectors") {
      let prefix = try #require(vector["prefix"]?.string)
      let unit = try #require(vector["unit"]?.string ?? vector["unit"]?.integer.map(String.init))
      var hash = Murmur3(prefix: prefix)
      hash.append(unit)
      #expect(vector["hash"]?.integer == Int(hash.value), "\(prefix) \(unit)")
      #expect(vector["bucket"]?.integer == Murmur3(prefix: prefix).bucket(of: unit))
    }
  }

  @Test("conditions are met and not met")
  func conditions() throws {
    for vector in try Self.list(try Self.document("conditions.json"), "conditions") {
      let node = try #require(vector["condition"])
      let condition = try Condition(node)
      for question in try Self.list(vector, "contexts") {
        let context = try Self.context(question)
        #expect(
          question["met"]?.boolean == condition.isMet(by: context),
          "\(CanonicalJSON.string(node)) for \(CanonicalJSON.string(question))")
      }
    }
  }

  private static let snapshots = [
    "attributes", "depth", "empty", "experiments", "flagless", "group", "order", "parts",
    "rollouts", "units", "values",
  ]

  @Test("whole snapshots answer", arguments: snapshots)
  func snapshot(name: String) throws {
    let document = try Self.document("snapshots/\(name).json")
    let snapshot = try Self.snapshot(document)
    for question in try Self.list(document, "contexts") {
      let context = try Self.context(question)
      let answers = try #require(question["answers"]?.mapping)
      for key in snapshot.flagKeys { #expect(answers[key] != nil, "\(key) is not asked") }
      for answer in answers.entries {
        let found = try snapshot.evaluate(flag: answer.key, context: context).vector
        #expect(found == answer.value, "\(answer.key) for \(CanonicalJSON.string(question))")
      }
    }
  }

  @Test("what must be refused is refused as a whole, and what is newer as newer")
  func refused() throws {
    let document = try Self.document("refused.json")
    for vector in try Self.list(document, "snapshots") {
      let error = #expect(throws: SnapshotError.self, "\(vector["why"]?.string ?? "")") {
        try Self.snapshot(vector)
      }
      #expect(
        vector["refused"]?.string == (error?.code == .unknownFormat ? "newer" : "malformed"),
        "\(vector["why"]?.string ?? "")")
    }
    for vector in try Self.list(document, "contexts") {
      #expect(throws: ContextError.self) { try Self.context(vector) }
    }
    for vector in try Self.list(document, "conditions") {
      let condition = try #require(vector["condition"])
      #expect(throws: ConditionError.self, "\(CanonicalJSON.string(condition))") {
        try Condition(condition)
      }
    }
  }

  /// The snapshot of a vector: an object stands for its JSON, a text for its bytes.
  private static func snapshot(_ vector: Node) throws -> Snapshot {
    struct NoSuchPart: Error {}
    var bytes: [UInt8] = []
    if let base64 = vector["base64"]?.string {
      bytes = Array(try #require(Data(base64Encoded: base64)))
    } else {
      let index = try #require(vector["index"])
      bytes = index.string.map { Array($0.utf8) } ?? CanonicalJSON.bytes(index)
    }
    return try Snapshot(index: bytes) { digest throws in
      guard let part = vector["parts"]?[digest]?.string else { throw NoSuchPart() }
      return Array(part.utf8)
    }
  }

  private static func context(_ vector: Node) throws -> EvaluationContext {
    if let text = vector["text"]?.string { return try EvaluationContext(json: Array(text.utf8)) }
    return try EvaluationContext(json: CanonicalJSON.bytes(try #require(vector["context"])))
  }
}

extension Evaluation {
  /// The answer as vectors have it.
  var vector: Node {
    get throws {
      .fields([
        "value": try value.map { try JSONReader.read($0.json) },
        "variant": variant.map(Node.string), "reason": .string(reason.rawValue),
        "errorCode": errorCode.map { .string($0.rawValue) },
        "rule": rule.map { rule in
          .fields([
            "index": .integer(rule.index), "forced": .boolean(rule.isForced),
            "key": rule.key.map(Node.string), "experiment": rule.experiment.map(Node.string),
          ])
        },
      ])
    }
  }
}
