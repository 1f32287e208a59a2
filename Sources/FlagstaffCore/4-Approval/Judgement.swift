// What a plan is judged by, as one value: whoever gathers it reads clocks, commits and rows, and
// decides nothing; whoever judges reads nothing else. Without trust nothing is gated, and every
// output, event and pointer says so.

internal import Documents
internal import Signing

/// How strictly approvals were enforced, as events and pointers say it.
package enum ApprovalMode: String, Hashable, Sendable {
  case ungated
  /// Policies that are not met are told, and the change is applied. Trust, history and freezes are
  /// enforced all the same.
  case warn
  case enforce

  /// Why nothing is gated.
  package static let ungatedReason = "no trust has been initialised, so no approval is required"
}

package struct Judgement: Sendable {
  package let mode: ApprovalMode
  /// Nil where trust never began.
  package let trust: JudgingTrust?
  /// What was verified and is not withdrawn.
  package let evidence: EvidenceIndex
  /// What could not become evidence.
  package let setAside: [SetAside]
  /// Of each definition that the plan changes. What is missing here makes the verdict unknown.
  package let contributors: [Identity: Contributors]
  package let exposure: ExposureHistory
  package let freezes: [FreezeWindow]
  package let forward: Forward
  /// Who broke the glass for a definition, and nobody else has approved it since.
  package let openBreakGlasses: [Identity: Set<String>]
  /// Why nothing can be known, where that is so.
  package let doubt: Doubt?

  /// Where trust never began.
  package static let ungated = Judgement()

  /// - Parameter isWarning: whether policies only warn.
  package init(
    by trust: JudgingTrust, isWarning: Bool = false, evidence: [Evidence] = [],
    setAside: [SetAside] = [], contributors: [Identity: Contributors] = [:],
    exposure: ExposureHistory = ExposureHistory(), freezes: [FreezeWindow] = [],
    forward: Forward = .descends, openBreakGlasses: [Identity: Set<String>] = [:],
    doubt: Doubt? = nil
  ) {
    mode = isWarning ? .warn : .enforce
    self.trust = trust
    self.evidence = EvidenceIndex(evidence)
    self.setAside = setAside
    self.contributors = contributors
    self.exposure = exposure
    self.freezes = freezes
    self.forward = forward
    self.openBreakGlasses = openBreakGlasses
    self.doubt = doubt
  }

  private init() {
    mode = .ungated
    trust = nil
    evidence = EvidenceIndex([])
    setAside = []
    contributors = [:]
    exposure = ExposureHistory()
    freezes = []
    forward = .descends
    openBreakGlasses = [:]
    doubt = nil
  }
}

/// Why a verdict cannot be reached, and what would help.
package struct Doubt: Hashable, Sendable {
  package let reason: String
  package let remedy: String

  package init(reason: String, remedy: String) {
    self.reason = reason
    self.remedy = remedy
  }
}

/// Whether history goes forward: the head has to descend from what is applied.
package enum Forward: Hashable, Sendable {
  case descends
  /// It does not, and an ADMIN signed that it is meant so.
  case accepted(Approval)
  /// It does not.
  case waits(reason: String, remedy: String)

  /// Who accepted that it does not.
  var approval: Approval? {
    guard case .accepted(let approval) = self else { return nil }
    return approval
  }

  var wait: Plan.Wait? {
    guard case .waits(let reason, let remedy) = self else { return nil }
    return Plan.Wait(identity: nil, reason: reason, remedy: remedy)
  }
}

/// Verified evidence by what it is about, so that a plan of a thousand changes does not read all of
/// it a thousand times.
package struct EvidenceIndex: Sendable {
  struct Entry: Sendable {
    let evidence: Evidence
    let subject: Subject
  }

  private struct Place: Hashable {
    let place: Subject.Place
    let kind: String
    let key: String
  }

  package let all: [Evidence]
  private let entries: [Place: [Entry]]

  package init(_ evidence: [Evidence]) {
    // In one order, so that the same evidence gives the same verdict.
    all = evidence.sorted { $0.digest.bytes.lexicographicallyPrecedes($1.digest.bytes) }
    var entries: [Place: [Entry]] = [:]
    for evidence in all {
      for subject in evidence.covers {
        entries[Place(place: subject.place, kind: subject.kind, key: subject.key), default: []]
          .append(Entry(evidence: evidence, subject: subject))
      }
    }
    self.entries = entries
  }

  /// What is about a change's definition, whether it covers the change or not.
  func entries(about change: JudgedChange) -> [Entry] {
    entries[Place(place: change.place, kind: change.kind, key: change.key)] ?? []
  }
}
