// The codes of what a schema can find wrong with a document. A code never changes its meaning and
// is never used again for another.

package import Documents

extension Finding.Code {
  package static let unknownField = Finding.Code("FS1101")
  package static let missingField = Finding.Code("FS1102")
  package static let wrongType = Finding.Code("FS1103")
  /// Of the right type, but not allowed: by a list, a pattern, a range, a length.
  package static let wrongValue = Finding.Code("FS1104")
  /// None of several forms, or more than one where exactly one is allowed.
  package static let noAlternative = Finding.Code("FS1105")
  /// A pattern or a schema took too long to check: neither right nor wrong.
  package static let notChecked = Finding.Code("FS1106")
}
