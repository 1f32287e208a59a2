// Which variant a user sees in one experiment must say nothing about another: else the effect of
// the one would be measured in the other. Sixty experiments with the same users, every pair of
// layers, χ² over the table of what they were assigned; ids, salts and users are fixed, so a
// failure is no accident of the day.

import FlagstaffCore
import FlagstaffEvaluation
import Testing

@Suite("Independence of layers")
struct IndependenceTests {
  private static let experiments = (1...60).map { "experiment-\($0)" }
  private static let users = (1...12_000).map { "user-\($0)" }

  /// One number a user: which cell of a layer the user falls into.
  private struct Layer {
    let cells: [UInt8]
    let cellCount: Int
  }

  private static func layer(_ salt: String, cellCount: Int) -> Layer {
    let hash = Murmur3(prefix: salt)
    let cells = users.map { hash.bucket(of: $0) * cellCount / BucketRanges.bucketCount }
    return Layer(cells: cells.map { UInt8($0) }, cellCount: cellCount)
  }

  private static func traffic(_ experiment: String, cellCount: Int) -> Layer {
    layer(Identifiers.experiment(experiment, of: "acme"), cellCount: cellCount)
  }

  private static func variants(_ experiment: String, cellCount: Int) -> Layer {
    layer(Identifiers.experiment(experiment, of: "acme") + "/1/", cellCount: cellCount)
  }

  /// Users out of half of the traffic, and those of each of three variants.
  private static func assignment(_ experiment: String) -> Layer {
    let traffic = traffic(experiment, cellCount: 2)
    let variants = variants(experiment, cellCount: 3)
    return Layer(
      cells: zip(traffic.cells, variants.cells).map { $0 == 0 ? $1 : 3 }, cellCount: 4)
  }

  /// Pearson's statistic over the table of two layers.
  private static func chiSquared(_ a: Layer, _ b: Layer) -> Double {
    var table = [Int](repeating: 0, count: a.cellCount * b.cellCount)
    var (rows, columns) = (
      [Int](repeating: 0, count: a.cellCount), [Int](repeating: 0, count: b.cellCount)
    )
    for user in a.cells.indices {
      let (row, column) = (Int(a.cells[user]), Int(b.cells[user]))
      table[row * b.cellCount + column] += 1
      rows[row] += 1
      columns[column] += 1
    }
    var sum = 0.0
    for row in rows.indices {
      for column in columns.indices {
        let expected = Double(rows[row]) * Double(columns[column]) / Double(a.cells.count)
        let difference = Double(table[row * b.cellCount + column]) - expected
        sum += difference * difference / expected
      }
    }
    return sum
  }

  /// The χ² that chance exceeds as often as a normal variable exceeds z (Wilson and Hilferty 1931).
  private static func quantile(_ freedom: Int, z: Double) -> Double {
    let part = 2 / (9 * Double(freedom))
    let root = 1 - part + z * part.squareRoot()
    return Double(freedom) * root * root * root
  }

  /// 5 is exceeded once in 3.5 million: Bonferroni for 1,770 pairs leaves one in 2,000.
  private static let zMax = 5.0

  @Test("What sixty experiments assign to the same users is independent in every pair")
  func pairs() {
    let layers = Self.experiments.map { Self.assignment($0) }
    let freedom = 9
    let bound = Self.quantile(freedom, z: Self.zMax)
    var (sum, count) = (0.0, 0)
    for first in layers.indices {
      for second in layers.indices.dropFirst(first + 1) {
        let found = Self.chiSquared(layers[first], layers[second])
        #expect(found < bound, "\(Self.experiments[first]) and \(Self.experiments[second])")
        sum += found
        count += 1
      }
    }
    #expect(count == 1_770)
    // A dependence too weak for any pair would lift the mean; its own deviation is 4.2 / √1770.
    #expect(abs(sum / Double(count) - Double(freedom)) < 0.5, "the mean is \(sum / Double(count))")
  }

  @Test("An experiment's traffic says nothing about its variants")
  func ownLayers() {
    let bound = Self.quantile(81, z: Self.zMax)
    var sum = 0.0
    for experiment in Self.experiments {
      let found = Self.chiSquared(
        Self.traffic(experiment, cellCount: 10), Self.variants(experiment, cellCount: 10))
      #expect(found < bound, "\(experiment)")
      sum += found
    }
    #expect(abs(sum / 60 - 81) < 8, "the mean is \(sum / 60)")
  }

  @Test("Every layer is uniform")
  func uniform() {
    let everyone = Layer(cells: Self.users.indices.map { UInt8($0 % 2) }, cellCount: 2)
    for experiment in Self.experiments {
      let layer = Self.variants(experiment, cellCount: 10)
      let share = Double(Self.users.count) / 10
      let counts = (0..<10).map { cell in layer.cells.count { Int($0) == cell } }
      let sum = counts.reduce(0.0) { $0 + (Double($1) - share) * (Double($1) - share) / share }
      #expect(sum < Self.quantile(9, z: Self.zMax), "\(experiment): \(counts)")
      // Nor does it follow the number in a user's name.
      #expect(Self.chiSquared(layer, everyone) < Self.quantile(9, z: Self.zMax), "\(experiment)")
    }
  }

  @Test("The test sees two layers that share a salt, and two that share a tenth of their users")
  func dependenceIsSeen() {
    let layer = Self.assignment("experiment-1")
    let bound = Self.quantile(9, z: Self.zMax)
    #expect(Self.chiSquared(layer, layer) > bound)
    let other = Self.assignment("experiment-2")
    let mixed = Layer(
      cells: layer.cells.indices.map { $0 % 10 == 0 ? layer.cells[$0] : other.cells[$0] },
      cellCount: 4)
    #expect(Self.chiSquared(layer, mixed) > bound)
  }
}
