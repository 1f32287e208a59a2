// Names of other systems as keys of ours. A key has lower-case letters only, so `myBoolFlag`
// becomes `my-bool-flag`. Applications ask for flags by their names, so every other name is told;
// two names that would become one key are never merged.

internal import Documents

/// Gives each name of one kind its key.
struct ForeignNames {
  private var keys: [Text: String] = [:]

  /// Names that are keys already keep theirs, whatever the others become.
  init(_ names: [String]) {
    var taken: Set<Text> = []
    for name in names where Key.isValid(name) {
      keys[Text(name)] = name
      taken.insert(Text(name))
    }
    for name in names where keys[Text(name)] == nil {
      let key = Self.key(name)
      guard Key.isValid(key), taken.insert(Text(key)).inserted else { continue }
      keys[Text(name)] = key
    }
  }

  /// Nil where the name can become no key, or another name has it.
  func key(_ name: String) -> String? { keys[Text(name)] }

  /// Words are divided where a capital follows a small letter or digit; whatever no key may hold
  /// becomes a hyphen.
  static func key(_ name: String) -> String {
    var key: [UInt8] = []
    var wasSmall = false
    for scalar in name.unicodeScalars {
      guard scalar.isASCII else {
        if key.last != hyphen { key.append(hyphen) }
        wasSmall = false
        continue
      }
      var byte = UInt8(scalar.value)
      let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      if isCapital {
        if wasSmall { key.append(hyphen) }
        byte |= 0x20
      }
      let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      wasSmall = !isCapital && (isLetter || isDigit)
      if isLetter || isDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") {
        key.append(byte)
      } else if key.last != hyphen {
        key.append(hyphen)
      }
    }
    let isEdge = { (byte: UInt8) in !Key.isValid(String(decoding: [byte], as: UTF8.self)) }
    let trimmed = key.drop(while: isEdge).reversed().drop(while: isEdge).reversed()
    return String(decoding: Array(trimmed), as: UTF8.self)
  }

  private static let hyphen = UInt8(ascii: "-")
}
