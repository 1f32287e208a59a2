// How full an exclusion group is, for a person and for a program. Shares come first, since that is
// what a new member asks for, and the ranges behind them.

internal import Documents
internal import FlagstaffCore
internal import FlagstaffEvaluation

enum OccupancyText {
  static func lines(_ occupancy: GroupOccupancy) -> [String] {
    let largest = occupancy.largestFree.map { ", the largest range \(text($0.count))" } ?? ""
    var lines = [
      "group \(occupancy.group)  \(share(occupancy.free)) free\(largest),"
        + " holdout \(share(occupancy.holdout))"
    ]
    lines += occupancy.members.map {
      "  \($0.experiment) holds \(share($0.ranges))  \(text($0.ranges))"
    }
    lines += occupancy.rests.map {
      "  \($0.experiment) released \(share($0.ranges)), which rests until \($0.until)"
        + "  \(text($0.ranges))"
    }
    return lines
  }

  static func node(_ occupancy: GroupOccupancy) -> Node {
    .fields([
      "group": .string(occupancy.group), "holdout": occupancy.holdout.node,
      "free": occupancy.free.node,
      "largestFree": occupancy.largestFree.map {
        .sequence([.integer($0.lowerBound), .integer($0.upperBound)])
      },
      "members": .sequence(
        occupancy.members.map { member in
          .fields(["experiment": .string(member.experiment), "ranges": member.ranges.node])
        }),
      "rests": .sequence(
        occupancy.rests.map { rest in
          .fields([
            "experiment": .string(rest.experiment), "ranges": rest.ranges.node,
            "until": .string(rest.until.description),
          ])
        }),
    ])
  }

  private static func share(_ ranges: BucketRanges) -> String { text(ranges.count) }

  private static func text(_ buckets: Int) -> String { Share.text(buckets) }

  /// `0–1999, 5000–8999`: buckets as they are counted, both ends included.
  private static func text(_ ranges: BucketRanges) -> String {
    ranges.ranges.map { "\($0.lowerBound)–\($0.upperBound - 1)" }.joined(separator: ", ")
  }
}
