// Semantic versions (semver.org 2.0.0) and what conditions ask of them: space-separated
// comparators, all required. There are no caret, tilde, wildcard or hyphen ranges, because their
// meaning differs between libraries. Versions are compared where they stand, without copies.

internal import Documents

/// Where the parts of a version stand in its text.
private struct VersionParts {
  var major = 0..<0
  var minor = 0..<0
  var patch = 0..<0
  /// Without the hyphen; empty where the version is a release.
  var prerelease: Range<Int>

  /// Reads `major.minor.patch[-prerelease][+build]`; nil for anything else.
  init?(_ text: UnsafeBufferPointer<UInt8>) {
    var offset = 0
    guard let major = Self.number(text, &offset), Self.dot(text, &offset),
      let minor = Self.number(text, &offset), Self.dot(text, &offset),
      let patch = Self.number(text, &offset)
    else { return nil }
    (self.major, self.minor, self.patch) = (major, minor, patch)
    prerelease = offset..<offset
    if offset < text.count, text[offset] == UInt8(ascii: "-") {
      let start = offset + 1
      guard let end = Self.identifiers(text, from: start, areCompared: true) else { return nil }
      prerelease = start..<end
      offset = end
    }
    if offset < text.count, text[offset] == UInt8(ascii: "+") {
      guard let end = Self.identifiers(text, from: offset + 1, areCompared: false)
      else { return nil }
      offset = end
    }
    guard offset == text.count else { return nil }
  }

  /// Digits without a leading zero.
  private static func number(
    _ text: UnsafeBufferPointer<UInt8>, _ offset: inout Int
  ) -> Range<Int>? {
    let start = offset
    while offset < text.count, isDigit(text[offset]) { offset += 1 }
    guard offset > start, offset == start + 1 || text[start] != UInt8(ascii: "0")
    else { return nil }
    return start..<offset
  }

  private static func dot(_ text: UnsafeBufferPointer<UInt8>, _ offset: inout Int) -> Bool {
    guard offset < text.count, text[offset] == UInt8(ascii: ".") else { return false }
    offset += 1
    return true
  }

  /// The end of dot-separated identifiers; nil where one of them is empty or, where they are
  /// compared, a number with a leading zero.
  private static func identifiers(
    _ text: UnsafeBufferPointer<UInt8>, from start: Int, areCompared: Bool
  ) -> Int? {
    var offset = start
    while true {
      let first = offset
      while offset < text.count, isIdentifier(text[offset]) { offset += 1 }
      guard offset > first else { return nil }
      if areCompared, offset > first + 1, text[first] == UInt8(ascii: "0"),
        isNumber(text, first..<offset)
      {
        return nil
      }
      guard offset < text.count, text[offset] == UInt8(ascii: ".") else { return offset }
      offset += 1
    }
  }

