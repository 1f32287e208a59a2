// Who moves, in figures computed by hand, a change a row. Each row begins with a definition that is
// applied, and plans an edit of it.

import Documents
import FlagstaffCore
import Testing

struct RadiusCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let before: String
  let after: String
  let lines: [String]

  init(_ name: String, _ before: String, _ after: String, _ lines: String...) {
    (testDescription, self.before, self.after, self.lines) = (name, before, after, lines)
  }
}

extension RadiusCase {
  static let all = experiments + flags + conditions

  private static let running = Samples.running

  private static func edit(_ part: String, _ other: String, in sample: String = running) -> String {
    sample.replacingFirst(part, other)
  }

  private static func rules(_ rules: String, in sample: String = running) -> String {
    edit("[{experiment: checkout}]", "[\(rules)]", in: sample)
  }

  static let experiments = [
    RadiusCase(
      "a start moves the traffic, and values where they differ", Samples.draft, running,
      "page now", "exact all: assignments 30%, values 15%", "old > new 15%"),
    RadiusCase(
      "raised traffic moves the difference", running, edit("30%", "33.33%"),
      "page now", "exact all: assignments 3.33%, values 1.665%", "old > new 1.665%"),
    RadiusCase(
      "lowered traffic moves the difference back", running, edit("30%", "20%"),
      "page now", "exact all: assignments 10%, values 5%", "new > old 5%"),
    RadiusCase(
      "one bucket and uneven weights",
      edit("{old: 50, new: 50}", "{old: 2, new: 1}", in: edit("30%", "0.01%", in: Samples.draft)),
      edit("{old: 50, new: 50}", "{old: 2, new: 1}", in: edit("30%", "0.01%")),
      "page now", "exact all: assignments 0.01%, values 0.003333%", "old > new 0.003333%"),
    RadiusCase(
      "a pause lets everyone fall through", running, edit("status: running", "status: paused"),
      "page now", "exact all: assignments 30%, values 15%", "new > old 15%"),
    RadiusCase(
      "new weights with fresh assignments move more than had to", running,
      edit("{old: 50, new: 50}", "{old: 40, new: 60}\n    phase: 2"),
      "page now", "exact all: assignments 15% least 3%, values 15% least 3%",
      "old > new 9% least 3%", "new > old 6% least 0%"),
    RadiusCase(
      "new weights with as few moves as they need", running,
      edit("{old: 50, new: 50}", "{old: 40, new: 60}\n    phase: 2\n    reassign: least"),
      "page now", "exact all: assignments 3%, values 3%", "old > new 3%"),
    RadiusCase(
      "a winner is served to everyone", running,
      edit("status: running", "status: completed\n    winner: new"),
      "page now", "exact all: assignments 85%, values 85%", "old > new 85%"),
    RadiusCase(
      "traffic and weights at once, in a flag that is disabled: nobody",
      edit("off: old", "off: old\n    enabled: false"),
      edit("30%", "90%", in: edit("off: old", "off: old\n    enabled: false")), "page now"),
  ]

  private static let winner = edit("status: running", "status: completed\n    winner: new")

