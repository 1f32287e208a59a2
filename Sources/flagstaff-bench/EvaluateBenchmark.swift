// How many evaluations one core makes in a second: of a flag with one split experiment, whose
// targeting has two conditions, for contexts that differ. And how long it takes to evaluate a
// thousand such flags at once. Reading the snapshot is measured beside it.

import ArgumentParser
import FlagstaffEvaluation
import Foundation

struct EvaluateBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Evaluates a split experiment, and flags in bulk.")

  @Option(help: "How often each body runs; medians are printed.")
  var turns = 5

  func run() async throws {
    try await Self.run(turns: turns)
  }

  private static let flags = 1_000
  private static let contexts = 1_000
  private static let rounds = 2_000

  static func run(turns: Int) async throws {
    let bytes = Array(snapshotText().utf8)
    let snapshot = try Snapshot(index: bytes) { _ in [] }
    let contexts = (0..<Self.contexts).map(context)
    // Those alone that get all the way to a variant: the dearest case.
    let split = contexts.filter {
      snapshot.evaluate(flag: flagKey(7), context: $0).reason == .split
    }
    guard split.count > Self.contexts / 4, split.count < Self.contexts else {
      throw BenchmarkFailure("\(split.count) of \(Self.contexts) contexts are in the experiment")
    }
    var (mixed, dearest, bulk, reading) = (Samples(), Samples(), Samples(), Samples())
    for _ in 0..<turns {
      mixed.append(await Sample.measure { evaluate(snapshot, contexts) })
      dearest.append(await Sample.measure { evaluate(snapshot, split) })
      bulk.append(
        await Sample.measure {
          for context in contexts.prefix(100) { _ = snapshot.evaluateAll(context: context) }
        })
      reading.append(try await Sample.measure { _ = try Snapshot(index: bytes) { _ in [] } })
    }
    func millions(_ samples: Samples, _ count: Int) -> String {
      let perSecond = Double(rounds * count) / samples.processorSeconds / 1e6
      return "\(Report.number(perSecond)) million a second  (target: at least 5)"
    }
    Report.title("evaluate: \(flags) flags, an experiment each, two conditions, one core")
    Report.line("a split experiment, all contexts", millions(mixed, contexts.count))
    Report.line("the same, of contexts that get a variant", millions(dearest, split.count))
    Report.line(
      "\(flags) flags in bulk",
      "\(Report.number(bulk.processorSeconds * 1_000 / 100)) ms  (target: under 1)")
    Report.line(
      "reading the snapshot, \(Report.number(Double(bytes.count) / 1e6)) MB",
      "\(Report.number(reading.processorSeconds * 1_000)) ms")
  }

  /// Told apart by what they count, so that no evaluation can be left out by the compiler.
  private static func evaluate(_ snapshot: Snapshot, _ contexts: [EvaluationContext]) {
    let key = flagKey(7)
    var answered = 0
    for _ in 0..<rounds {
      for context in contexts where snapshot.evaluate(flag: key, context: context).variant != nil {
        answered += 1
      }
    }
    precondition(answered == rounds * contexts.count, "a flag always answers")
  }

  private static func context(_ number: Int) -> EvaluationContext {
    EvaluationContext(
      targetingKey: "user-\(number * 7_919 + 100_000)",
      attributes: [
        "country": .string(["US", "CA", "US", "DE"][number % 4]),
        "orders": .integer(number % 50), "plan": "gold", "email": "someone@acme.example",
      ])
  }

  private static func flagKey(_ number: Int) -> String { "checkout-flow-\(number)" }

  private static func snapshotText() -> String {
    let definitions =
      (0..<flags).map { number in
        let id = String(format: "0d1c8f2e-6a0b-5f3e-9d47-%012d", number)
        return """
          {"kind":"experiment","key":"checkout-\(number)","id":"\(id)","hash":1,"live":true,\
          "bucketBy":"targetingKey","trafficSalt":"\(id)","traffic":[[0,9000]],"salt":"\(id)/1/",\
          "targeting":{"all":[{"attribute":"country","operator":"in","value":["CA","US"]},\
          {"attribute":"orders","operator":"greaterOrEqual","value":5}]},"control":"one-page",\
          "variants":[{"key":"one-page","ranges":[[0,5000]]},\
          {"key":"three-steps","ranges":[[5000,10000]]}],"force":{}}
          """
      }
      + (0..<flags).map { number in
        """
        {"kind":"flag","key":"\(flagKey(number))","type":"object","variants":{\
        "one-page":{"steps":1},"three-steps":{"steps":3}},"off":"three-steps",\
        "default":"three-steps","enabled":true,"killed":false,"bucketBy":"targetingKey",\
        "rules":[{"experiment":"checkout-\(number)"}]}
        """
      }
    return #"{"definitions":[\#(definitions.joined(separator: ","))],"format":1}"#
  }
}
