// A schema that cannot be used: a keyword whose value is of the wrong type, a reference to nowhere,
// a pattern that does not compile. Such a schema is refused as a whole when it is compiled; a check
// that is silently left out would be worse than none. What is allowed but looks like a mistake is a
// doubt, which the caller may tell of.

package import Documents

/// Why a schema was refused, and which part of it.
package struct SchemaError: Error, Hashable, CustomStringConvertible {
  /// The address of the document that the schema stands in.
  package let resource: String
  /// Where in it, as a JSON pointer (RFC 6901); empty for the whole.
  package let pointer: String
  /// Where the part stands in its file.
  package let position: Position
  /// What is wrong with it: a sentence without a full stop.
  package let reason: String
  /// What else is wrong, in the order of the file.
  package internal(set) var further: [SchemaError] = []

  package var description: String {
    "schema \(resource)#\(pointer): \(reason)"
  }
}

/// What the specification allows in a schema, and its author hardly means.
package struct SchemaDoubt: Hashable, Sendable {
  /// As in `SchemaError`.
  package let resource: String
  package let pointer: String
  package let position: Position
  /// What is doubtful: a sentence without a full stop.
  package let reason: String
  /// What was probably meant; nil where nothing known is near.
  package let suggestion: String?
}
