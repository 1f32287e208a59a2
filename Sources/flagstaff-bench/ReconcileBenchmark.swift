// The first pass over a whole repository, the same again by a process that remembers nothing, and
// a pass after one file has changed. The floor of the first is COPY of as many bytes as the files
// have, into one table without an index.

import ArgumentParser
import FlagstaffController
import Foundation
import PostgresRegistry

struct ReconcileBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconcile",
    abstract: "First passes over a repository, beside COPY of its bytes.")

  @OptionGroup var size: BenchmarkSize

  func run() async throws {
    try await Workplace.with(size) { try await Self.run(in: $0, withChanges: false) }
  }

  /// - Parameter withChanges: whether to go on with `change`, on what was reconciled.
  static func run(in place: Workplace, withChanges: Bool) async throws {
    try place.makeRepository()
    try await BenchmarkRegistry.with(place) { registry in
      let reconciler = try registry.reconciler(of: place)
      let first = try await Sample.measure {
        try PassBenchmark.require(try await reconciler.reconcile(), changed: true)
      }
      var again = Samples()
      for _ in 0..<place.size.turns {
        let cold = try registry.reconciler(of: place)
        again.append(
          try await Sample.measure {
            try PassBenchmark.require(try await cold.reconcile(), changed: false)
          })
      }
      let floor = try await copyFloor(place, registry)
      let rate = Double(place.size.definitions) / first.seconds
      Report.title("reconcile: \(place.size.definitions) definitions, \(place.size.scopes) scopes")
      Report.line("COPY of the files' bytes", "\(Report.number(floor.seconds)) s")
      Report.line(
        "the first pass", "\(Report.number(first.seconds)) s, \(Report.number(rate)) definitions/s")
      Report.ratio("time, to COPY's", first.seconds, to: floor.seconds)
      Report.line("  of it, this process computes", "\(Report.number(first.processorSeconds)) s")
      Report.line("the second, nothing remembered", "\(Report.number(again.seconds)) s")
      Report.line("  of it, this process computes", "\(Report.number(again.processorSeconds)) s")
      Report.ratio("time, to the first pass's", again.seconds, to: first.seconds)
      if withChanges { try await ChangeBenchmark.run(in: place, reconciler, first: first) }
    }
  }

  private static func copyFloor(_ place: Workplace, _ registry: BenchmarkRegistry) async throws
    -> Samples
  {
    let files = try YAMLFloor.files(below: place.definitions)
    var samples = Samples()
    for _ in 0..<place.size.turns {
      samples.append(
        try await Sample.measure {
          try await registry.worker.run { connection in
            try connection.transaction(as: .owner) { transaction in
              try transaction.run("CREATE TABLE copy_floor (content bytea)")
              try transaction.copyIn(table: "copy_floor", columns: ["content"]) { rows in
                for file in files {
                  rows.bytes(file)
                  try rows.endRow()
                }
              }
              try transaction.run("DROP TABLE copy_floor")
            }
          }
        })
    }
    return samples
  }
}

/// A pass after a commit that changes one file.
struct ChangeBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "change",
    abstract: "Passes after one file has changed, beside the first pass.")

  @OptionGroup var size: BenchmarkSize

  func run() async throws {
    try await Workplace.with(size) { place in
      try place.makeRepository()
      try await BenchmarkRegistry.with(place) { registry in
        let reconciler = try registry.reconciler(of: place)
        let first = try await Sample.measure {
          try PassBenchmark.require(try await reconciler.reconcile(), changed: true)
        }
        try await Self.run(in: place, reconciler, first: first)
      }
    }
  }

  static func run(in place: Workplace, _ reconciler: Reconciler, first: Sample) async throws {
    var samples = Samples()
    var parsed: Set<Int> = []
    for turn in 1...place.size.turns {
      try place.changeOneFile("Changed in turn \(turn) by the benchmark.")
      try place.commit("Turn \(turn)")
      samples.append(
        try await Sample.measure {
          let report = try await reconciler.reconcile()
          try PassBenchmark.require(report, changed: true)
          parsed.insert(report.parsed)
        })
    }
    let files = parsed.sorted().map(String.init).joined(separator: ", ")
    Report.title("change: one file of \(place.size.definitions) definitions")
    Report.line("files parsed", "\(files)  (target: 1)")
    Report.line("the pass", "\(Report.number(samples.milliseconds)) ms")
    Report.ratio("time of the first pass, to this", first.seconds, to: samples.seconds)
  }
}
