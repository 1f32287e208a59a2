// A layer's 10,000 buckets, put together where no rule tells them apart. Rules that share a layer,
// such as the members of a group or an experiment before and after, are told apart by it jointly:
// a cell is all buckets in which each of them gets the same answer.

internal import FlagstaffEvaluation

struct LayerCells: Sendable {
  struct Cell: Sendable {
    /// In the order of the layer's questions; -1 where the bucket is in none of the ranges.
    let answers: [Int]
    let count: Int
  }

  let cells: [Cell]

  init(_ questions: [FlagComparison.Question]) {
    var edges: [(bucket: Int, question: Int, answer: Int)] = []
    for (place, question) in questions.enumerated() {
      for (ranges, answer) in question.answers {
        for range in ranges.ranges {
          edges.append((range.lowerBound, place, answer))
          edges.append((range.upperBound, place, -1))
        }
      }
    }
    // An end stands before the beginning of the next range at the same bucket.
    edges.sort { ($0.bucket, $0.answer < 0 ? 0 : 1) < ($1.bucket, $1.answer < 0 ? 0 : 1) }
    var counts: [[Int]: Int] = [:]
    var answers = Array(repeating: -1, count: questions.count)
    var from = 0
    for edge in edges {
      if edge.bucket > from { counts[answers, default: 0] += edge.bucket - from }
      from = edge.bucket
      answers[edge.question] = edge.answer
    }
    if from < Share.whole { counts[answers, default: 0] += Share.whole - from }
    cells = counts.map { Cell(answers: $0, count: $1) }
  }
}

extension FlagComparison.Question {
  /// How many beginnings and ends its ranges have.
  var edgeCount: Int { answers.reduce(0) { $0 + 2 * $1.ranges.ranges.count } }
}
