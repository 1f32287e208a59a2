// How a test of this target fails: with the list of all places, one a line, in the form that
// editors and terminals make a link of.

import Testing

/// Records one issue that names every violation.
func expectNone(
  _ violations: [Violation], sourceLocation: SourceLocation = #_sourceLocation
) {
  let list = violations.map(\.description).joined(separator: "\n")
  #expect(
    violations.isEmpty, "\(violations.count) violations:\n\(list)", sourceLocation: sourceLocation)
}
