// How a check of files is shown: findings are results. In text the counts are a note, so that
// whoever pipes the output gets findings alone.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import Foundation

struct ValidationOutput {
  let terminal: Terminal
  let format: ReviewFormat
  /// Where the definitions stand, for formats that name files to a forge.
  let root: SourceRoot
  /// Whether warnings count as errors.
  let isStrict: Bool

  func show(_ loaded: LoadedDefinitions) {
    let definitions = loaded.definitions
    let (findings, files) = (definitions.findings, loaded.files)
    switch format {
    case .text: showText(loaded)
    case .json:
      terminal.result(
        CanonicalJSON.string(
          JSONDocument.findings(
            findings, files: files, definitions: definitions.count,
            held: definitions.heldScopes, goingOn: definitions.goingOnScopes)))
    case .markdown:
      terminal.page(
        FindingsComment(
          findings: findings, workspace: definitions.workspace?.id,
          definitions: definitions.count, files: files, held: definitions.held
        ).text)
    case .github:
      if !findings.isEmpty {
        terminal.result(WorkflowCommands(root: root, isStrict: isStrict).text(findings))
      }
    case .sarif:
      terminal.result(
        CanonicalJSON.string(SARIFDocument(root: root, isStrict: isStrict).node(findings)))
    case .junit:
      terminal.result(
        JUnitDocument(
          findings, definitions: definitions.count, files: files, isStrict: isStrict
        ).text)
    }
  }

  /// Says when an answer of several was found, on a line that divides it from the one before. JSON
  /// is a line an answer, and needs no other.
  ///
  /// - Parameter isNew: whether it is another than the last one, and so is shown.
  func beginAnswer(isNew: Bool) {
    guard format == .text else { return }
    let style = Date.ISO8601FormatStyle(timeZone: .current).time(includingFractionalSeconds: false)
    let time = Date.now.formatted(style)
    terminal.note(
      isNew
        ? "── \(time) " + String(repeating: "─", count: Self.separatorLength)
        : "   \(time) checked again, with the same result")
  }

  private static let separatorLength = 48

  private func showText(_ loaded: LoadedDefinitions) {
    let findings = loaded.definitions.findings
    if !findings.isEmpty { terminal.result(FindingText(terminal: terminal).text(findings)) }
    let counts =
      "\(Plural.text(loaded.definitions.count, "definition")) in"
      + " \(Plural.text(loaded.files, "file"))"
    let verdict = findings.isEmpty ? "no problems" : FindingText.count(findings)
    let isOnlyStrict =
      isStrict && !findings.isEmpty && findings.allSatisfy { $0.severity == .warning }
    let strictness = isOnlyStrict ? ", and --strict ends with 3 on warnings" : ""
    terminal.note("\(counts): \(verdict)\(strictness)")
    let (held, goingOn) = (loaded.definitions.heldScopes, loaded.definitions.goingOnScopes)
    if let line = HeldText.line(held: held, goingOn: goingOn) { terminal.note(line) }
  }
}
