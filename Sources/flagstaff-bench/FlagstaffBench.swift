// The program `flagstaff-bench`: it makes repositories of any size and measures Flagstaff on them.
// It is no part of what users install. Every number that it prints can be had again, because what
// it generates follows from a seed alone.

import ArgumentParser
import Foundation

@main
struct FlagstaffBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flagstaff-bench",
    abstract: "Generates definitions repositories and measures Flagstaff on them.",
    subcommands: [Generate.self, Benchmarks.self])
}

struct Benchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Measures Flagstaff beside floors, and prints ratios.",
    discussion: "Build with `-c release`. Without a subcommand, everything is measured.",
    subcommands: [
      AllBenchmarks.self, ValidateBenchmark.self, PassBenchmark.self, ReconcileBenchmark.self,
      ChangeBenchmark.self, TreeBenchmark.self, EvaluateBenchmark.self, JSONBenchmark.self,
      RadiusBenchmark.self, AuditBenchmark.self,
    ],
    defaultSubcommand: AllBenchmarks.self)
}

struct AllBenchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "Measures everything.")

  @OptionGroup var size: BenchmarkSize

  func run() async throws {
    try await Workplace.with(size) { place in
      try await ValidateBenchmark.run(in: place)
      try await PassBenchmark.run(in: place)
      try await ReconcileBenchmark.run(in: place, withChanges: true)
      try await TreeBenchmark.run(in: place)
    }
    try await EvaluateBenchmark.run(turns: size.turns)
    try await JSONBenchmark.run(turns: size.turns)
    try await Workplace.with(size) {
      try await AuditBenchmark.run(in: $0, events: AuditBenchmark.eventsDefault)
    }
  }
}

struct Generate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a definitions repository of realistic size and content.",
    discussion: """
      The same options write the same bytes. The first customer is much larger than the others, \
      so that its snapshots have several parts.
      """)

  @Argument(help: "The folder to write; it must not exist or be empty.")
  var directory: String

  @Option(help: "Experiments, flags and segments together.")
  var definitions = 10_000

  @Option(help: "Scopes: twice the number of customers, since there are two environments.")
  var scopes = 200

  @Option(help: "What the content follows from.")
  var seed: UInt64 = 1

  func validate() throws {
    guard scopes >= 2, scopes.isMultiple(of: 2) else {
      throw ValidationError("--scopes must be an even number from 2, not \(scopes)")
    }
    let least = DefinitionsGenerator.definitionsMin(customers: scopes / 2)
    guard definitions >= least else {
      throw ValidationError("--definitions must be \(least) or more for \(scopes) scopes")
    }
  }

  func run() async throws {
    let generator = DefinitionsGenerator(
      definitions: definitions, customers: scopes / 2, seed: seed)
    let folder = URL(filePath: directory, directoryHint: .isDirectory)
    let written = try generator.write(into: folder)
    print(
      """
      \(definitions) definitions in \(written.files) files, \(written.bytes) bytes, \
      \(scopes) scopes, largest customer \(generator.customerName(0))
      """)
  }
}
