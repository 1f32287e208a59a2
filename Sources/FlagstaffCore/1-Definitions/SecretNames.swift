// Which fields are named like secrets: by the last word of the name, so that `passwordPolicy` and
// `tokenLimit` pass, and what such a field may hold that is no secret. Forms translate `password`
// into a label, and designs know tokens, so words alone often say nothing.

internal import Documents

/// The name of a field that is named like a secret.
struct SecretName {
  private enum Kind {
    /// Hardly anything else bears the name.
    case password
    /// Other things bear it too: a token of a design, a key of a map.
    case token
  }

  let text: String
  private let words: [String]
  private let kind: Kind

  /// Nil for another name.
  init?(_ name: String) {
    guard Self.mayEnd(name) else { return nil }
    text = name
    words = Self.words(of: name)
    guard let last = words.last else { return nil }
    let pair = words.dropLast().last
    if ["password", "passwd", "pwd", "passphrase", "secret", "apikey"].contains(last) {
      kind = .password
    } else if last == "token" {
      kind = .token
    } else if last == "key",
      ["api", "private", "access", "secret", "signing", "encryption"].contains(pair)
    {
      kind = .password
    } else {
      return nil
    }
  }

  /// Whether the last two letters are those of one of these words: few other names end so, and
  /// names are many.
  private static func mayEnd(_ name: String) -> Bool {
    var last: UInt8?
    for byte in name.utf8.reversed() {
      let letter = byte | 0x20
      guard (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter) else { continue }
      guard let last else {
        last = letter
        continue
      }
      switch (letter, last) {
      case (UInt8(ascii: "r"), UInt8(ascii: "d")), (UInt8(ascii: "w"), UInt8(ascii: "d")),
        (UInt8(ascii: "s"), UInt8(ascii: "e")), (UInt8(ascii: "e"), UInt8(ascii: "t")),
        (UInt8(ascii: "e"), UInt8(ascii: "y")), (UInt8(ascii: "e"), UInt8(ascii: "n")):
        return true
      default: return false
      }
    }
    return false
  }

  /// What says how a password is dealt with, and is none.
  private static let settings: Set<String> = [
    "any", "basic", "default", "disabled", "enabled", "false", "hidden", "legacy", "login",
    "masked", "medium", "never", "none", "null", "off", "optional", "plain", "required", "reset",
    "show",
    "strict", "strong", "text", "true", "visible", "weak", "yes",
  ]

  /// Longer texts are told from others by how random they are.
  private static let lengths = 4..<16

  /// Whether a short text may be the secret itself.
  func mayHold(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard Self.lengths.contains(bytes.count), bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      !isStandIn(bytes)
    else {
      return false
    }
    let hasDigit = bytes.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let isLowerCase = bytes.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    switch kind {
    case .token:
      return hasDigit && bytes.count >= 6 && bytes.contains { $0 | 0x20 >= 0x61 }
        && !bytes.contains { "-/:.#".utf8.contains($0) }
    case .password:
      // Capitalised, a word is a label.
      return hasDigit
        || isLowerCase && !Self.settings.contains(text) && !words.contains(text)
        || bytes.contains { "!@$%^&*+=?~".utf8.contains($0) }
    }
  }

  /// Whether it stands for what is put in its place elsewhere, or names where that is.
  private func isStandIn(_ bytes: [UInt8]) -> Bool {
    bytes.contains { "<>{}[]/:".utf8.contains($0) } || bytes.first == UInt8(ascii: "$")
      || bytes.allSatisfy { $0 == UInt8(ascii: "*") }
  }

  /// `clientSecret`, `client-secret` and `client_secret` are two words each, in lower case.
  private static func words(of key: String) -> [String] {
    var words: [String] = [""]
    var isAfterLower = false
    for byte in key.utf8 {
      let isUpperCase = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      let isLowerCase = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      let isWordByte = isUpperCase || isLowerCase || isDigit
      if !isWordByte || (isUpperCase && isAfterLower) { words.append("") }
      isAfterLower = isLowerCase || isDigit
      guard isWordByte else { continue }
      words[words.count - 1] += String(UnicodeScalar(isUpperCase ? byte | 0x20 : byte))
    }
    return words.filter { !$0.isEmpty }
  }
}
