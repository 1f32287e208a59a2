// Text of others made safe to show: names in trees, subjects of commits, messages of remotes. What
// could steer a terminal or reorder a line is written as an escape, and so is what is not UTF-8.

/// The bytes as text that can be shown: control and direction characters are written as escapes
/// (`\u{202E}`), and where the whole is not UTF-8 so is every byte above 7F (`\xFF`).
func visible(_ bytes: some Collection<UInt8>) -> String {
  var shown = String.UnicodeScalarView()
  if let text = String(validating: bytes, as: UTF8.self) {
    for scalar in text.unicodeScalars { appendVisible(scalar, to: &shown) }
    return String(shown)
  }
  for byte in bytes {
    if byte < 0x80 {
      appendVisible(Unicode.Scalar(byte), to: &shown)
    } else {
      shown.append(contentsOf: "\\x\(String(byte, radix: 16, uppercase: true))".unicodeScalars)
    }
  }
  return String(shown)
}

/// Whether a character would act on a terminal instead of being seen: the control characters, the
/// separators of lines, and the marks that change the direction of writing.
func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
  default: false
  }
}

private func appendVisible(_ scalar: Unicode.Scalar, to shown: inout String.UnicodeScalarView) {
  if isInvisible(scalar) {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    shown.append(contentsOf: "\\u{\(digits)}".unicodeScalars)
  } else {
    shown.append(scalar)
  }
}
