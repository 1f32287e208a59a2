// A statement of SQL that can only bind. It is written as a string literal; whatever is
// interpolated becomes a parameter of the statement, so no value of a user is ever read as SQL.
// What must be spelled out is either a constant of the program (`fragment:`) or quoted
// (`identifier:`). A string that is computed while the program runs cannot become a statement at
// all.

package import Documents

/// A statement and the values bound to its parameters `$1`, `$2`, ….
///
///     let statement: SQL = "SELECT version FROM scopes WHERE environment = \(environment)"
package struct SQL: Sendable, ExpressibleByStringInterpolation {
  /// A value on its way to the server.
  struct Parameter: Sendable {
    /// The type's object identifier; 0 lets the server infer it from where the parameter stands.
    let type: UInt32
    /// Nil for SQL's NULL.
    let bytes: [UInt8]?
    let isBinary: Bool
  }

  /// The text with numbered parameters; it holds no bound value and may be shown.
  let text: String
  let parameters: [Parameter]

  package init(stringLiteral value: StaticString) {
    text = value.description
    parameters = []
  }

  package init(stringInterpolation: StringInterpolation) {
    text = stringInterpolation.text
    parameters = stringInterpolation.parameters
  }
}

extension SQL {
  /// Builds a statement. The literal parts are `StaticString`: that keeps computed text out.
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate(set) var text = ""
    fileprivate(set) var parameters: [Parameter] = []

    package init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 3 * interpolationCount)
      parameters.reserveCapacity(interpolationCount)
    }

    package mutating func appendLiteral(_ literal: StaticString) {
      text += literal.description
    }

    /// Text whose type the server infers: a uuid, a numeric or a jsonb can be bound in this way.
    package mutating func appendInterpolation(_ value: String?) {
      bind(value.map { Array($0.utf8) }, type: 0)
    }

    /// A bigint.
    package mutating func appendInterpolation(_ value: Int?) {
      bind(value.map { Array(String($0).utf8) }, type: 20)
    }

    package mutating func appendInterpolation(_ value: Bool?) {
      bind(value.map { [UInt8(ascii: $0 ? "t" : "f")] }, type: 16)
    }

    /// A bytea, sent as it is.
    package mutating func appendInterpolation(_ value: [UInt8]?) {
      bind(value, type: 17, isBinary: true)
    }

    /// A text[], for `= ANY(…)` and `unnest(…)`.
    package mutating func appendInterpolation(_ value: [String]) {
      bind(Array(Self.arrayLiteral(value).utf8), type: 1009)
    }

    /// A timestamptz.
    package mutating func appendInterpolation(_ value: Instant?) {
      bind(value.map { Array($0.description.utf8) }, type: 1184)
    }

    /// A constant of the program that takes part in the statement as it stands.
    package mutating func appendInterpolation(fragment: StaticString) {
      text += fragment.description
    }

    /// A name, quoted.
    package mutating func appendInterpolation(identifier: String) {
      text += SQL.quoted(identifier: identifier)
    }

    private mutating func bind(_ bytes: [UInt8]?, type: UInt32, isBinary: Bool = false) {
      parameters.append(Parameter(type: type, bytes: bytes, isBinary: isBinary))
      text += "$\(parameters.count)"
    }

    /// PostgreSQL manual, section 8.15.2: inside quotes, `"` and `\` take a backslash.
    private static func arrayLiteral(_ values: [String]) -> String {
      let elements = values.map { value in
        var element = "\""
        for scalar in value.unicodeScalars {
          if scalar == "\"" || scalar == "\\" { element.unicodeScalars.append("\\") }
          element.unicodeScalars.append(scalar)
        }
        return element + "\""
      }
      return "{\(elements.joined(separator: ","))}"
    }
  }

  /// A name in double quotes, which are doubled inside (PostgreSQL manual, section 4.1.1).
  static func quoted(identifier: String) -> String {
    var result = "\""
    for scalar in identifier.unicodeScalars {
      if scalar == "\"" { result.unicodeScalars.append("\"") }
      result.unicodeScalars.append(scalar)
    }
    return result + "\""
  }
}
