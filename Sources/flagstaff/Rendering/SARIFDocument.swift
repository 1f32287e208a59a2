// Findings as SARIF 2.1.0 (OASIS), which code scanning takes. Fingerprints are made of what a
// finding says and not of where it stands, so that an alert stays the same one when lines above it
// come and go. What is no finding (a scope that waits or failed) is a notification of the run.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import Signing

struct SARIFDocument {
  let root: SourceRoot
  /// Whether warnings count as errors, as they do for the exit code.
  var isStrict = false

  private static let rootID = "%SRCROOT%"

  /// - Parameter report: what a plan adds to its findings; nil for a check of files alone.
  func node(_ own: [Finding], _ report: PassReport? = nil) -> Node {
    let findings = own + Self.later(report, beside: own)
    let rules = Set(findings.map(\.code)).sorted { $0.rawValue.precedesInBytes($1.rawValue) }
    let places = Dictionary(uniqueKeysWithValues: zip(rules, rules.indices))
    var fingerprints = Fingerprints()
    let results = findings.map { finding in
      result(finding, rule: places[finding.code] ?? 0, fingerprint: fingerprints.next(finding))
    }
    return .fields([
      "$schema": .string("https://json.schemastore.org/sarif-2.1.0.json"),
      "version": .string("2.1.0"),
      "runs": .sequence([
        .fields([
          "tool": .fields(["driver": driver(rules.map(rule))]),
          "columnKind": .string("unicodeCodePoints"),
          "originalUriBaseIds": .fields([
            Self.rootID: .fields([
              "description": .fields(["text": .string("The root of the checkout.")])
            ])
          ]),
          "invocations": .sequence([invocation(report)]), "results": .sequence(results),
        ])
      ]),
    ])
  }

  /// What the schedule alone brings up, each with its instant before the message.
  private static func later(_ report: PassReport?, beside own: [Finding]) -> [Finding] {
    guard let report else { return [] }
    var known = Set(own)
    var later: [Finding] = []
    for step in report.scheduled ?? [] {
      for finding in report.at(step).allFindings where known.insert(finding).inserted {
        var told = finding
        told.message = "\(ScheduledText.heading(step.instant)): \(finding.message)"
        later.append(told)
      }
    }
    return later
  }

  private func driver(_ rules: [Node]) -> Node {
    .fields([
      "name": .string("Flagstaff"),
      "semanticVersion": .string(Flagstaff.version),
      "rules": .sequence(rules),
    ])
  }

  private func rule(_ code: Finding.Code) -> Node {
    .fields([
      "id": .string(code.rawValue),
      "shortDescription": .fields(["text": .string("\(code.title).")]),
      "defaultConfiguration": .fields(["level": .string(code.severity.rawValue)]),
    ])
  }

  private func result(_ finding: Finding, rule: Int, fingerprint: String) -> Node {
    let located = finding.notes.filter { $0.location != nil }
    return .fields([
      "ruleId": .string(finding.code.rawValue), "ruleIndex": .integer(rule),
      "level": .string((isStrict ? .error : finding.severity).rawValue),
      "message": message(
        FindingText.sentences(finding, notes: finding.notes.filter { $0.location == nil })),
      "locations": .sequence([.fields(["physicalLocation": place(finding.location)])]),
      "relatedLocations": located.isEmpty
        ? nil
        : .sequence(
          located.enumerated().map { number, note in
            .fields([
              "id": .integer(number + 1), "message": message([note.message]),
              "physicalLocation": note.location.map(place),
            ])
          }),
      "partialFingerprints": .fields(["primaryLocationLineHash": .string(fingerprint)]),
    ])
  }

  private func message(_ lines: [String]) -> Node {
    .fields(["text": .string(lines.map(Visible.text).joined(separator: "\n"))])
  }

  private func place(_ location: Location) -> Node {
    let position = location.position
    return .fields([
      "artifactLocation": .fields([
        "uri": .string(Self.uri(root.path(location.file))), "uriBaseId": .string(Self.rootID),
      ]),
      "region": position == .none
        ? nil
        : .fields([
          "startLine": .integer(Int(position.line)), "startColumn": .integer(Int(position.column)),
        ]),
    ])
  }

  /// A path as a relative reference (RFC 3986): what is not unreserved is written as its bytes.
  private static func uri(_ path: String) -> String {
    path.utf8.map { byte -> String in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D...0x2F, 0x5F, 0x7E:
        return String(UnicodeScalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        return "%" + (digits.count < 2 ? "0" : "") + digits
      }
    }.joined()
  }

  private func invocation(_ report: PassReport?) -> Node {
    guard let report else { return .fields(["executionSuccessful": .boolean(true)]) }
    let figures = PlanFigures(report)
    let later = (report.scheduled ?? []).flatMap { step in
      problems(PlanFigures(report.at(step)), after: [ScheduledText.heading(step.instant)])
    }
    let scheduled =
      ScheduledText.lines(report, countMax: Self.scheduledMax)
      .map { [notification("note", ["Later, by schedule alone:"] + $0)] } ?? []
    return .fields([
      "executionSuccessful": .boolean(figures.failed.isEmpty),
      "toolExecutionNotifications": .sequence(
        problems(figures, after: []) + [notification("note", PlanSummary(figures).sentences)]
          + later + scheduled),
    ])
  }

  /// Scheduled changes that are told.
  private static let scheduledMax = 200

  private func problems(_ figures: PlanFigures, after start: [String]) -> [Node] {
    figures.failed.map { scope, reason in
      notification("error", start + ["\(scope) failed: \(reason)"])
    }
      + (figures.waits + figures.approvals).map { scope, wait in
        notification("warning", start + ["\(scope) waits: \(wait.reason).", "\(wait.remedy)."])
      }
  }

  private func notification(_ level: String, _ lines: [String]) -> Node {
    .fields(["level": .string(level), "message": message(lines)])
  }
}

/// Names findings by what they say: `<16 hexadecimal digits>:<number>`, the number telling apart
/// those that say the same in one file.
private struct Fingerprints {
  private var seen: [String: Int] = [:]

  mutating func next(_ finding: Finding) -> String {
    let subject = [
      finding.code.rawValue, finding.location.file, Self.withoutPlaces(finding.message),
    ].joined(separator: "\u{0}")
    let name = String(Signing.sha256(Array(subject.utf8)).hexadecimal.prefix(16))
    seen[name, default: 0] += 1
    return "\(name):\(seen[name] ?? 1)"
  }

  /// Lines and columns that a message mentions move with the file.
  private static func withoutPlaces(_ message: String) -> String {
    message.replacing(/(line |column |:)[0-9]+/) { "\($0.output.1)" }
  }
}
