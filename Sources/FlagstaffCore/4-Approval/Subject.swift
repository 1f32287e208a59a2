// What an approval is about: one definition, from one registered form to another. The digests bind
// it to the exact effect, the generation to the one time at which it is to happen, so that an
// approval can be used neither for another form nor again.

internal import Documents
package import Signing

package struct Subject: Hashable, Sendable {
  package enum Place: Hashable, Sendable {
    case scope(ScopeID)
    /// People, teams, policies and the workspace.
    case trust
  }

  package let place: Place
  /// A kind of definition or of trust, as stored bytes spell it.
  package let kind: String
  package let key: String
  /// The generation that the change gives; nil where the evidence is a commit, which names none.
  package let generation: Int?
  /// The digest of the registered form; nil where there is none.
  package let before: Digest?
  /// The digest of the form to be applied; nil for a deletion.
  package let after: Digest?

  package init(
    place: Place, kind: String, key: String, generation: Int?, before: Digest?, after: Digest?
  ) {
    self.place = place
    self.kind = kind
    self.key = key
    self.generation = generation
    self.before = before
    self.after = after
  }
}

extension Subject {
  /// The order of statements: by customer, kind and key; what is trust's comes first.
  package func place(before other: Subject) -> Bool {
    let (ours, theirs) = (sortKeys, other.sortKeys)
    for (a, b) in zip(ours, theirs) where !a.hasSameBytes(as: b) { return a.precedesInBytes(b) }
    return false
  }

  private var sortKeys: [String] {
    guard case .scope(let scope) = place else { return ["", "", kind, key] }
    return [scope.environment, scope.customer, kind, key]
  }

  /// - Parameter withEnvironment: whether it is named here; a statement names it once for all.
  func node(withEnvironment: Bool) -> Node {
    var scope: ScopeID?
    if case .scope(let own) = place { scope = own }
    return .fields([
      "environment": withEnvironment ? scope.map { .string($0.environment) } : nil,
      "customer": scope.map { .string($0.customer) }, "kind": .string(kind), "key": .string(key),
      "generation": generation.map(Node.integer), "before": before.map { .string($0.hexadecimal) },
      "after": after.map { .string($0.hexadecimal) },
    ])
  }

  /// - Parameter environment: the one that is named for all; nil where each names its own.
  /// - Returns: nil where something that it needs is missing.
  init?(_ node: Node, environment: String?) {
    guard let kind = node["kind"]?.string, let key = node["key"]?.string else { return nil }
    let place: Place
    if let customer = node["customer"]?.string {
      guard let environment = environment ?? node["environment"]?.string else { return nil }
      place = .scope(ScopeID(environment: environment, customer: customer))
    } else {
      place = .trust
    }
    func digest(_ field: String) -> Digest?? {
      guard let value = node[field] else { return .some(nil) }
      return value.string.flatMap(Digest.init(hexadecimal:)).map { .some($0) }
    }
    guard let before = digest("before"), let after = digest("after") else { return nil }
    self.init(
      place: place, kind: kind, key: key, generation: node["generation"]?.integer, before: before,
      after: after)
  }
}
