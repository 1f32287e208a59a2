// OpenFeature's own provider for flagd, in Python, over a document of ours: what an application that
// uses flagd would get. It shares no code with our evaluator, and knows nothing of what it says.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Foundation

/// What flagd's provider answers for one flag and one context.
struct FlagdAnswer: Sendable {
  let flag: String
  /// The place of the context among those given.
  let context: Int
  /// nil where the provider fails, which a flag of ours never lets it do.
  let variant: String?
  let value: Node?
  /// The whole line, for messages.
  let line: String
}

enum FlagdProvider {
  private static let repository = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func run(_ arguments: [String]) throws -> [String] {
    let python = repository.appending(path: ".build/python/bin/python").path
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw ProgramFailure(
        description: "there is no \(python), which this test needs. Run: "
          + ".ci/install-packages --tests")
    }
    let script = repository.appending(path: "Tests/FlagdProvider/answers.py").path
    let output = try Programs.command(
      python, [script] + arguments,
      variables: ["PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"])
    return output.split(separator: "\n").map(String.init)
  }

  /// Every flag of a document for every context, each of which is a JSON object.
  static func answers(_ document: [UInt8], contexts: [String]) throws -> [FlagdAnswer] {
    let folder = try Folder()
    let (file, lines) = (folder.path + "/flagd.json", folder.path + "/contexts.ndjson")
    try Data(document).write(to: URL(filePath: file))
    try Data(contexts.joined(separator: "\n").utf8).write(to: URL(filePath: lines))
    return try run([file, lines]).map { line in
      let answer = try JSONReader.read(Array(line.utf8))
      return FlagdAnswer(
        flag: answer["flag"]?.string ?? "", context: answer["context"]?.integer ?? -1,
        variant: answer["variant"]?.string, value: answer["value"], line: line)
    }
  }

  /// What flagd's own schemas find wrong in documents, file by file.
  static func violations(_ files: [String], schemas: String) throws -> [String: [String]] {
    let found = try run(["--validate", schemas] + files).map { line in
      let result = try JSONReader.read(Array(line.utf8))
      return (
        result["file"]?.string ?? "", result["errors"]?.sequence?.compactMap(\.string) ?? []
      )
    }
    return Dictionary(found, uniquingKeysWith: +)
  }

  /// The folder of flagd's schemas; nil where the public test suites are not here.
  static var schemas: String? {
    ProcessInfo.processInfo.environment["FLAGSTAFF_CONFORMANCE"].map { $0 + "/flagd/json" }
  }
}

/// Published forms of definitions, as flagd's document and as a snapshot of ours.
struct FlagdComparison {
  let document: FlagdDocument
  let snapshot: Snapshot

  init(_ definitions: [Node], splits: FlagdSplits = .omitted) throws {
    document = FlagdDocument(definitions, splits: splits)
    let part = Node.fields(["format": .integer(1), "definitions": .sequence(definitions)])
    snapshot = try Snapshot(index: CanonicalJSON.bytes(part)) { _ in [] }
  }

  /// Asks both about every flag of the document, and returns how many answers were compared with
  /// the first that differ.
  func differences(_ contexts: [String]) throws -> (compared: Int, differences: [String]) {
    let ours = try contexts.map { try EvaluationContext(json: Array($0.utf8)) }
    var differences: [String] = []
    let answers = try FlagdProvider.answers(document.object.bytes, contexts: contexts)
    for answer in answers {
      let expected = snapshot.evaluate(flag: answer.flag, context: ours[answer.context])
      let value = answer.value.map { CanonicalJSON.string($0) }
      guard answer.variant != expected.variant || value != expected.value?.json else { continue }
      if differences.count < 10 {
        differences.append(
          "\(answer.flag) for \(contexts[answer.context]): flagd says \(answer.line), we say"
            + " \(expected.variant ?? "nothing")")
      }
    }
    return (answers.count, differences)
  }
}
