// Where benchmarks work: a temporary folder with generated definitions, and on demand a Git
// repository of them and a registry. Everything in it is real, made by the `git` command and the
// private PostgreSQL, and all of it is gone afterwards.

import ArgumentParser
import Foundation

/// How large the generated repository is, and how often things are measured.
struct BenchmarkSize: ParsableArguments {
  @Option(help: "Experiments, flags and segments together.")
  var definitions = 10_000

  @Option(help: "Scopes: twice the number of customers.")
  var scopes = 200

  @Option(help: "What the content follows from.")
  var seed: UInt64 = 1

  @Option(help: "How often each body runs; medians are printed.")
  var turns = 5

  func validate() throws {
    guard scopes >= 2, scopes.isMultiple(of: 2) else {
      throw ValidationError("--scopes must be an even number from 2, not \(scopes)")
    }
    guard definitions >= DefinitionsGenerator.definitionsMin(customers: scopes / 2) else {
      throw ValidationError("--definitions is too small for \(scopes) scopes")
    }
    guard turns > 0 else { throw ValidationError("--turns must be 1 or more") }
  }
}

struct BenchmarkFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// A temporary folder of definitions.
struct Workplace {
  let size: BenchmarkSize
  let root: URL

  var definitions: URL { root.appending(path: "definitions", directoryHint: .isDirectory) }

  /// Makes the folder and its definitions, and removes all whatever the body does.
  static func with(_ size: BenchmarkSize, _ body: (Workplace) async throws -> Void) async throws {
    let root = FileManager.default.temporaryDirectory.appending(
      path: "flagstaff-bench-\(ProcessInfo.processInfo.processIdentifier)",
      directoryHint: .isDirectory)
    let place = Workplace(size: size, root: root)
    defer { try? FileManager.default.removeItem(at: root) }
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    let generator = DefinitionsGenerator(
      definitions: size.definitions, customers: size.scopes / 2, seed: size.seed)
    _ = try generator.write(into: place.definitions)
    // Or else the disk is still busy with them while the first turns are measured.
    sync()
    try await body(place)
  }
}
