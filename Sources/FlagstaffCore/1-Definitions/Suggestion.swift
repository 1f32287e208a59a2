// The name that was probably meant, in the words of a remedy. A wrong name is mostly a slip of the
// hand, so the nearest known one is told first; what else could be done follows.

internal import Documents

struct Suggestion {
  private let nearest: String?

  init(of word: String, among known: some Sequence<String>) {
    nearest = Spelling.closest(to: word, among: known.sorted { $0.precedesInBytes($1) })
  }

  /// What to do: write the name that is near, or, where none is, something else.
  func remedy(otherwise: String) -> String {
    guard let nearest else { return otherwise }
    return "Did you mean \(nearest)? \(otherwise)"
  }
}
