// `flagstaff simulate`: how made-up units would be split by what is published, beside how they
// should be. It shows an experimenter before the start what he will see, and anybody who doubts the
// bucketing that it does what it says.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import FlagstaffEvaluation
internal import Foundation

struct Simulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Split made-up units, and compare with the split that is intended.",
    usage: "flagstaff simulate [<options>]",
    discussion: """
      Buckets the units PREFIX1 to PREFIX<N> by each published experiment, and tests the counts \
      with Pearson's chi-square: p is the probability of a difference as large as this by chance \
      alone. Of a hundred tests one is expected below 0.01; try another prefix before you worry. \
      Targeting is left out, since made-up units have no attributes. Drafts are not published.

      Example:
        flagstaff simulate --environment production --experiment checkout-flow-v2
      """)

  @Option(help: ArgumentHelp("How many units, up to 100 million.", valueName: "n"))
  var ids: Int = 100_000

  @Option(help: ArgumentHelp("What the units begin with.", valueName: "text"))
  var prefix: String = "unit-"

  @Option(
    name: .customLong("experiment"),
    help: ArgumentHelp("Only this experiment, and its group; repeatable.", valueName: "key"))
  var experiments: [String] = []

  @OptionGroup var published: PublishedOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...100_000_000).contains(ids) else {
      throw ValidationError("--ids takes a number from 1 to 100000000.")
    }
  }

  func run() async throws {
    let terminal = output.terminal
    let scope = try published.readScope()
    let (pointer, snapshot) = (scope.pointer, try scope.snapshot())
    let known = snapshot.experiments.map(\.key)
    for key in experiments where !known.contains(where: { Text($0) == Text(key) }) {
      throw UsageError("--experiment: no experiment \(Visible.text(key)) is published there.")
    }
    let simulation = Simulation(
      snapshot, ids: ids, prefix: prefix, experiments: experiments,
      groupKeys: try scope.groupKeys(), progress: terminal.progress)
    switch output.format {
    case .json: terminal.result(CanonicalJSON.string(document(simulation, pointer)))
    case .text: terminal.result(text(simulation, pointer, terminal).joined(separator: "\n"))
    }
  }
}

// MARK: Text

extension Simulate {
  private func text(
    _ simulation: Simulation, _ pointer: Pointer, _ terminal: Terminal
  ) -> [String] {
    var lines = ["\(EvaluationText.source(pointer)): \(simulation.ids) units"]
    if simulation.experiments.isEmpty { lines.append("No experiment is published there.") }
    for experiment in simulation.experiments {
      var name = terminal.colour("experiment \(experiment.key)", .bold)
      if !experiment.isLive { name += "  not running" }
      if experiment.hasTargeting { name += "  of units that meet its targeting" }
      lines.append(name)
      let traffic = experiment.traffic[0]
      lines.append(
        "  traffic  \(counted(traffic, of: simulation.ids))\(words(experiment.trafficTest))")
      for variant in experiment.variants {
        lines.append("    \(variant.name)  \(counted(variant, of: traffic.count))")
      }
      if let test = experiment.variantTest { lines.append("   \(words(test))") }
    }
    for group in simulation.groups {
      lines.append(terminal.colour("exclusion group \(group.key ?? group.id)", .bold))
      for member in group.members {
        let name = member.name.isEmpty ? "in none" : member.name
        lines.append("    \(name)  \(counted(member, of: simulation.ids))")
      }
      if let test = group.test { lines.append("   \(words(test))") }
      if group.overlaps > 0 { lines.append("    \(group.overlaps) units are in several") }
    }
    return lines
  }

  private func counted(_ share: Simulation.Share, of whole: Int) -> String {
    func percent(_ part: Double) -> String {
      whole == 0 ? "-" : String(format: "%.2f%%", part * 100 / Double(whole))
    }
    return "\(share.count) units, \(percent(Double(share.count)))"
      + " where \(percent(share.expected)) are intended"
  }

  private func words(_ test: ChiSquare?) -> String {
    guard let test else { return "" }
    return "  χ² = \(String(format: "%.2f", test.statistic)),"
      + " \(test.degreesOfFreedom) degree\(test.degreesOfFreedom == 1 ? "" : "s") of freedom,"
      + " p = \(String(format: test.probability < 0.001 ? "%.1e" : "%.3f", test.probability))"
  }
}

// MARK: JSON

extension Simulate {
  private func document(_ simulation: Simulation, _ pointer: Pointer) -> Node {
    let experiments = simulation.experiments.map { experiment in
      Node.fields([
        "key": .string(experiment.key), "live": .boolean(experiment.isLive),
        "targeted": .boolean(experiment.hasTargeting),
        "traffic": .fields([
          "shares": shares(experiment.traffic), "chiSquare": node(experiment.trafficTest),
        ]),
        "variants": .fields([
          "shares": shares(experiment.variants), "chiSquare": node(experiment.variantTest),
        ]),
      ])
    }
    let groups = simulation.groups.map { group in
      Node.fields([
        "id": .string(group.id), "key": group.key.map(Node.string), "shares": shares(group.members),
        "chiSquare": node(group.test),
        "overlaps": .integer(group.overlaps),
      ])
    }
    return .mapping(
      [
        ("formatVersion", .integer(1)), ("ids", .integer(simulation.ids)),
        ("experiments", .sequence(experiments)), ("groups", .sequence(groups)),
      ] + EvaluationDocument.source(pointer))
  }

  private func shares(_ shares: [Simulation.Share]) -> Node {
    .sequence(
      shares.map { share in
        .fields([
          "name": share.name.isEmpty ? nil : .string(share.name), "count": .integer(share.count),
          "expected": .number(share.expected),
        ])
      })
  }

  private func node(_ test: ChiSquare?) -> Node? {
    test.map { test in
      .fields([
        // What is impossible has no finite statistic.
        "statistic": test.statistic.isFinite ? .number(test.statistic) : nil,
        "degreesOfFreedom": .integer(test.degreesOfFreedom),
        "p": .number(test.probability),
      ])
    }
  }
}
