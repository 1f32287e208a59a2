// How many users come from which outcome to which, for users of whom it is known which conditions
// they meet. Layer by layer the users are divided by their buckets; users of whom the same remains
// to be found out are one state, and those to whom both sides will do the same whatever comes are
// left out. So the work grows with what differs and not with the product of all layers.

internal import FlagstaffEvaluation

/// Shares of users by outcome before and after, of those to whom it is not certainly the same.
struct Movement: Sendable {
  struct Pair: Hashable, Sendable {
    let before: Int
    let after: Int
  }

  private(set) var shares: [Pair: UserShare] = [:]

  /// Rules that all these users meet, and what follows.
  struct Path: Sendable {
    let shapes: [Int]
    let fallback: Int
  }

  /// - Returns: nil where the steps are used up.
  init?(
    _ before: Path, _ after: Path, in comparison: FlagComparison, _ layers: inout Layers,
    _ steps: inout StepBudget
  ) {
    let start = State(
      before: Self.undecided(before, comparison), after: Self.undecided(after, comparison))
    guard start.before != start.after else { return }
    if start.isDecided {
      shares = [start.pair: .whole]
      return
    }
    var states: [State: UserShare] = [start: .whole]
    for layer in Self.layers(before, after, comparison) where !states.isEmpty {
      guard let cells = layers.cells(of: layer, in: comparison, &steps) else { return nil }
      var next: [State: UserShare] = [:]
      for (state, share) in states {
        guard state.asks(layer, comparison) else {
          next[state, default: .none] += share
          continue
        }
        guard steps.take(cells.count * Self.cellCost) else { return nil }
        for cell in cells {
          let follower = state.after(cell, of: layer, comparison)
          guard follower.before != follower.after else { continue }
          let part = share.part(buckets: cell.count)
          if follower.isDecided {
            shares[follower.pair, default: .none] += part
          } else {
            next[follower, default: .none] += part
          }
        }
      }
      states = next
    }
  }

  /// A state and a cell take about so many times as long as a look at a rule.
  private static let cellCost = 16

  /// What remains of a list: rules that may still decide, then the outcome where none does.
  private static func undecided(_ path: Path, _ comparison: FlagComparison) -> Remainder {
    var remainder = Remainder(fallback: path.fallback)
    for number in path.shapes {
      let shape = comparison.shapes[number]
      guard shape.gate != nil || shape.choice != nil else {
        remainder.fallback = shape.outcome
        break
      }
      let chosen = shape.gate == nil ? Open.inside : Open.nothing
      remainder.rules.append(.init(shape: number, chosen: chosen))
    }
    return remainder
  }

  /// The layers that any rule asks, those of the first rules first, traffic before variants.
  private static func layers(_ before: Path, _ after: Path, _ comparison: FlagComparison)
    -> [Int]
  {
    var layers: [Int] = []
    for place in 0..<max(before.shapes.count, after.shapes.count) {
      for path in [before, after] where place < path.shapes.count {
        let shape = comparison.shapes[path.shapes[place]]
        for use in [shape.gate, shape.choice] {
          if let use, !layers.contains(use.layer) { layers.append(use.layer) }
        }
      }
    }
    return layers
  }
}

extension Movement {
  /// The cells of a comparison's layers, made when they are first asked for.
  struct Layers: Sendable {
    private var known: [Int: [LayerCells.Cell]] = [:]

    mutating func cells(
      of layer: Int, in comparison: FlagComparison, _ steps: inout StepBudget
    ) -> [LayerCells.Cell]? {
      if let cells = known[layer] { return cells }
      let questions = comparison.questions[layer]
      let edges = questions.reduce(0) { $0 + $1.edgeCount }
      guard steps.take(edges * questions.count) else { return nil }
      let cells = LayerCells(questions).cells
      known[layer] = cells
      return cells
    }
  }

  /// A rule that may still decide.
  fileprivate struct Open: Hashable {
    let shape: Int
    /// `nothing` is known yet, the user is `inside` the gate, or the outcome chosen, where only the
    /// gate is left to pass.
    var chosen: Int

    static let nothing = -1
    static let inside = -2
  }

  fileprivate struct Remainder: Hashable {
    var rules: [Open] = []
    var fallback: Int

    func asks(_ layer: Int, _ comparison: FlagComparison) -> Bool {
      rules.contains {
        let shape = comparison.shapes[$0.shape]
        return shape.gate?.layer == layer || shape.choice?.layer == layer
      }
    }

    /// What remains once a bucket of a layer is known.
    func after(
      _ cell: LayerCells.Cell, of layer: Int, _ comparison: FlagComparison
    ) -> Remainder {
      var remainder = Remainder(fallback: fallback)
      for rule in rules {
        switch Self.status(of: rule, after: cell, of: layer, comparison.shapes[rule.shape]) {
        case .missed: continue
        case .open(let chosen): remainder.rules.append(.init(shape: rule.shape, chosen: chosen))
        case .decided(let outcome):
          remainder.fallback = outcome
          return remainder
        }
      }
      return remainder
    }

    private enum Status {
      case missed
      case open(Int)
      case decided(Int)
    }

    private static func status(
      of rule: Open, after cell: LayerCells.Cell, of layer: Int, _ shape: FlagComparison.Shape
    ) -> Status {
      var isInside = rule.chosen == Open.inside || shape.gate == nil
      var outcome = shape.choice == nil ? shape.outcome : max(rule.chosen, -1)
      if let gate = shape.gate, gate.layer == layer {
        guard cell.answers[gate.place] >= 0 else { return .missed }
        isInside = true
      }
      if let choice = shape.choice, choice.layer == layer {
        outcome = cell.answers[choice.place]
        guard outcome >= 0 else { return .missed }
      }
      if isInside, outcome >= 0 { return .decided(outcome) }
      return .open(isInside ? Open.inside : shape.choice == nil ? Open.nothing : outcome)
    }
  }

  fileprivate struct State: Hashable {
    var before: Remainder
    var after: Remainder

    var isDecided: Bool { before.rules.isEmpty && after.rules.isEmpty }

    var pair: Pair { Pair(before: before.fallback, after: after.fallback) }

    func asks(_ layer: Int, _ comparison: FlagComparison) -> Bool {
      before.asks(layer, comparison) || after.asks(layer, comparison)
    }

    func after(
      _ cell: LayerCells.Cell, of layer: Int, _ comparison: FlagComparison
    ) -> State {
      State(
        before: before.after(cell, of: layer, comparison),
        after: after.after(cell, of: layer, comparison))
    }
  }
}

/// Work that is left, so that no definition makes a plan take for ever.
struct StepBudget: Sendable {
  private(set) var left: Int

  init(_ left: Int) { self.left = left }

  /// Whether so many steps were left; then they are used.
  mutating func take(_ count: Int) -> Bool {
    guard count <= left else {
      left = 0
      return false
    }
    left -= count
    return true
  }
}
