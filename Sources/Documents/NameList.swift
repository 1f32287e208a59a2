// Names in one line of a message: the first few, and how many there are besides. A list that is cut
// says so, since it would be taken for the whole.

extension [String] {
  /// `a, b`, or where there are more than so many `a, b and 3 more`.
  package func listed(atMost countMax: Int) -> String {
    let first = prefix(countMax).joined(separator: ", ")
    return count > countMax ? "\(first) and \(count - countMax) more" : first
  }
}
