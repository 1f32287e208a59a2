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

  /// The comments of a document that silence something, and what is wrong with the others.
  static func read(_ document: Document) -> (ignores: [IgnoreComment], findings: [Finding]) {
    guard !document.comments.isEmpty else { return ([], []) }
    let alone = Set(document.comments.filter(\.isAlone).map(\.position.line))
    var ignores: [IgnoreComment] = []
    var findings: [Finding] = []
    for comment in document.comments {
      guard let words = IgnoreWords(comment.text) else { continue }
      let location = Location(file: document.file, position: comment.position)
      if let fault = words.fault {
        findings.append(
          Finding(
            .incompleteIgnore, at: location, "this ignores nothing: \(fault)",
            remedy: "Write `\(words.asItShouldBe)`"))
        continue
      }
      findings += words.codes.filter { !mayBeIgnored($0) }.map { code in
        Finding(
          .idleIgnore, at: location, "\(code) is no finding that can be ignored",
          remedy: "Write the code of a judgement or a warning as it is told here; mend what other"
            + " findings are about")
      }
      var line = comment.position.line
      if comment.isAlone {
        repeat { line += 1 } while alone.contains(line)
      }
      ignores.append(
        IgnoreComment(
          position: comment.position, line: line, codes: words.codes.filter(mayBeIgnored)))
    }
    return (ignores, findings)
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

  private struct Line: Hashable {
    let file: Text
    let line: UInt32

    init(file: Text, line: UInt32) {
      (self.file, self.line) = (file, line)
    }

    init(_ location: Location) {
      self.init(file: Text(location.file), line: location.position.line)
    }
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
  /// - Parameters:
  ///   - findings: those that no comment silenced.
  ///   - isChecked: whether everything in a file was looked at.
  func unused(beside findings: [Finding], where isChecked: (String) -> Bool) -> [Finding] {
    guard used.count < places.count else { return [] }
    let others = Dictionary(
      findings.filter(\.code.mayBeIgnored).map { (Line($0.location), $0.code.rawValue) },
      uniquingKeysWith: { first, _ in first })
    return places.compactMap { place, position in
      // What only a plan finds, nobody can miss here.
      let isOfPlan = place.code.hasPrefix("FS4")
      guard !used.contains(place), !isOfPlan, isChecked(place.file.string) else { return nil }
      return Finding(
        .unusedIgnore, at: Location(file: place.file.string, position: position),
        "there is no \(place.code) here to ignore",
        remedy: others[Line(file: place.file, line: place.line)].map {
          "Write \($0), if that is meant; otherwise remove the comment, or its code"
        } ?? "Remove the comment, or its code")
    }
  }

  private func place(of finding: Finding) -> Place? {
    let place = Place(
      file: Text(finding.location.file), line: finding.location.position.line,
      code: finding.code.rawValue)
    return finding.code.mayBeIgnored && places[place] != nil ? place : nil
  }
}
