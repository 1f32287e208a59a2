// Suggestions with a bound: comparing a wrong name costs time for each known one, so where every
// name is wrong, only the first get one. Long lists of names are counted in a remedy, not told.

internal import Documents

struct Suggestions {
  /// How many more names are compared.
  private var comparisonsLeft = Limits.suggestionComparisonsMax
  /// How many names a remedy lists.
  private static let listedMax = 12

  /// What to do about a name that nothing bears.
  ///
  /// - Parameters:
  ///   - known: the names that there are.
  ///   - otherwise: what else could be done, as a sentence without a full stop.
  mutating func remedy(
    for word: String, among known: @autoclosure () -> [String], otherwise: String
  ) -> String {
    guard comparisonsLeft > 0 else { return otherwise }
    let names = known()
    comparisonsLeft -= max(names.count, 1)
    let sorted = names.sorted { $0.precedesInBytes($1) }
    guard let nearest = Spelling.likely(word, among: sorted) else { return otherwise }
    if sorted.count == 1, otherwise == Self.choice(sorted) { return "Write \(nearest)" }
    return "Did you mean \(nearest)? If not, \(otherwise.prefix(1).lowercased())"
      + otherwise.dropFirst()
  }

  /// `Name one of a, b`, or of how many there are.
  static func choice(_ names: [String]) -> String {
    if names.count == 1 { return "Name \(names[0])" }
    return names.count > listedMax
      ? "Name one of the \(names.count) that are defined"
      : "Name one of \(names.joined(separator: ", "))"
  }
}
