// Why a rule is of none of the four forms, told by the fields that it has: one that is too many, or
// one that is missing. That fields have names of rules, and values of the right types, the schema
// has seen to.

internal import Documents

struct RuleFault {
  let message: String
  let remedy: String

  /// - Parameter fields: those of a rule that is of no known form.
  init(_ fields: Mapping) {
    let names = fields.entries.map(\.key)
    func has(_ name: String) -> Bool { names.contains { $0.hasSameBytes(as: name) } }
    let outcomes = ["experiment", "serve", "split"].filter(has)
    let others = names.filter { !$0.hasSameBytes(as: "experiment") }.map { "`\($0)`" }
      .joined(separator: " and ")
    switch outcomes {
    case []:
      message =
        has("rollout")
        ? "this rule has a rollout, and nothing that it serves" : "this rule answers nothing"
      remedy = "Add `serve` with a variant" + (has("rollout") ? "" : ", `split` or `experiment`")
    case ["experiment"]:
      message = "a rule with an experiment has no other field, and this one has \(others)"
      remedy = "Remove \(others): the experiment says itself who takes part"
    case ["serve"] where has("rollout"):
      message = "this rollout has no key, which decides who is in"
      remedy = "Add a `key`, and keep it for as long as the rollout lasts"
    case ["serve"]:
      message = "this rule serves everyone whom it matches, so it takes no key"
      remedy = "Remove `key`, or add `rollout` with the share of users whom it serves"
    case ["split"] where has("rollout"):
      message = "a split has no rollout: its weights say how many users get what"
      remedy = "Remove `rollout`"
    case ["split"]:
      message = "this split has no key, which decides who gets what"
      remedy = "Add a `key`, and keep it for as long as the split lasts"
    default:
      let named = outcomes.map { "`\($0)`" }.joined(separator: " and ")
      message = "a rule answers in one way, and this one has \(named)"
      remedy = "Keep one of them, and write another rule for what else is meant"
    }
  }
}
