// What Flagstaff prints for forges, read by others: Python's jsonschema and XML reader, and a
// renderer of CommonMark. They share no code with us, and know nothing of flags.

import Documents
import Foundation
import JSONSchema
import Testing

enum ReviewCheck {
  static let repository = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let schemas = repository.appending(path: "schemas/v1").path

  /// The schema of SARIF; nil where the public test suites are not here.
  static var sarifSchema: String? {
    ProcessInfo.processInfo.environment["FLAGSTAFF_CONFORMANCE"].map {
      $0 + "/sarif/sarif-schema-2.1.0.json"
    }
  }

  /// Runs `check.py` over texts, and returns what it says, in their order.
  static func run(_ mode: String, _ arguments: [String] = [], texts: [String] = []) throws
    -> [Node]
  {
    let python = repository.appending(path: ".build/python/bin/python").path
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw ProgramFailure(
        description: "there is no \(python), which this test needs. Run: "
          + ".ci/install-packages --tests")
    }
    let folder = try Folder()
    let files = try texts.enumerated().map { number, text in
      let file = "\(folder.path)/\(number)"
      try Data(text.utf8).write(to: URL(filePath: file))
      return file
    }
    let script = repository.appending(path: "Tests/ReviewFormats/check.py").path
    let output = try Programs.command(
      python, [script, mode] + arguments + files,
      variables: ["PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"])
    return try output.split(separator: "\n").map { try JSONReader.read(Array($0.utf8)) }
  }

  /// Expects that both engines find a document valid against a schema of ours.
  static func expectValid(
    _ text: String, against schema: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let document = try JSONReader.read(Array(text.utf8))
    let found = try Self.schema(schema).violations(of: document)
    #expect(
      found.isEmpty, "\(found.prefix(3)) in \(text.prefix(2_000))", sourceLocation: sourceLocation)
    try expectNoErrors("schema", [schemas, schema], texts: [text], sourceLocation: sourceLocation)
  }

  /// Expects that `check.py` finds nothing wrong.
  static func expectNoErrors(
    _ mode: String, _ arguments: [String] = [], texts: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let results = try run(mode, arguments, texts: texts)
    #expect(!results.isEmpty, sourceLocation: sourceLocation)
    for result in results {
      let errors = result["errors"]?.sequence ?? []
      #expect(errors.isEmpty, "\(CanonicalJSON.string(result))", sourceLocation: sourceLocation)
    }
  }

  /// A schema of ours, with all that it may refer to.
  static func schema(_ name: String) throws -> JSONSchema {
    let names = try FileManager.default.contentsOfDirectory(atPath: schemas)
    var resources: [String: Node] = [:]
    for name in names where name.hasSuffix(".schema.json") {
      let data = try #require(FileManager.default.contents(atPath: "\(schemas)/\(name)"))
      let node = try JSONReader.read(Array(data))
      resources[try #require(node["$id"]?.string)] = node
    }
    return try JSONSchema("https://flagstaff.dev/schemas/v1/\(name)", among: resources)
  }
}
