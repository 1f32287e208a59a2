// Finds values that look like credentials, because snapshots are public: whoever can read an origin
// would have them. Only forms that hardly anything else has are looked for, and passwords by the
// name of their field; identifiers, digests and embedded images pass.

internal import Documents

extension DefinitionReader {
  /// Looks through a payload, or the values of all variants.
  mutating func checkCredentials(in node: Node) {
    checkCredentials(in: node, named: nil)
  }

  private mutating func checkCredentials(in node: Node, named name: SecretName?) {
    switch node.value {
    case .mapping(let mapping):
      for entry in mapping.entries {
        checkCredentials(in: entry.value, named: SecretName(entry.key))
      }
    case .sequence(let items):
      for item in items { checkCredentials(in: item, named: name) }
    case .string(let text):
      guard let kind = Credential.kind(of: text, isNamedSecret: name != nil) else {
        if let name { checkName(name, of: text, at: node.position) }
        return
      }
      report(
        .credential, at: node.position, "this looks like \(kind), and snapshots are public",
        remedy: "Take it out, and replace the credential itself: it is in the history of Git")
    case .integer(let number):
      if let name { checkName(name, of: String(number), at: node.position) }
    case .null, .boolean, .number:
      break
    }
  }

  /// A short secret has no form; only the name of its field tells.
  private mutating func checkName(_ name: SecretName, of text: String, at position: Position) {
    guard name.mayHold(text) else { return }
    report(
      .namedLikeSecret, at: position,
      "\(name.text) is named like a secret, and snapshots are public",
      remedy: "Take it out, and replace it, since Git keeps it; if it is no secret, name the field"
        + " otherwise, or ignore this")
  }
}

enum Credential {
  /// What a text looks like, with an article; nil for what is most likely none.
  ///
  /// - Parameter isNamedSecret: whether the field that holds it is named like a secret.
  static func kind(of text: String, isNamedSecret: Bool) -> String? {
    guard text.utf8.count >= 12, isNamedSecret || hasMark(text) else { return nil }
    let bytes = Array(text.utf8)
    if isPrivateKey(bytes) { return "a private key" }
    if hasPassword(bytes) { return "an address with a password in it" }
    if let form = form(in: bytes) { return form.kind }
    if isWebToken(bytes) { return "a JSON Web Token" }
    if isNamedSecret, isRandom(bytes) { return "a password or a secret" }
    return nil
  }

