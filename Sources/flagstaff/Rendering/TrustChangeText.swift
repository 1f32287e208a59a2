// Changes of trust for whoever is about to sign them: what differs, in whole. Keys are shown by
// their fingerprints, as everywhere else, shares as percentages. Nothing is cut: what a signer does
// not see he did not approve.

internal import Documents
internal import FlagstaffCore
internal import SSHSignatures

enum TrustChangeText {
  /// A change with what differs.
  static func lines(_ change: TrustChange) -> [String] {
    let classes = change.classes.map(\.rawValue).joined(separator: ", ")
    let after = change.after.map { shown($0.form) }
    let before = change.before.map { shown($0.form) }
    return ["  \(Visible.text(change.identity.description))  \(classes)"]
      + (after == nil ? [] : differences(before, after, at: [])).map { "      \($0)" }
  }

  // MARK: What differs

  private static func differences(_ old: Node?, _ new: Node?, at path: [String]) -> [String] {
    if old == new { return [] }
    let name = path.map(Visible.text).joined(separator: ".")
    if let new = new?.mapping, old == nil || old?.mapping != nil {
      let former = old?.mapping?.entries ?? []
      let names = Set((former + new.entries).map { Text($0.key) }).sorted()
      if !names.isEmpty {
        return names.flatMap {
          differences(old?[$0.string], new[$0.string], at: path + [$0.string])
        }
      }
    }
    if let old = old?.sequence, let new = new?.sequence {
      let (gone, come) = (left(of: old, without: new), left(of: new, without: old))
      let parts = [("loses", gone), ("gains", come)].filter { !$0.1.isEmpty }
        .map { verb, nodes in "\(verb) \(nodes.map(words).joined(separator: ", "))" }
      return ["\(name): \(parts.isEmpty ? "in another order" : parts.joined(separator: "; "))"]
    }
    guard let old else { return ["\(name): \(new.map(words) ?? "none")"] }
    return ["\(name): \(words(old)) → \(new.map(words) ?? "none")"]
  }

  /// The elements of one list that another does not have, as often as it has them.
  private static func left(of list: [Node], without other: [Node]) -> [Node] {
    var other = other
    return list.filter { node in
      guard let place = other.firstIndex(of: node) else { return true }
      other.remove(at: place)
      return false
    }
  }

  private static func words(_ node: Node) -> String {
    if let entries = node.mapping?.entries {
      let parts = entries.map { "\(Visible.text($0.key)): \(words($0.value))" }
      return "{\(parts.joined(separator: ", "))}"
    }
    if let elements = node.sequence {
      return "[\(elements.map(words).joined(separator: ", "))]"
    }
    return Visible.text(node.string ?? CanonicalJSON.string(node))
  }

  // MARK: Forms as they are shown

  /// A form without what the line above it says, keys as fingerprints, buckets as shares.
  private static func shown(_ form: Node) -> Node {
    .mapping(
      (form.mapping?.entries ?? []).filter { !["kind", "key"].contains($0.key) }.map { entry in
        switch entry.key {
        case "keys": (entry.key, .sequence((entry.value.sequence ?? []).map(key)))
        case "match":
          (entry.key, replacing("blastRadius", in: entry.value) { share("atLeast", $0) })
        case "deletionBudget": (entry.key, share("share", entry.value))
        default: (entry.key, entry.value)
        }
      })
  }

  private static func key(_ key: Node) -> Node {
    guard key.mapping != nil else { return key }
    return replacing("ssh", in: key) { text in
      let key = text.string.flatMap { try? SSHPublicKey($0) }
      return key.map { .string($0.fingerprint) } ?? text
    }
  }

  private static func share(_ field: String, _ node: Node) -> Node {
    replacing(field, in: node) { $0.integer.map { .string(Share.text($0)) } ?? $0 }
  }

  private static func replacing(_ field: String, in node: Node, by make: (Node) -> Node) -> Node {
    .mapping(
      (node.mapping?.entries ?? []).map { entry in
        (entry.key, entry.key == field ? make(entry.value) : entry.value)
      })
  }
}
