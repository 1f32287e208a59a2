// The blast radius of a plan in which every experiment changes: half in traffic, half in weights
// with a new phase, each in a flag with conditions, a rollout and a split around it. Nothing is
// read or written while it is measured.

import ArgumentParser
import Documents
import FlagstaffCore
import YAMLDocuments

struct RadiusBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "radius",
    abstract: "The blast radius of a plan that changes every experiment of a scope.")

  @Option(help: "How many experiments change, each in a flag of its own.")
  var experiments = 10_000

  @Option(help: "How often everything is measured; the median counts.")
  var turns = 5

  func run() async throws {
    let before = try Self.state(of: Self.resolved(experiments, isChanged: false), from: nil)
    let wanted = try Self.resolved(experiments, isChanged: true)
    let after = try Self.state(of: wanted, from: before)
    var (plan, radius, alone) = (Samples(), Samples(), 0)
    for _ in 0..<turns {
      await plan.append(
        try Sample.measure { alone = try Self.plan(wanted, before).changes.count })
      await radius.append(
        try Sample.measure {
          for flag in 0..<experiments {
            let radius = try FlagRadius(flag: "flag-\(flag)", from: before, to: after)
            guard !radius.greatest.isNone, radius.now.classes.allSatisfy(\.isExact) else {
              throw BenchmarkFailure("a figure is not exact, or nothing")
            }
          }
        })
    }
    guard alone == experiments else { throw BenchmarkFailure("\(alone) changes were planned") }
    Report.title("radius: \(experiments) changed experiments in as many flags")
    Report.line(
      "the blast radius", "\(Report.number(radius.milliseconds)) ms  (target: under 1000)")
    Report.line(
      "its processor time", "\(Report.number(radius.processorSeconds * 1_000)) ms")
    Report.line("the plan, blast radius included", "\(Report.number(plan.milliseconds)) ms")
  }

  private static let instant = Instant(secondsSince1970: 1_800_000_000)

  private static func plan(_ wanted: ResolvedScope, _ state: ScopeState) throws -> Plan {
    switch try Plan.make(wanted, against: state, commit: "0", at: instant) {
    case .plan(let plan): return plan
    case .held(let findings): throw BenchmarkFailure("held by \(findings.count) findings")
    }
  }

  private static func state(of wanted: ResolvedScope, from state: ScopeState?) throws -> ScopeState
  {
    let state = state ?? .empty(wanted.scope)
    return try plan(wanted, state).preview(of: state)
  }

  /// Definitions of one customer, in files of a hundred pairs.
  private static func resolved(_ count: Int, isChanged: Bool) throws -> ResolvedScope {
    let workspace = "flagstaff: v1\nworkspace: {id: bench, environments: [production]}\n"
    var files = [try check(workspace, Layout.workspaceFile)]
    for start in stride(from: 0, to: count, by: 100) {
      let pairs = start..<min(start + 100, count)
      files.append(
        try check(text(pairs, isChanged: isChanged), "customers/acme/pairs-\(start).yaml"))
    }
    let scope = ScopeID(environment: "production", customer: "acme")
    let definitions = Definitions.check(RepositoryFiles(files))
    guard let resolved = ResolvedScope.resolve(scope, in: definitions) else {
      throw BenchmarkFailure("the definitions have \(definitions.findings.count) findings")
    }
    return resolved
  }

  private static func check(_ text: String, _ path: String) throws -> CheckedFile {
    guard case .success(let role) = Layout.role(of: path, hasCustomers: true),
      let document = YAMLReader.read(Array(text.utf8), file: path).document
    else { throw BenchmarkFailure("\(path) cannot be read") }
    return .check(document, as: role)
  }

  private static func text(_ pairs: Range<Int>, isChanged: Bool) -> String {
    let experiments = pairs.map { pair in
      let edit =
        !isChanged
        ? "traffic: 20%, variants: {old: 50, new: 50}"
        : pair.isMultiple(of: 2)
          ? "traffic: 35%, variants: {old: 50, new: 50}"
          : "traffic: 20%, variants: {old: 40, new: 60}, phase: 2"
      return """
          experiment-\(pair): {status: running, \(edit), control: old,
            targeting: {country: [US, CA], not: {plan: free}}, environments: {production: {}}}
        """
    }
    let flags = pairs.map { pair in
      """
        flag-\(pair):
          variants: {old: {steps: 3}, new: {steps: 1}}
          off: old
          environments: {production: {}}
          rules:
            - {when: {email: {endsWith: "@acme.example"}}, serve: new}
            - {key: early, when: {plan: pro}, serve: new, rollout: 5%}
            - experiment: experiment-\(pair)
            - {key: rest, when: {country: DE}, split: {old: 90, new: 10}}
      """
    }
    return "flagstaff: v1\nexperiments:\n\(experiments.joined(separator: "\n"))\n"
      + "flags:\n\(flags.joined(separator: "\n"))\n"
  }
}
