// The plan's blast radius against what sampled users show. A figure that claims to be exact is held
// against the users of its class from both sides, and the greatest of all figures against every
// user from above. A sample refutes only what stands further from it than chance would put it.

internal import Documents
internal import FlagstaffEvaluation

extension PlanCheck {
  /// What the plan claims to know of one key; nil where nobody was answered before, so that nobody
  /// can be moved.
  func claimed(_ key: Text) -> AnswerTally? {
    var radius: FlagRadius?
    for (identity, change) in changes where identity.kind == .flag || identity.kind == .experiment {
      radius = radius ?? change.blastRadius.flags.first { Text($0.flag) == key }
    }
    return radius?.standing == .new ? nil : AnswerTally(key: key.string, radius?.now)
  }

  func checkBlastRadius(_ tally: AnswerTally) throws(PlanDisagreement) {
    for claim in tally.claims {
      for (what, share, counted) in [
        ("assignments moved", claim.assignments, claim.assignmentsMoved),
        ("values changed", claim.values, claim.valuesChanged),
      ] {
        guard !Self.isPlausible(counted, of: claim.users, share, isExact: claim.isExact) else {
          continue
        }
        throw disagreement(
          .blastRadius, Identity(.flag, tally.key),
          planned: "\(what): \(claim.isExact ? "" : "at most ")\(share.percent)",
          found: "\(counted) of \(claim.users) sampled users")
      }
    }
  }

  /// Bernstein's inequality: a count this far from its mean would come about by chance less than
  /// once in ten thousand million times (2·e^−23.8).
  private static let exponent = 23.8

  private static func isPlausible(
    _ counted: Int, of users: Int, _ share: UserShare, isExact: Bool
  ) -> Bool {
    if share.isNone { return counted == 0 }
    let mean = Double(users) * share.fraction
    let difference = Double(counted) - mean
    guard isExact || difference > 0 else { return true }
    let variance = mean * (1 - share.fraction)
    return difference * difference <= 2 * exponent * (variance + difference.magnitude / 3)
  }
}

/// How many sampled users of one key are answered otherwise, beside what the plan claims of them.
struct AnswerTally {
  /// A figure of the plan, and the users whom it is about.
  struct Claim {
    /// What these users answer; empty for all.
    fileprivate let terms: [(condition: Condition, isMet: Bool)]
    let isExact: Bool
    let assignments: UserShare
    let values: UserShare
    fileprivate(set) var users = 0
    fileprivate(set) var assignmentsMoved = 0
    fileprivate(set) var valuesChanged = 0
  }

  let key: String
  private(set) var claims: [Claim] = []

  fileprivate init(key: String, _ figures: FlagRadius.Figures?) {
    self.key = key
    claims.append(
      Claim(
        terms: [], isExact: false, assignments: figures?.assignments ?? .none,
        values: figures?.values ?? .none))
    for figures in figures?.classes ?? [] where figures.isExact {
      let terms = figures.users.compactMap { term in
        (try? Condition(term.condition)).map { ($0, term.isMet) }
      }
      guard terms.count == figures.users.count else { continue }
      claims.append(
        Claim(
          terms: terms, isExact: true, assignments: figures.assignments.share,
          values: figures.values.share))
    }
  }

  mutating func add(_ user: SampledUser, _ was: SampledAnswer?, _ now: SampledAnswer?) {
    for index in claims.indices {
      let isMember = claims[index].terms.allSatisfy { condition, isMet in
        condition.isMet(by: user.context) == isMet
      }
      guard isMember else { continue }
      claims[index].users += 1
      if was?.answer.assignment != now?.answer.assignment { claims[index].assignmentsMoved += 1 }
      if was?.value != now?.value { claims[index].valuesChanged += 1 }
    }
  }
}
