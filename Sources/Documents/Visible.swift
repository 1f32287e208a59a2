// Text of others made safe to show: what users wrote in files, names in trees, subjects of commits,
// messages of remotes. What nobody sees, and what could steer a terminal or reorder a line, is
// written as an escape, and so is what is not UTF-8.

package enum Visible {
  /// The text with an escape (`\u{202E}`) for each character that is not seen.
  package static func text(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHidden) else { return text }
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { append(scalar, to: &shown) }
    return String(shown)
  }

  /// The same of bytes. Where the whole is not UTF-8, every byte above 7F is written as `\xFF`.
  package static func text(bytes: some Collection<UInt8>) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return Self.text(text) }
    var shown = String.UnicodeScalarView()
    for byte in bytes {
      if byte < 0x80 {
        append(Unicode.Scalar(byte), to: &shown)
      } else {
        shown.append(contentsOf: "\\x\(String(byte, radix: 16, uppercase: true))".unicodeScalars)
      }
    }
    return String(shown)
  }

  /// Whether a character would act on a terminal or on the order of a line: control characters,
  /// separators of lines, and marks that change the direction of writing. No name may have one.
  /// Others that are not seen, such as what joins the parts of an emoji, may stand in names.
  package static func isActive(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
    default: false
    }
  }

  private static func append(
    _ scalar: Unicode.Scalar, to shown: inout String.UnicodeScalarView
  ) {
    guard isHidden(scalar) else { return shown.append(scalar) }
    let digits = String(scalar.value, radix: 16, uppercase: true)
    shown.append(contentsOf: "\\u{\(digits)}".unicodeScalars)
  }
}
