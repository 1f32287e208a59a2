// A schema that cannot be used: a keyword that this engine does not implement, a reference to
// nowhere, a pattern that does not compile. Such a schema is refused as a whole when it is
// compiled; a check that is silently left out would be worse than none.

package import Documents

/// Why a schema was refused, and which part of it.
package struct SchemaError: Error, Hashable, CustomStringConvertible {
  /// The address of the schema resource.
  package let resource: String
  /// Where in it, as a JSON pointer (RFC 6901); empty for the whole.
  package let pointer: String
  /// Where the part stands in its file.
  package let position: Position
  /// What is wrong with it: a sentence without a full stop.
  package let reason: String

  package var description: String {
    "schema \(resource)#\(pointer): \(reason)"
  }
}
