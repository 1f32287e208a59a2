// Pearson's chi-square test: how probable it is that chance alone makes a count differ from what
// was expected as much as it does. A small p over and over means that units are not split as
// intended.

internal import Foundation

/// The outcome of one test.
package struct ChiSquare: Hashable, Sendable {
  package let statistic: Double
  /// Categories less one.
  package let degreesOfFreedom: Int
  /// From 0 to 1.
  package let probability: Double

  /// Tests counts against the expected ones of the same sum. Nil with fewer than two categories
  /// that anything is expected in: then there is nothing to compare. A count where nothing is
  /// expected is impossible, and makes the probability 0.
  package init?(counts: [Int], expected: [Double]) {
    let categories = zip(counts, expected).filter { $0.1 > 0 || $0.0 > 0 }
    guard categories.count > 1 else { return nil }
    statistic = categories.reduce(0) { sum, category in
      let difference = Double(category.0) - category.1
      return sum + difference * difference / category.1
    }
    degreesOfFreedom = categories.count - 1
    probability = Self.probability(of: statistic, degreesOfFreedom: degreesOfFreedom)
  }

  /// The probability of a statistic at least this large: Q(k/2, x/2), the regularised upper
  /// incomplete gamma function (Abramowitz and Stegun, 26.4.19).
  package static func probability(of statistic: Double, degreesOfFreedom: Int) -> Double {
    let (shape, point) = (Double(degreesOfFreedom) / 2, statistic / 2)
    guard point > 0 else { return 1 }
    guard point.isFinite else { return 0 }
    return point < shape + 1
      ? 1 - lowerBySeries(shape, point) : upperByFraction(shape, point)
  }

  /// Beyond so many terms nothing changes any more, also for a thousand categories.
  private static let termsMax = 10_000

  /// P(a, x) by its series (6.5.29), which converges fast below a + 1.
  private static func lowerBySeries(_ shape: Double, _ point: Double) -> Double {
    var term = 1 / shape
    var sum = term
    for index in 1...termsMax {
      term *= point / (shape + Double(index))
      sum += term
      if term < sum * 1e-16 { break }
    }
    return sum * exp(shape * log(point) - point - lgamma(shape))
  }

  /// Q(a, x) by its continued fraction (6.5.31), evaluated by Lentz's method.
  private static func upperByFraction(_ shape: Double, _ point: Double) -> Double {
    let tiny = 1e-300
    var denominator = point + 1 - shape
    var c = 1 / tiny
    var d = 1 / denominator
    var fraction = d
    for index in 1...termsMax {
      let numerator = -Double(index) * (Double(index) - shape)
      denominator += 2
      d = numerator * d + denominator
      if abs(d) < tiny { d = tiny }
      c = denominator + numerator / c
      if abs(c) < tiny { c = tiny }
      d = 1 / d
      fraction *= d * c
      if abs(d * c - 1) < 1e-16 { break }
    }
    return fraction * exp(shape * log(point) - point - lgamma(shape))
  }
}