  /// Whether a text has one of the bytes without which it is no form of credential: most prose and
  /// most names have none.
  private static func hasMark(_ text: String) -> Bool {
    var isAfterA = false
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "."): return true
      case UInt8(ascii: "K"), UInt8(ascii: "S"): if isAfterA { return true }
      default: break
      }
      isAfterA = byte == UInt8(ascii: "A")
    }
    return false
  }

  // MARK: Forms

  /// A prefix that a provider gives to its tokens, and what must follow.
  private struct Form {
    let kind: String
    let prefix: [UInt8]
    let lengthMin: Int
    var isUpperCase = false

    init(_ kind: String, _ prefix: String, lengthMin: Int, isUpperCase: Bool = false) {
      self.kind = kind
      self.prefix = Array(prefix.utf8)
      self.lengthMin = lengthMin
      self.isUpperCase = isUpperCase
    }

    /// Whether a word of the text that begins at a place is such a token.
    func isFound(at start: Int, in bytes: [UInt8]) -> Bool {
      guard start + prefix.count + lengthMin <= bytes.count,
        bytes[start...].starts(with: prefix), start == 0 || !isTokenByte(bytes[start - 1])
      else { return false }
      var end = start + prefix.count
      while end < bytes.count, isTokenByte(bytes[end]) { end += 1 }
      let length = end - start - prefix.count
      return isUpperCase ? length == lengthMin : length >= lengthMin
    }

    private func isTokenByte(_ byte: UInt8) -> Bool {
      isUpperCase ? byte.isUpperCase || byte.isDigit : byte.isTokenByte
    }
  }

  private static let forms = [
    Form("an access key of AWS", "AKIA", lengthMin: 16, isUpperCase: true),
    Form("an access key of AWS", "ASIA", lengthMin: 16, isUpperCase: true),
    Form("a token of GitHub", "ghp_", lengthMin: 36),
    Form("a token of GitHub", "gho_", lengthMin: 36),
    Form("a token of GitHub", "ghu_", lengthMin: 36),
    Form("a token of GitHub", "ghs_", lengthMin: 36),
    Form("a token of GitHub", "ghr_", lengthMin: 36),
    Form("a token of GitHub", "github_pat_", lengthMin: 40),
    Form("a token of GitLab", "glpat-", lengthMin: 20),
    Form("a token of Slack", "xoxb-", lengthMin: 20),
    Form("a token of Slack", "xoxp-", lengthMin: 20),
    Form("a token of Slack", "xoxa-", lengthMin: 20),
    Form("a token of Slack", "xoxs-", lengthMin: 20),
    Form("a secret key of Stripe", "sk_live_", lengthMin: 16),
    Form("a secret key of Stripe", "sk_test_", lengthMin: 16),
    Form("a secret key of Stripe", "rk_live_", lengthMin: 16),
    Form("a token of npm", "npm_", lengthMin: 36),
  ]

  /// By their first bytes: most bytes of a text begin none.
  private static let formsByFirst: [[Form]] = {
    var byFirst = [[Form]](repeating: [], count: 256)
    for form in forms { byFirst[Int(form.prefix[0])].append(form) }
    return byFirst
  }()

  private static func form(in bytes: [UInt8]) -> Form? {
    let byFirst = formsByFirst
    for place in bytes.indices where !byFirst[Int(bytes[place])].isEmpty {
      if let form = byFirst[Int(bytes[place])].first(where: { $0.isFound(at: place, in: bytes) }) {
        return form
      }
    }
    return nil
  }

  private static func isPrivateKey(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 27, let begin = place(of: Array("-----BEGIN ".utf8), in: bytes, from: 0)
    else { return false }
    return place(of: Array("PRIVATE KEY-----".utf8), in: bytes, from: begin) != nil
  }

  /// Three parts of base64url, the first two of them JSON objects.
  private static func isWebToken(_ bytes: [UInt8]) -> Bool {
    guard bytes.first == UInt8(ascii: "e") else { return false }
    let object = Array("eyJ".utf8)
    guard bytes.starts(with: object) else { return false }
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 3 && parts[1].starts(with: object)
      && parts.allSatisfy { $0.count >= 10 && $0.allSatisfy(\.isTokenByte) }
  }

  /// `scheme://user:password@host`. What a payload only describes, such as `<password>`, is passed
  /// over: it gives nobody access, and who is told of it learns to ignore the finding.
  private static func hasPassword(_ bytes: [UInt8]) -> Bool {
    guard bytes.contains(UInt8(ascii: "@")) else { return false }
    let separator = Array("://".utf8)
    guard let place = place(of: separator, in: bytes, from: 0), place > 0 else { return false }
    let rest = bytes[(place + separator.count)...]
    let authority = rest.prefix { !"/?# \t\n".utf8.contains($0) }
    guard let at = authority.lastIndex(of: UInt8(ascii: "@")),
      let colon = authority[..<at].firstIndex(of: UInt8(ascii: ":"))
    else { return false }
    let password = authority[(colon + 1)..<at]
    return password.count >= 3 && !isDescription(password)
  }

  /// Whether the whole of a password stands for another: `<…>`, `{…}`, `[…]`, `***`, `$NAME`,
  /// `${…}` and `%(…)s`. A password that merely has such a sign in it counts.
  private static func isDescription(_ password: ArraySlice<UInt8>) -> Bool {
    let text = Array(password)
    func isBetween(_ opening: String, _ closing: String) -> Bool {
      text.starts(with: opening.utf8) && text.reversed().starts(with: closing.utf8.reversed())
    }
    let isVariable =
      text.first == UInt8(ascii: "$")
      && text.dropFirst().allSatisfy { $0.isUpperCase || $0.isDigit || $0 == UInt8(ascii: "_") }
    return isVariable || text.allSatisfy { $0 == UInt8(ascii: "*") }
      || isBetween("<", ">") || isBetween("{", "}") || isBetween("[", "]")
      || isBetween("${", "}") || isBetween("%(", ")s")
  }

  // MARK: Passwords

  /// Letters and digits without a pattern: 16 bytes or more of one word, at least ten of them
  /// different, and no UUID.
  private static func isRandom(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 16, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return false }
    let isUUID =
      bytes.count == 36 && bytes.filter { $0 == UInt8(ascii: "-") }.count == 4
      && bytes.allSatisfy { $0 == UInt8(ascii: "-") || $0.isHexadecimal }
    let hasBoth = bytes.contains(where: \.isDigit) && bytes.contains { $0.isLetter }
    return !isUUID && hasBoth && Set(bytes).count >= 10
      && !bytes.contains { "/:{}<>$".utf8.contains($0) }
  }

  private static func place(of part: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    guard let first = part.first, bytes.count >= part.count, start <= bytes.count - part.count
    else { return nil }
    var place = start
    while place <= bytes.count - part.count {
      if bytes[place] == first, bytes[place..<(place + part.count)].elementsEqual(part) {
        return place
      }
      place += 1
    }
    return nil
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  fileprivate var isUpperCase: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
  fileprivate var isLowerCase: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
  fileprivate var isLetter: Bool { isUpperCase || isLowerCase }
  fileprivate var isAlphanumeric: Bool { isDigit || isLetter }
  fileprivate var isTokenByte: Bool {
    isAlphanumeric || self == UInt8(ascii: "_") || self == UInt8(ascii: "-")
  }
  fileprivate var isHexadecimal: Bool {
    isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
  }
}