  static let flags = [
    RadiusCase(
      "shipping the winner moves assignments, not values", winner,
      rules("{serve: new}", in: winner),
      "page now", "exact all: assignments 100%, values 0%"),
    RadiusCase(
      "disabling serves off", running, edit("off: old", "off: old\n    enabled: false"),
      "page now", "exact all: assignments 30%, values 15%", "new > old 15%"),
    RadiusCase(
      "another default moves who is not in the experiment", running,
      edit("off: old", "off: old\n    default: new"),
      "page now", "exact all: assignments 0%, values 70%", "old > new 70%"),
    RadiusCase(
      "another value of a variant moves who is served it", running,
      edit("new: {steps: 1}", "new: {steps: 2}"),
      "page now", "exact all: assignments 0%, values 15%", "new > new 15%"),
    RadiusCase(
      "a variant of the same value", edit("new: {steps: 1}", "new: {steps: 3}"),
      edit("30%", "40%", in: edit("new: {steps: 1}", "new: {steps: 3}")),
      "page now", "exact all: assignments 10%, values 0%", "old > new 5%, same value"),
    RadiusCase(
      "a rollout's share is raised", rules("{key: r, serve: new, rollout: 5%}"),
      rules("{key: r, serve: new, rollout: 25%}"),
      "page now", "exact all: assignments 20%, values 20%", "old > new 20%"),
    RadiusCase(
      "a split's weights change: it is always canonical",
      rules("{key: r, split: {old: 9, new: 1}}"),
      rules("{key: r, split: {old: 8, new: 2}}"),
      "page now", "exact all: assignments 10%, values 10%", "old > new 10%"),
    RadiusCase(
      "a rule of another key hashes anew", rules("{key: r, split: {old: 9, new: 1}}"),
      rules("{key: s, split: {old: 9, new: 1}}"),
      "page now", "exact all: assignments 100%, values 18% least 0%",
      "new > old 9% least 0%", "old > new 9% least 0%"),
    RadiusCase(
      "two rules change places, for users who meet the condition",
      rules("{when: {a: b}, serve: new}, {experiment: checkout}"),
      rules("{experiment: checkout}, {when: {a: b}, serve: new}"),
      "page now", #"exact "b": assignments 30%, values 15%"#, "new > old 15%"),
    RadiusCase(
      "a rule before the change leaves less to move",
      Samples.replacing(
        Samples.draft, "[{experiment: checkout}]",
        "[{key: r, serve: new, rollout: 50%}, {experiment: checkout}]"),
      rules("{key: r, serve: new, rollout: 50%}, {experiment: checkout}"),
      "page now", "exact all: assignments 15%, values 7.5%", "old > new 7.5%"),
    RadiusCase(
      "three layers are still exact",
      rules("{key: r, serve: new, rollout: 0.01%}, {experiment: checkout}"),
      rules("{key: r, serve: new, rollout: 0.01%}, {experiment: checkout}").replacingFirst(
        "{old: 50, new: 50}", "{old: 1, new: 3}\n    phase: 2"),
      "page now", "exact all: assignments 14.9985% least 7.49925%, values 14.9985% least 7.49925%",
      "old > new 11.248875% least 7.49925%", "new > old 3.749625% least 0%"),
  ]

  private static let us = edit("traffic: 30%", "traffic: 30%\n    targeting: {country: US}")

  static let conditions = [
    RadiusCase(
      "an unchanged condition: exact for users who meet it",
      edit("running", "draft", in: us), us,
      "page now", #"exact "US": assignments 30%, values 15%"#, "old > new 15%"),
    RadiusCase(
      "a wider condition is an upper bound; who met the old one meets the new one", us,
      edit("country: US}", "country: [US, CA]}\n    phase: 2", in: us),
      "page now", #"at most not "US" & ["CA","US"]: assignments 30%, values 15%"#,
      "old > new 15%", #"at most "US": assignments 15% least 0%, values 15% least 0%"#,
      "new > old 7.5% least 0%", "old > new 7.5% least 0%"),
    RadiusCase(
      "a condition that is taken away is another condition", us,
      edit("traffic: 30%", "traffic: 30%\n    phase: 2"),
      "page now", #"at most not "US": assignments 30%, values 15%"#, "old > new 15%",
      #"at most "US": assignments 15% least 0%, values 15% least 0%"#, "new > old 7.5% least 0%",
      "old > new 7.5% least 0%"),
    RadiusCase(
      "a rule that is added: exact for users who meet it",
      rules("{when: {country: US}, serve: new}"),
      rules("{when: {country: US}, serve: new}, {when: {plan: pro}, serve: new}"),
      "page now", #"exact not "US" & "pro": assignments 0%, values 100%"#, "old > new 100%"),
    RadiusCase(
      "a condition turned round", rules("{when: {plan: pro}, serve: new}"),
      rules("{when: {not: {plan: pro}}, serve: new}"),
      "page now", #"at most "pro": assignments 0%, values 100%"#, "new > old 100%",
      #"at most not "pro": assignments 0%, values 100%"#, "old > new 100%"),
    RadiusCase(
      "a condition that is replaced: those who lose, and those who gain",
      rules("{when: {country: DE}, serve: new}"), rules("{when: {country: FR}, serve: new}"),
      "page now", #"at most "DE": assignments 0%, values 100%"#, "new > old 100%",
      #"at most "FR": assignments 0%, values 100%"#, "old > new 100%"),
    RadiusCase(
      "rules of several users that all change: each of them",
      rules("{when: {country: DE}, serve: new}, {when: {plan: pro}, serve: new}"),
      rules("{when: {country: DE}, serve: old}, {when: {plan: pro}, serve: old}"),
      "page now", #"exact "DE": assignments 0%, values 100%"#, "new > old 100%",
      #"exact not "DE" & "pro": assignments 0%, values 100%"#, "new > old 100%"),
    RadiusCase(
      "nobody is of a version above three and below two, or of an age between",
      rules(
        "{when: {version: {semver: '>=3.0.0'}}, serve: new}, {when: {age: {lessThan: 18}}, serve: old}"
      ),
      rules(
        """
        {when: {all: [{version: {semver: '<2.0.0'}}, {version: {semver: '>=1.0.0'}}]}, serve: old},
        {when: {version: {semver: '>=3.0.0'}}, serve: new}, {when: {age: {lessThan: 18}}, serve: old},
        {when: {age: {lessThan: 16}}, serve: new}
        """),
      "page now"),
    RadiusCase(
      "conditions that exclude each other are not met together",
      rules("{when: {country: US}, serve: new}, {when: {country: DE}, serve: old}"),
      rules("{when: {country: DE}, serve: old}, {when: {country: US}, serve: new}"),
      "page now"),
    RadiusCase(
      "conditions that may be met together are taken to be",
      rules("{when: {country: US}, serve: new}, {when: {plan: pro}, serve: old}"),
      rules("{when: {plan: pro}, serve: old}, {when: {country: US}, serve: new}"),
      "page now", #"exact "US" & "pro": assignments 0%, values 100%"#, "new > old 100%"),
    RadiusCase(
      "a condition and its negation divide users",
      rules("{when: {plan: pro}, serve: new}, {when: {not: {plan: pro}}, serve: old}"),
      rules("{when: {plan: pro}, serve: new}, {key: r, serve: new, rollout: 20%}"),
      "page now", #"exact not "pro": assignments 20%, values 20%"#, "old > new 20%"),
    RadiusCase(
      "most by assignments and most by values are two classes",
      rules(
        "{when: {plan: pro}, serve: new}, {when: {x: y}, serve: old}, {key: r, split: {old: 1}}"),
      rules(
        "{when: {plan: pro}, serve: old}, {when: {x: y}, serve: old}, {key: s, split: {old: 1}}"),
      "page now", #"exact not "pro" & not "y": assignments 100%, values 0%"#,
      #"exact "pro": assignments 0%, values 100%"#, "new > old 100%"),
  ]

}

@Suite("Blast radius")
struct BlastRadiusTests {
  /// The radius of the flag `page`, whichever change tells it.
  private static func radius(_ before: String, _ after: String) throws -> FlagRadius {
    let plan = try TestScope.applied(before).plan(after)
    let radii = plan.changes.flatMap(\.blastRadius.flags).filter { $0.flag == "page" }
    return try #require(radii.first, "no change reaches the flag")
  }

  @Test("An experiment's figures", arguments: RadiusCase.experiments)
  func experimentFigures(row: RadiusCase) throws {
    let lines = try Self.radius(row.before, row.after).lines
    #expect(lines == row.lines, "\(lines)")
  }

  @Test("A flag's figures", arguments: RadiusCase.flags)
  func flagFigures(row: RadiusCase) throws {
    let lines = try Self.radius(row.before, row.after).lines
    #expect(lines == row.lines, "\(lines)")
  }

  @Test("Figures of users who answer conditions alike", arguments: RadiusCase.conditions)
  func classFigures(row: RadiusCase) throws {
    let lines = try Self.radius(row.before, row.after).lines
    #expect(lines == row.lines, "\(lines)")
  }
}
