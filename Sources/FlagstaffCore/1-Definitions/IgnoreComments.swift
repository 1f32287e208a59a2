// `# flagstaff:ignore FS2123 why` silences a finding of that code on its line: at the end of the
// line, or alone on the line above. Only what leaves a definition that can be applied is silenced,
// never without a reason, and a comment that silences nothing is a finding itself, so that none
// outlives its purpose.

package import Documents

/// What the comments of a file silence.
struct IgnoreComment: Sendable {
  let position: Position
  /// The line of the findings that it silences.
  let line: UInt32
  let codes: [String]

  private static let word = "flagstaff:ignore"

  /// The comments of a document that silence something, and what is wrong with the others.
  static func read(_ document: Document) -> (ignores: [IgnoreComment], findings: [Finding]) {
    guard !document.comments.isEmpty else { return ([], []) }
    let alone = Set(document.comments.filter(\.isAlone).map(\.position.line))
    var ignores: [IgnoreComment] = []
    var findings: [Finding] = []
    for comment in document.comments {
      guard let words = words(after: word, in: comment.text) else { continue }
      let location = Location(file: document.file, position: comment.position)
      guard let codes = codes(words) else {
        findings.append(
          Finding(
            .incompleteIgnore, at: location, "this ignores nothing: it lacks a code or a reason",
            remedy: "Write `# \(word)`, one code or several with commas between them, and why"))
        continue
      }
      findings += codes.filter { !mayBeIgnored($0) }.map { code in
        Finding(
          .idleIgnore, at: location, "\(code) cannot be ignored",
          remedy: "Mend what it is about; only judgements and warnings can be ignored")
      }
      var line = comment.position.line
      if comment.isAlone {
        repeat { line += 1 } while alone.contains(line)
      }
      ignores.append(
        IgnoreComment(
          position: comment.position, line: line, codes: codes.filter(mayBeIgnored)))
    }
    return (ignores, findings)
  }

  /// The words behind the first one; nil where that is another.
  private static func words(after word: String, in text: String) -> [Substring]? {
    let words = text.split(whereSeparator: \.isWhitespace)
    return words.first.map { $0 == word[...] } == true ? Array(words.dropFirst()) : nil
  }

  /// `FS2123, FS2124 because …`: the codes, where each is one and a reason follows.
  private static func codes(_ words: [Substring]) -> [String]? {
    let last = words.firstIndex { !$0.hasSuffix(",") } ?? words.endIndex
    guard last < words.endIndex - 1 else { return nil }
    let codes = words[...last].flatMap { $0.split(separator: ",") }.map(String.init)
    return !codes.isEmpty && codes.allSatisfy(isCode) ? codes : nil
  }

  private static func isCode(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.count == 6 && bytes.starts(with: "FS".utf8)
      && bytes.dropFirst(2).allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  private static func mayBeIgnored(_ code: String) -> Bool {
    Finding.Code.ignorable.contains { $0.rawValue == code }
  }
}

/// The comments of all files.
package struct IgnoreTable: Sendable {
  private struct Place: Hashable {
    let file: Text
    let line: UInt32
    let code: String
  }

  private var places: [Place: Position] = [:]
  private var used: Set<Place> = []

  init(_ files: [CheckedFile]) {
    for file in files {
      for ignore in file.ignores {
        for code in ignore.codes {
          places[Place(file: Text(file.file), line: ignore.line, code: code)] = ignore.position
        }
      }
    }
  }

  /// Whether a comment silences a finding.
  package func silences(_ finding: Finding) -> Bool {
    !places.isEmpty && place(of: finding) != nil
  }

  /// The findings that no comment silences.
  mutating func remaining(of findings: [Finding]) -> [Finding] {
    guard !places.isEmpty else { return findings }
    return findings.filter { finding in
      guard let place = place(of: finding) else { return true }
      used.insert(place)
      return false
    }
  }

  /// A finding for each comment that silenced nothing.
  ///
  /// - Parameter isChecked: whether everything in a file was looked at.
  func unused(where isChecked: (String) -> Bool) -> [Finding] {
    places.compactMap { place, position in
      // What only a plan finds, nobody can miss here.
      let isOfPlan = place.code.hasPrefix("FS4")
      guard !used.contains(place), !isOfPlan, isChecked(place.file.string) else { return nil }
      return Finding(
        .unusedIgnore, at: Location(file: place.file.string, position: position),
        "there is no \(place.code) here to ignore", remedy: "Remove the comment, or its code")
    }
  }

  private func place(of finding: Finding) -> Place? {
    let place = Place(
      file: Text(finding.location.file), line: finding.location.position.line,
      code: finding.code.rawValue)
    return finding.code.mayBeIgnored && places[place] != nil ? place : nil
  }
}
