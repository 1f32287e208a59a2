// The second implementation of evaluation, which shares no code with the first: Python, in
// Tests/SecondImplementation, run as a process of its own. It checks documents in the forms of
// schemas/conformance and says where it comes to something else.

import Documents
import Foundation

enum SecondImplementation {
  /// What was checked, and what it thinks otherwise.
  struct Verdict {
    /// Numbers of comparisons, by what was compared.
    let checked: [String: Int]
    let disagreements: Int
    /// The output, with the first disagreements in full.
    let text: String
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  static let repository = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The files of vectors, sorted by path.
  static func vectorFiles() throws -> [URL] {
    let folder = repository.appending(path: "schemas/conformance")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return paths.filter { $0.hasSuffix(".json") }.sorted().map { folder.appending(path: $0) }
  }

  /// Checks files of vectors: `.json` is one document, `.ndjson` one a line.
  static func check(_ files: [URL]) throws -> Verdict {
    let (output, status) = try run("check.py", files.map(\.path))
    guard status <= 1, let node = try? JSONReader.read(output, depthMax: 1_000),
      let disagreements = node["disagreements"]?.integer, let checked = node["checked"]?.mapping
    else { throw Failure(description: "check.py ended with \(status): \(output)") }
    let counts = checked.entries.map { ($0.key, $0.value.integer ?? 0) }
    return Verdict(
      checked: Dictionary(counts, uniquingKeysWith: +), disagreements: disagreements, text: output)
  }

  /// Writes all files of vectors into a folder.
  static func writeVectors(into folder: URL) throws {
    let (output, status) = try run("write_vectors.py", [folder.path])
    guard status == 0 else {
      throw Failure(description: "write_vectors.py ended with \(status): \(output)")
    }
  }

  /// The places of the instances that schemas of a folder refuse, by another implementation of
  /// JSON Schema.
  static func refused(_ cases: [(schema: String, instance: Node)], schemas: URL) throws -> Set<Int>
  {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let file = folder.url.appending(path: "cases.ndjson")
    let lines = cases.map { schema, instance in
      CanonicalJSON.string(.fields(["schema": .string(schema), "instance": instance])) + "\n"
    }
    try Data(lines.joined().utf8).write(to: file)
    let (output, status) = try run("schema_verdicts.py", [schemas.path, file.path])
    guard status == 0 else {
      throw Failure(description: "schema_verdicts.py ended with \(status): \(output)")
    }
    return Set(output.split(separator: "\n").compactMap { Int($0) })
  }

  private static func run(_ script: String, _ arguments: [String]) throws -> (String, Int32) {
    let python = repository.appending(path: ".build/python/bin/python").path
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw Failure(
        description: "there is no \(python), which this test needs. Run: "
          + ".ci/install-packages --tests")
    }
    let process = Process()
    process.executableURL = URL(filePath: python)
    process.arguments =
      [
        repository.appending(path: "Tests/SecondImplementation/\(script)").path
      ] + arguments
    process.environment = ["PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: data, as: UTF8.self), process.terminationStatus)
  }
}

/// A folder of its own for a test.
struct TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "flagstaff-vectors-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  /// To be deferred: an optimiser ends the life of an object after its last use, not with its scope.
  func remove() { try? FileManager.default.removeItem(at: url) }
}
