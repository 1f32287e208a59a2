// The codes of what a schema can find wrong with a document. A code never changes its meaning and
// is never used again for another.

package import Documents

extension Finding.Code {
  package static let unknownField = Self("FS1101", "An unknown field")
  package static let missingField = Self("FS1102", "A missing field")
  package static let wrongType = Self("FS1103", "A value of another type")
  /// Of the right type, but not allowed: by a list, a pattern, a range, a length.
  package static let wrongValue = Self("FS1104", "A value that is not allowed")
  /// None of several forms, or more than one where exactly one is allowed.
  package static let noAlternative = Self("FS1105", "None of the forms that are allowed")
  /// A pattern or a schema took too long to check: neither right nor wrong.
  package static let notChecked = Self("FS1106", "A check that gave up")
  /// A keyword that the draft allows, but that looks like another one. Only schemas that users
  /// write have it.
  package static let idleKeyword = Self(
    "FS1107", "A keyword that checks nothing", mayBeIgnored: true)
  /// A field that stands in an outer mapping than the one that it was meant for.
  package static let lostIndentation = Self("FS1108", "A field that lost its indentation")
}
