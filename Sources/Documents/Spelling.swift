// "Did you mean": the nearest of the known words, by the number of letters that must be changed,
// added, left out or swapped with a neighbour. A suggestion is made only where the words are near,
// since a wrong one misleads.

package enum Spelling {
  /// The candidate that is nearest to a word; nil where none is near enough: a third of the
  /// letters may differ, at least one, at most three.
  package static func closest(to word: String, among candidates: [String]) -> String? {
    let letters = Array(word.utf8)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let other = Array(candidate.utf8)
      let allowed = min(3, max(1, max(letters.count, other.count) / 3))
      guard abs(letters.count - other.count) <= allowed, !letters.isEmpty else { continue }
      let distance = distance(letters, other)
      guard distance <= allowed, distance < other.count else { continue }
      if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
    }
    return best?.candidate
  }

  /// The candidate that is nearest to a word, or else the one that it abbreviates (`env`), or that
  /// begins it (`startDate`); nil where none is, or several are.
  package static func likely(_ word: String, among candidates: [String]) -> String? {
    if let closest = closest(to: word, among: candidates) { return closest }
    let longer = candidates.filter { candidate in
      continues(candidate, word) { (0x61...0x7A).contains($0) }
    }
    if longer.count == 1, word.utf8.count >= 3 { return longer[0] }
    let shorter = candidates.filter { candidate in
      candidate.utf8.count >= 4
        && continues(word, candidate) { (0x41...0x5A).contains($0) || $0 == 0x2D || $0 == 0x5F }
    }
    return shorter.count == 1 ? shorter[0] : nil
  }

  /// Whether a word begins with another, and goes on with such a byte.
  private static func continues(
    _ word: String, _ beginning: String, by isContinuation: (UInt8) -> Bool
  ) -> Bool {
    let rest = word.utf8.dropFirst(beginning.utf8.count)
    return word.utf8.starts(with: beginning.utf8) && rest.first.map(isContinuation) == true
  }

  /// The optimal string alignment distance; upper and lower case count as the same letter.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    let a = a.map(lowerCase)
    let b = b.map(lowerCase)
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    var row = last
    for i in 1...max(a.count, 1) where !a.isEmpty {
      row[0] = i
      for j in 1...max(b.count, 1) where !b.isEmpty {
        let change = a[i - 1] == b[j - 1] ? 0 : 1
        row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + change)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          row[j] = min(row[j], beforeLast[j - 2] + 1)
        }
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }

  private static func lowerCase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
