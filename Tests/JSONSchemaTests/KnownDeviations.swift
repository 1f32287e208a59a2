// Optional tests of the official suite that do not hold, and why. A test compares this list with
// what happens, in both directions.

enum KnownDeviations {
  struct Deviation {
    /// File, group and test; where a part is absent, all of them.
    let name: [String]
    /// Of these, only what is invalid, and is let through.
    var onlyInvalid = false
    let reason: String

    func covers(_ name: [String], isValid: Bool) -> Bool {
      name.starts(with: self.name) && !(onlyInvalid && isValid)
    }
  }

  static let optional: [Deviation] = [
    Deviation(
      name: ["cross-draft"], reason: "other drafts are refused, not read as if they were this one")
  ]

  static let formats: [Deviation] = [
    Deviation(
      name: ["hostname", "validation of A-label (punycode) host names"], onlyInvalid: true,
      reason: "labels that begin with xn-- are not decoded: it takes the tables of IDNA"),
    Deviation(
      name: ["idn-hostname"], onlyInvalid: true,
      reason: "the format is not known here, so it asserts nothing: it takes the tables of IDNA"),
  ]
}
