// A pass that finds nothing new, as a running controller makes it every few seconds: it compares
// the head of the branch, the row of the scope and the pointer at the origin. The floor is one
// empty question to the same database on the same connection.

import ArgumentParser
import FlagstaffController
import PostgresRegistry

struct PassBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pass",
    abstract: "Passes that find nothing new, beside one empty round trip to the database.")

  @OptionGroup var size: BenchmarkSize

  func run() async throws {
    try await Workplace.with(size) { try await Self.run(in: $0) }
  }

  static func run(in place: Workplace) async throws {
    try place.makeRepository()
    let customer = DefinitionsGenerator(
      definitions: place.size.definitions, customers: place.size.scopes / 2, seed: place.size.seed
    ).customerName(1)
    let selection = ScopeSelection(environments: ["production"], customers: [customer])
    try await BenchmarkRegistry.with(place) { registry in
      let reconciler = try registry.reconciler(of: place, selection)
      try Self.require(try await reconciler.reconcile(), scopes: 1, changed: true)
      var (floor, pass) = (Samples(), Samples())
      for _ in 0..<(place.size.turns * 20) {
        floor.append(
          try await Sample.measure {
            try await registry.worker.run { _ = try $0.runOutsideTransaction("SELECT") }
          })
        pass.append(
          try await Sample.measure {
            try Self.require(try await reconciler.reconcile(), scopes: 1, changed: false)
          })
      }
      Report.title("pass: one scope, nothing new, of a repository in place")
      Report.line("an empty SELECT", "\(Report.number(floor.milliseconds)) ms")
      Report.line("the pass", "\(Report.number(pass.milliseconds)) ms  (target: under 5)")
      Report.ratio("time, to the empty SELECT's", pass.seconds, to: floor.seconds)
    }
  }

  /// A benchmark that measures something else than it says is worse than none.
  static func require(_ report: PassReport, scopes: Int? = nil, changed: Bool) throws {
    guard !report.hasFailures, !report.hasErrors, report.hasChanges == changed,
      scopes.map({ $0 == report.scopes.count }) ?? true
    else { throw BenchmarkFailure("the pass did not do what it was measured for") }
  }
}
