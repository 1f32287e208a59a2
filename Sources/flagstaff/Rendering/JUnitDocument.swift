// JUnit's XML, which GitLab and others show beside a pipeline. For definitions a file is a suite,
// and each error a failure; for a plan a scope is a suite, and each change a test that passes, is
// skipped while the scope waits, or fails where findings hold it.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

struct JUnitDocument {
  /// A test, with what is said of it.
  private struct Case {
    enum Ending { case passed, failure, error, skipped }

    let name: String
    var ending = Ending.passed
    /// One line.
    var message = ""
    var lines: [String] = []
  }

  private struct Suite {
    let name: String
    var cases: [Case] = []
  }

  private let suites: [Suite]

  /// What a check of files found.
  ///
  /// - Parameter isStrict: whether warnings fail too, as the exit code does.
  init(_ findings: [Finding], definitions: Int, files: Int, isStrict: Bool = false) {
    let checked = Case(
      name: "\(Plural.text(definitions, "definition")) in \(Plural.text(files, "file"))")
    suites =
      [Suite(name: "definitions", cases: [checked])]
      + Self.suites(findings, isStrict: isStrict)
  }

  /// What a plan found. Findings that hold a scope fail that scope's suite, and others their
  /// file's.
  init(_ report: PassReport) {
    let scopes = report.scopes.map { Self.suite($0, in: report) }
    let ofScopes = report.scopes.flatMap { scope -> [Finding] in
      if case .held(let findings) = scope.outcome { findings } else { [] }
    }
    let others = Set(report.allFindings).subtracting(ofScopes).sorted()
    let later = (report.scheduled ?? []).flatMap { step in
      step.scopes.map { Self.suite($0, in: report, at: step.instant) }
    }
    suites = scopes + later + Self.suites(others)
  }

  /// A scope at a scheduled instant. Exit codes speak of the plan at its own instant alone, so what
  /// will be held, fails or waits then is skipped, and says so.
  private static func suite(
    _ scope: PassReport.Scope, in report: PassReport, at instant: Instant
  ) -> Suite {
    let suite = suite(scope, in: report)
    let warnings: [Case] =
      if case .planned(let plan) = scope.outcome {
        plan.warnings.map { test($0, isStrict: false) }
      } else { [] }
    let cases = suite.cases.map { former in
      var test = former
      if test.ending == .failure || test.ending == .error { test.ending = .skipped }
      return test
    }
    return Suite(name: "\(suite.name) at \(instant), by schedule", cases: cases + warnings)
  }

  private static func suites(_ findings: [Finding], isStrict: Bool = false) -> [Suite] {
    var suites: [Suite] = []
    for finding in findings.sorted() {
      if suites.last?.name.hasSameBytes(as: finding.location.file) != true {
        suites.append(Suite(name: finding.location.file))
      }
      suites[suites.count - 1].cases.append(test(finding, isStrict: isStrict))
    }
    return suites
  }

  /// A warning passes unless warnings fail, and says what it has to say.
  private static func test(_ finding: Finding, isStrict: Bool) -> Case {
    let isError = isStrict || finding.severity == .error
    return Case(
      name: "\(finding.code.rawValue) at \(finding.location)",
      ending: isError ? .failure : .passed, message: finding.message,
      lines: ["\(finding.location): \(finding.severity.rawValue) \(finding.code.rawValue)"]
        + FindingText.sentences(finding))
  }

  private static func suite(_ scope: PassReport.Scope, in report: PassReport) -> Suite {
    var suite = Suite(name: scope.scope.description)
    switch scope.outcome {
    case .unchanged: suite.cases = [Case(name: "unchanged")]
    case .held(let findings): suite.cases = findings.map { test($0, isStrict: false) }
    case .failed(let reason):
      suite.cases = [Case(name: "plan", ending: .error, message: reason, lines: [reason])]
    case .planned(let plan), .applied(let plan, _), .waiting(let plan):
      suite.cases =
        plan.isEmpty
        ? [Case(name: "unchanged")] : tests(plan, scope.waits + scope.approvals(at: report.commit))
    }
    return suite
  }

  private static func tests(_ plan: Plan, _ waits: [Plan.Wait]) -> [Case] {
    let waits = waits.map { wait in
      Case(
        name: "waits" + (wait.identity.map { " for \($0)" } ?? ""), ending: .skipped,
        message: wait.reason, lines: ["\(wait.reason).", "\(wait.remedy)."])
    }
    return waits
      + plan.changes.map { change in
        var test = Case(
          name: "\(change.identity): \(change.classes.map(\.rawValue).joined(separator: ", "))",
          lines: DifferenceText.lines(
            before: change.before?.definition.form, after: change.after?.definition.form)
            + BlastRadiusText.lines(of: change))
        if !waits.isEmpty { (test.ending, test.message) = (.skipped, "the scope waits") }
        return test
      }
  }

  // MARK: XML

  var text: String {
    let body = suites.flatMap { suite in
      ["  <testsuite \(Self.attributes(suite.name, suite.cases))>"]
        + suite.cases.flatMap { Self.lines($0, in: suite) } + ["  </testsuite>"]
    }
    let root = "<testsuites \(Self.attributes("flagstaff", suites.flatMap(\.cases)))>"
    return (["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", root] + body + ["</testsuites>"])
      .joined(separator: "\n")
  }

  private static func attributes(_ name: String, _ cases: [Case]) -> String {
    func count(_ ending: Case.Ending) -> Int { cases.count { $0.ending == ending } }
    return "name=\"\(escaped(name))\" tests=\"\(cases.count)\" failures=\"\(count(.failure))\""
      + " errors=\"\(count(.error))\" skipped=\"\(count(.skipped))\""
  }

  private static func lines(_ test: Case, in suite: Suite) -> [String] {
    let open = "    <testcase classname=\"\(escaped(suite.name))\" name=\"\(escaped(test.name))\""
    let text = test.lines.map(escaped).joined(separator: "\n")
    let message = "message=\"\(escaped(test.message))\""
    let inside: String
    switch test.ending {
    case .passed where text.isEmpty: return ["\(open)/>"]
    case .passed: inside = "<system-out>\(text)</system-out>"
    case .failure: inside = "<failure \(message)>\(text)</failure>"
    case .error: inside = "<error \(message)>\(text)</error>"
    case .skipped:
      inside = "<skipped \(message)/>" + (text.isEmpty ? "" : "<system-out>\(text)</system-out>")
    }
    return ["\(open)>", "      \(inside)", "    </testcase>"]
  }

  /// What XML forbids is among what is made visible. Over scalars: a mark may combine with a sign.
  private static func escaped(_ text: String) -> String {
    Visible.text(text).unicodeScalars.map { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "'": "&#39;"
      default: String(scalar)
      }
    }.joined()
  }
}
