// Sections of definitions that many tests begin with. Each is whole and correct; a test that wants
// something else replaces a text in it, and `replacing` refuses one that is not there.

enum Samples {
  /// A running experiment in a flag that has no other rule.
  static let running = """
    experiments:
      checkout:
        status: running
        traffic: 30%
        control: old
        variants: {old: 50, new: 50}
        environments: {production: {}}
    flags:
      page:
        variants: {old: {steps: 3}, new: {steps: 1}}
        off: old
        environments: {production: {}}
        rules: [{experiment: checkout}]
    """

  /// The same before it was started.
  static let draft = replacing(running, "status: running", "status: draft")

  /// A boolean flag.
  static let flag = """
    flags:
      search:
        environments: {production: {}}
    """

  /// A text with one part of it replaced by another.
  static func replacing(_ text: String, _ part: String, _ other: String) -> String {
    let pieces = text.split(separator: part, maxSplits: 1, omittingEmptySubsequences: false)
    precondition(pieces.count == 2, "\(part) is not in the sample")
    return pieces[0] + other + pieces[1]
  }
}

extension String {
  func replacingFirst(_ part: String, _ other: String) -> String {
    Samples.replacing(self, part, other)
  }
}
