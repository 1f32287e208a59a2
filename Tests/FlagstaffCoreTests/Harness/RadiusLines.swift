// A blast radius as a test writes it down: a line a class of users and a line a pair of variants.

import Documents
import FlagstaffCore

extension FlagRadius {
  /// `page now:` and `page 2026-…:` with the figures of each below.
  var lines: [String] {
    guard standing == .changed else { return ["\(flag) \(standing.rawValue)"] }
    return ["\(flag) now"] + now.lines
      + (largest.map { ["\(flag) at \($0.instant)"] + $0.lines } ?? [])
  }
}

extension FlagRadius.Figures {
  var lines: [String] {
    classes.flatMap(\.lines) + (forcedUnits > 0 ? ["forced \(forcedUnits)"] : [])
  }
}

extension FlagRadius.ClassFigures {
  /// `exact all: assignments 15% least 3%, values 15% least 3%`, then `old > new 9% least 3%`.
  var lines: [String] {
    let terms = users.map {
      ($0.isMet ? "" : "not ") + ($0.condition["value"].map(CanonicalJSON.string) ?? "?")
    }
    let who = terms.isEmpty ? "all" : terms.joined(separator: " & ")
    return [
      "\(isExact ? "exact" : "at most") \(who): assignments \(assignments.text),"
        + " values \(values.text)"
    ]
      + moves.map {
        "\($0.from ?? "nothing") > \($0.to ?? "nothing") \($0.share.percent)"
          + ($0.least == $0.share ? "" : " least \($0.least.percent)")
          + ($0.changesValue ? "" : ", same value")
      }
  }
}

extension FlagRadius.Moved {
  fileprivate var text: String {
    least == share ? share.percent : "\(share.percent) least \(least?.percent ?? "unknown")"
  }
}