  static func isNumber(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    range.allSatisfy { isDigit(text[$0]) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isIdentifier(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}

/// Two versions being compared, by the precedence of semver.org 2.0.0, section 11.
private struct VersionComparison {
  let a: UnsafeBufferPointer<UInt8>
  let b: UnsafeBufferPointer<UInt8>

  func precedence(_ partsA: VersionParts, _ partsB: VersionParts) -> Ordering {
    let major = numbers(partsA.major, partsB.major)
    if major != .equal { return major }
    let minor = numbers(partsA.minor, partsB.minor)
    if minor != .equal { return minor }
    let patch = numbers(partsA.patch, partsB.patch)
    if patch != .equal { return patch }
    return prereleases(partsA.prerelease, partsB.prerelease)
  }

  /// Numbers without leading zeros and of any length: the longer one is greater.
  private func numbers(_ rangeA: Range<Int>, _ rangeB: Range<Int>) -> Ordering {
    if rangeA.count != rangeB.count { return rangeA.count < rangeB.count ? .less : .greater }
    return texts(rangeA, rangeB)
  }

  private func texts(_ rangeA: Range<Int>, _ rangeB: Range<Int>) -> Ordering {
    for (indexA, indexB) in zip(rangeA, rangeB) where a[indexA] != b[indexB] {
      return a[indexA] < b[indexB] ? .less : .greater
    }
    return rangeA.count == rangeB.count ? .equal : rangeA.count < rangeB.count ? .less : .greater
  }

  private func prereleases(_ rangeA: Range<Int>, _ rangeB: Range<Int>) -> Ordering {
    if rangeA.isEmpty || rangeB.isEmpty {
      return rangeA.isEmpty == rangeB.isEmpty ? .equal : rangeA.isEmpty ? .greater : .less
    }
    var (restA, restB) = (rangeA, rangeB)
    while !restA.isEmpty, !restB.isEmpty {
      let ordering = identifiers(Self.first(&restA, of: a), Self.first(&restB, of: b))
      if ordering != .equal { return ordering }
    }
    return restA.isEmpty == restB.isEmpty ? .equal : restA.isEmpty ? .less : .greater
  }

  /// Takes the identifier before the next dot off the front.
  private static func first(
    _ rest: inout Range<Int>, of text: UnsafeBufferPointer<UInt8>
  ) -> Range<Int> {
    let start = rest.lowerBound
    let end = rest.first { text[$0] == UInt8(ascii: ".") } ?? rest.upperBound
    rest = min(end + 1, rest.upperBound)..<rest.upperBound
    return start..<end
  }

  private func identifiers(_ rangeA: Range<Int>, _ rangeB: Range<Int>) -> Ordering {
    switch (VersionParts.isNumber(a, rangeA), VersionParts.isNumber(b, rangeB)) {
    case (true, true): numbers(rangeA, rangeB)
    case (true, false): .less
    case (false, true): .greater
    case (false, false): texts(rangeA, rangeB)
    }
  }
}

/// Comparators such as `>=1.2.0 <2.0.0`, all of which a version must meet. A version without a
/// sign before it must be equal. Build metadata is ignored, and a prerelease is compared by
/// precedence alone: `2.0.0-rc.1` meets `<2.0.0`.
package struct SemanticVersionRange: Sendable, CustomStringConvertible {
  package enum Sign: String, Sendable {
    case equal = "="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="

    package func accepts(_ ordering: Ordering) -> Bool {
      switch self {
      case .equal: ordering == .equal
      case .less: ordering == .less
      case .lessOrEqual: ordering != .greater
      case .greater: ordering == .greater
      case .greaterOrEqual: ordering != .less
      }
    }
  }

  package struct Comparator: Sendable {
    package let sign: Sign
    fileprivate let version: [UInt8]
    fileprivate let parts: VersionParts

    /// How this one's version stands to another's.
    package func precedence(over other: Comparator) -> Ordering {
      version.withUnsafeBufferPointer { a in
        other.version.withUnsafeBufferPointer { b in
          VersionComparison(a: a, b: b).precedence(parts, other.parts)
        }
      }
    }
  }

  package let comparators: [Comparator]

  /// Reads comparators that are separated by single spaces, none between a sign and its version;
  /// nil where there is none or one is malformed.
  package init?(_ text: String) {
    var comparators: [Comparator] = []
    for word in text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false) {
      let signs = word.prefix { "<>=".utf8.contains($0) }
      let version = Array(word.dropFirst(signs.count))
      guard let sign = Self.sign(String(decoding: signs, as: UTF8.self)),
        let parts = version.withUnsafeBufferPointer({ VersionParts($0) })
      else { return nil }
      comparators.append(Comparator(sign: sign, version: version, parts: parts))
    }
    self.comparators = comparators
  }

  private static func sign(_ text: String) -> Sign? {
    text.isEmpty ? .equal : Sign(rawValue: text)
  }

  /// The comparators as they are written, each with its sign.
  package var description: String {
    comparators.map { $0.sign.rawValue + String(decoding: $0.version, as: UTF8.self) }
      .joined(separator: " ")
  }

  /// Whether a text is a semantic version, of 256 bytes at most, that meets every comparator.
  package func contains(_ text: String) -> Bool {
    var copy = text
    return copy.withUTF8 { contains($0) }
  }

  func contains(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count <= Limits.versionBytesMax, let parts = VersionParts(text) else {
      return false
    }
    return comparators.allSatisfy { comparator in
      let ordering = comparator.version.withUnsafeBufferPointer {
        VersionComparison(a: text, b: $0).precedence(parts, comparator.parts)
      }
      return comparator.sign.accepts(ordering)
    }
  }
}
