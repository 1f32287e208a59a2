// `flagstaff evaluate` beyond a single answer: explanations, all flags, and files of contexts with
// lines that are none. Also that a published snapshot is taken whole or not at all.

import Documents
import FlagstaffEvaluation
import Foundation
import Testing

@Suite("Evaluating")
struct EvaluateTests {
  private static let scope = ["--environment", "production", "--customer", "acme"]

  private static func installation() async throws -> Installation {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    return installation
  }

  private static func run(_ installation: Installation, _ words: String...) throws -> Ended {
    try installation.start(["evaluate"] + words + scope).wait()
  }

  @Test("A file of contexts is answered line by line, in order, and bad lines are told in place")
  func contexts() async throws {
    let installation = try await Self.installation()
    let lines = [
      #"{"targetingKey":"a"}"#, "", "not json", #"{"targetingKey":"b"}"#, "[]", "   \r",
      #"{"n":1e999}"#, "{\"a\":\"" + String(repeating: "x", count: 1_100_000) + "\"}", "{}",
    ]
    let file = installation.folder.path + "/contexts.ndjson"
    // The last line has no end.
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: file))
    let ended = try Self.run(
      installation, "--contexts", file, "--format", "json", "--flag", "checkout")
    #expect(ended.code == 1, "\(ended)")
    let answers = try ended.output.split(separator: "\n").map { try JSONReader.read(String($0)) }
    #expect(answers.map { $0["line"]?.integer } == [1, 3, 4, 5, 7, 8, 9])
    #expect(
      answers.map { $0["error"]?["code"]?.string } == [
        nil, "context-not-json", nil, "context-not-an-object", "context-not-json",
        "context-too-long", nil,
      ])
    #expect(answers.allSatisfy { ($0["variant"] == nil) == ($0["error"] != nil) })
    #expect(answers[6]["reason"]?.string == "DEFAULT")

    let text = try Self.run(installation, "--contexts", file, "--flag", "checkout")
    #expect(text.code == 1)
    #expect(text.output.split(separator: "\n").count == 7)
    #expect(text.output.contains("3: error: the context is not JSON"), "\(text)")
    #expect(text.output.contains("9: checkout = \"old\" (variant old)  DEFAULT"), "\(text)")
    try await installation.discard()
  }

  @Test("Without a flag all flags are answered, from standard input too, as each is alone")
  func everything() async throws {
    let installation = try await Self.installation()
    let file = installation.folder.path + "/contexts.ndjson"
    let contexts = (0..<50).map { #"{"targetingKey":"unit-\#($0)"}"# }
    try Data((contexts.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: file))
    let words = ["evaluate", "--contexts", "-", "--format", "json"] + Self.scope
    let piped = try Running(
      "sh",
      ["-c", "\"$0\" \"$@\" <'\(file)'", Programs.flagstaff] + words,
      variables: Programs.variables.merging(installation.variables) { $1 },
      in: installation.folder.path
    ).wait()
    #expect(piped.code == 0, "\(piped)")
    let lines = try piped.output.split(separator: "\n").map { try JSONReader.read(String($0)) }
    #expect(lines.map { $0["line"]?.integer } == (1...50).map { $0 })
    for (line, context) in zip(lines, contexts).prefix(5) {
      let answers = try #require(line["answers"]?.sequence)
      #expect(answers.compactMap { $0["flag"]?.string } == ["banner", "checkout"])
      let single = try Self.run(
        installation, "--flag", "checkout", "--context", context, "--format", "json")
      let node = try JSONReader.read(single.output.trimmingCharacters(in: .newlines))
      #expect(node["variant"] == answers[1]["variant"] && node["reason"] == answers[1]["reason"])
    }
    let all = try Self.run(installation, "--context", "{}")
    #expect(all.output.contains("banner = false (variant false)  STATIC"), "\(all)")
    try await installation.discard()
  }

  @Test("An unknown flag is an error at the end of a file, too")
  func unknownFlag() async throws {
    let installation = try await Self.installation()
    let file = installation.folder.path + "/contexts.ndjson"
    try Data("{}\n{}\n".utf8).write(to: URL(fileURLWithPath: file))
    let ended = try Self.run(installation, "--contexts", file, "--flag", "nope")
    #expect(ended.code == 1)
    #expect(ended.output == "1: nope: FLAG_NOT_FOUND  ERROR\n2: nope: FLAG_NOT_FOUND  ERROR\n")
    try await installation.discard()
  }

  @Test("An explanation tells in words what each rule came to")
  func explanation() async throws {
    let installation = try await Self.installation()
    let outside = try Self.run(
      installation, "--flag", "checkout", "--explain", "--context",
      #"{"targetingKey":"u","email":"ann@acme.example"}"#)
    for words in [
      "checkout = \"old\" (variant old)", "reason: DEFAULT", "rule 1, experiment checkout-v2: ",
      "targeting: not met",
      #"email is "ann@acme.example", which meets endsWith "@acme.example""#,
      #"unit: targetingKey "u""#, "traffic: bucket ", "no rule answers: the default is served",
    ] {
      #expect(outside.output.contains(words), "\(words): \(outside)")
    }
    let nobody = try Self.run(installation, "--flag", "checkout", "--explain")
    #expect(nobody.output.contains("there is no unit to bucket by"), "\(nobody)")
    #expect(nobody.output.contains("email is absent"), "\(nobody)")
    let still = try Self.run(installation, "--flag", "banner", "--explain")
    #expect(still.output.contains("it has no rules"), "\(still)")
    try await installation.discard()
  }

  @Test("A published snapshot that is cut at any byte is refused")
  func cut() async throws {
    let installation = try await Self.installation()
    let objects = try installation.originTree().keys.filter {
      $0.hasPrefix("v1/production/acme/objects/") && $0.hasSuffix(".json")
    }
    #expect(!objects.isEmpty)
    for object in objects {
      let data = try #require(
        FileManager.default.contents(atPath: installation.origin + "/" + object))
      let bytes = [UInt8](data)
      _ = try Snapshot(index: bytes) { _ in [] }
      for count in bytes.indices {
        let error = #expect(throws: SnapshotError.self) {
          try Snapshot(index: Array(bytes[..<count])) { _ in [] }
        }
        #expect(error?.code == .malformed)
      }
    }
    try await installation.discard()
  }
}
