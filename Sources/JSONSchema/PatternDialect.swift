// The one difference between ECMA-262 and PCRE2 that patterns of schemas meet: ECMA-262 knows the
// general categories of Unicode by long names too (`\p{Letter}`), PCRE2 10.42 by short ones only.
// Patterns are translated before they are compiled, so that editors and Flagstaff agree.

internal import Documents

enum PatternDialect {
  /// A pattern for PCRE2.
  static func translated(_ pattern: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(pattern.count)
    var index = 0
    while index < pattern.count {
      let byte = pattern[index]
      output.append(byte)
      index += 1
      guard byte == UInt8(ascii: "\\"), index < pattern.count else { continue }
      let escaped = pattern[index]
      output.append(escaped)
      index += 1
      guard escaped | 0x20 == UInt8(ascii: "p"), index < pattern.count,
        pattern[index] == UInt8(ascii: "{"),
        let end = pattern[index...].firstIndex(of: UInt8(ascii: "}"))
      else { continue }
      let name = String(decoding: pattern[(index + 1)..<end], as: UTF8.self)
      let bare = name.hasPrefix("General_Category=") ? String(name.dropFirst(17)) : name
      output += Array("{\(categories[Text(bare)] ?? bare)}".utf8)
      index = end + 1
    }
    return output
  }

  /// Unicode Character Database, PropertyValueAliases.txt, `gc`.
  private static let categories: [Text: String] = [
    "Letter": "L", "Cased_Letter": "L&", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll",
    "Titlecase_Letter": "Lt", "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M",
    "Nonspacing_Mark": "Mn", "Spacing_Mark": "Mc", "Enclosing_Mark": "Me", "Number": "N",
    "Decimal_Number": "Nd", "Letter_Number": "Nl", "Other_Number": "No", "Punctuation": "P",
    "Connector_Punctuation": "Pc", "Dash_Punctuation": "Pd", "Open_Punctuation": "Ps",
    "Close_Punctuation": "Pe", "Initial_Punctuation": "Pi", "Final_Punctuation": "Pf",
    "Other_Punctuation": "Po", "Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc",
    "Modifier_Symbol": "Sk", "Other_Symbol": "So", "Separator": "Z", "Space_Separator": "Zs",
    "Line_Separator": "Zl", "Paragraph_Separator": "Zp", "Other": "C", "Control": "Cc",
    "Format": "Cf", "Surrogate": "Cs", "Private_Use": "Co", "Unassigned": "Cn",
  ]
}
