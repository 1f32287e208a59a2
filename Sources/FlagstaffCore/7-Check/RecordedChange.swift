// An audit event as whoever verifies approvals reads it: what changed, who is said to have approved
// it, and the verdict that let it through. It is a record, so nothing of it is believed; an event
// that cannot be read this way is named as one that nobody can judge.

internal import Documents
package import Signing

/// What one event says about approvals.
package struct RecordedChange: Sendable {
  package let sequence: Int
  let instant: Instant
  let workspace: String
  let place: Subject.Place
  let kind: String
  let key: String
  let classes: [String]
  /// Of the scope, or of trust.
  let version: Int
  let generation: Int
  let before: Node?
  let after: Node?
  let exposure: [(flag: String, buckets: Int)]
  let approvals: [Approval]
  /// Nil where nothing judged it.
  let verdict: RecordedVerdict?
  let mode: ApprovalMode
  /// Whether somebody at a machine of the installation acted, and no pass.
  let isByOperator: Bool

  /// Reads an event of the log; nil where it is about the log itself.
  ///
  /// - Throws: `AuditFailure` where it is neither.
  package init?(_ event: AuditEvent) throws(AuditFailure) {
    func failure(_ what: String) -> AuditFailure {
      AuditFailure(sequence: event.sequence, reason: "it says no \(what) that can be judged")
    }
    guard let body = try? JSONReader.read(event.bytes, depthMax: Limits.storedDepthMax),
      let kind = body["subject"]?["kind"]?.string, let key = body["subject"]?["key"]?.string,
      let instant = body["instant"]?.string.flatMap(Instant.init),
      let mode = body["mode"]?.string.flatMap(ApprovalMode.init)
    else { throw failure("change") }
    if kind == AuditRotation.kind { return nil }
    guard let version = body["version"]?.integer, let generation = body["generation"]?.integer
    else { throw failure("version and generation") }
    if let environment = body["environment"]?.string, let customer = body["customer"]?.string {
      place = .scope(ScopeID(environment: environment, customer: customer))
    } else if TrustKind(rawValue: kind) != nil, body["environment"] == nil {
      place = .trust
    } else {
      throw failure("place")
    }
    guard let approvals = [Approval](body["approvals"]) else { throw failure("approvals") }
    verdict = try body["verdict"].map { node throws(AuditFailure) in
      guard let verdict = RecordedVerdict(node) else { throw failure("verdict") }
      return verdict
    }
    sequence = event.sequence
    self.instant = instant
    workspace = body["workspace"]?.string ?? ""
    (self.kind, self.key, self.version, self.generation) = (kind, key, version, generation)
    classes = (body["classes"]?.sequence ?? []).compactMap(\.string)
    (before, after) = (body["before"], body["after"])
    exposure = (body["exposure"]?.sequence ?? []).compactMap { part in
      guard let flag = part["flag"]?.string, let buckets = part["buckets"]?.integer else {
        return nil
      }
      return (flag, buckets)
    }
    self.approvals = approvals
    self.mode = mode
    isByOperator = body["actor"]?["kind"]?.string == "operator"
  }

  /// The digest of a form: SHA-256(tag(`definition`) + form).
  static func digest(of form: Node) -> Digest {
    Signing.sha256(Signing.tag("definition") + CanonicalJSON.bytes(form))
  }

  /// Evidence that is named as having counted, the accepted history included.
  package var evidence: [Digest] {
    (approvals + [verdict?.history].compactMap(\.self)).map(\.evidence)
  }

  /// Whether it has to be judged by evidence; trust is enforced in every mode.
  package var isJudged: Bool { place == .trust || mode == .enforce }

  /// The versions of trust that are named.
  package var trust: [Int] { verdict.map { [$0.judging, $0.newest] } ?? [] }

  package func failure(_ reason: String) -> AuditFailure {
    AuditFailure(sequence: sequence, reason: reason)
  }
}

/// What an event says about why its change was let through.
struct RecordedVerdict: Sendable {
  struct Policy: Sendable {
    let key: String
    let isExempt: Bool
    let isMet: Bool
  }

  let decision: String
  let judging: Int
  let newest: Int
  let contributors: Set<String>
  let isSomeoneUnknown: Bool
  let isSoleAdmin: Bool
  let history: Approval?
  let approvals: [Approval]
  let policies: [Policy]

  init?(_ node: Node) {
    guard let decision = node["decision"]?.string, let judging = node["judging"]?.integer,
      let newest = node["newest"]?.integer, let contributors = node["contributors"]?.sequence,
      let approvals = [Approval](node["approvals"]), let listed = node["policies"]?.sequence
    else { return nil }
    (self.decision, self.judging, self.newest) = (decision, judging, newest)
    self.contributors = Set(contributors.compactMap(\.string))
    isSomeoneUnknown = node["unknownCommits"]?.sequence?.isEmpty == false
    isSoleAdmin = node["soleAdmin"]?.boolean == true
    history = node["history"].flatMap(Approval.init)
    self.approvals = approvals
    policies = listed.compactMap { policy in
      policy["policy"]?.string.map {
        Policy(
          key: $0, isExempt: policy["exempt"] != nil, isMet: policy["met"]?.boolean == true)
      }
    }
    guard policies.count == listed.count, (node["history"] == nil) == (history == nil) else {
      return nil
    }
  }
}

extension Approval {
  /// Reads `{evidence,person,kind}`.
  fileprivate init?(_ node: Node) {
    guard let evidence = node["evidence"]?.string.flatMap(Digest.init(hexadecimal:)),
      let person = node["person"]?.string,
      let kind = node["kind"]?.string.flatMap(Evidence.Kind.init)
    else { return nil }
    self.init(evidence: evidence, person: person, kind: kind)
  }
}

extension [Approval] {
  fileprivate init?(_ node: Node?) {
    guard let listed = node?.sequence else { return nil }
    let read = listed.compactMap(Approval.init)
    guard read.count == listed.count else { return nil }
    self = read
  }
}
