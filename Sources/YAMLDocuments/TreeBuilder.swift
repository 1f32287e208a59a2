// The tree of a file, put together from events with a stack of its own, so that nesting costs no
// call stack. It goes on after a problem, so that one reading finds them all. This is the inner
// loop of `validate`: no string is made that does not end up in the tree or in a finding.

internal import Documents

/// Collects nodes into a tree, and what is wrong with them.
struct TreeBuilder {
  private(set) var root: Node?
  private(set) var problems: [YAMLProblem] = []
  /// The containers that are open, the innermost last.
  private var open: [Container] = []

  init() {
    open.reserveCapacity(16)
  }

  var depth: Int { open.count }

  /// Whether the next node is the key of a mapping.
  var expectsKey: Bool {
    guard let container = open.last else { return false }
    return container.isMapping && !container.hasKey
  }

  mutating func report(_ problem: YAMLProblem) {
    problems.append(problem)
  }

  mutating func append(key: String, at position: Position) {
    open[open.count - 1].setKey(key, at: position)
  }

  /// A key that was refused: its value is read and then dropped.
  mutating func appendRefusedKey() {
    open[open.count - 1].setKey(nil, at: .none)
  }

  mutating func append(_ node: Node) {
    if open.isEmpty {
      if root == nil { root = node }
    } else {
      open[open.count - 1].append(node)
    }
  }

  mutating func begin(isMapping: Bool, at position: Position) {
    let isKey = expectsKey
    let isDropped = open.last?.isDropped ?? false
    // One finding is enough for `{{ x }}`, a mapping as the key of a mapping as a key.
    if isKey, !isDropped { report(.keyNotScalar(at: position)) }
    open.append(
      Container(
        isMapping: isMapping, isKey: isKey, isDropped: isKey || isDropped, position: position))
  }

  mutating func end() {
    guard let container = open.popLast() else { return }
    if container.isKey {
      appendRefusedKey()
    } else if container.isMapping {
      reportDuplicates(container.entries)
      append(Node(.mapping(Mapping(container.entries)), at: container.position))
    } else {
      append(Node(.sequence(container.nodes), at: container.position))
    }
  }

  /// Linear for small mappings, where comparing is cheaper than hashing.
  private mutating func reportDuplicates(_ entries: [Mapping.Entry]) {
    guard entries.count > 1 else { return }
    if entries.count <= 12 {
      for index in 1..<entries.count {
        let entry = entries[index]
        for other in entries[..<index] where other.key.hasSameBytes(as: entry.key) {
          reportDuplicate(entry, first: other.keyPosition)
          break
        }
      }
      return
    }
    var seen: [Text: Position] = [:]
    seen.reserveCapacity(entries.count)
    for entry in entries {
      if let first = seen[Text(entry.key)] {
        reportDuplicate(entry, first: first)
      } else {
        seen[Text(entry.key)] = entry.keyPosition
      }
    }
  }

  private mutating func reportDuplicate(_ entry: Mapping.Entry, first: Position) {
    report(.duplicateKey(entry.key, at: entry.keyPosition, first: first))
  }
}

/// A sequence or mapping that is being read.
private struct Container {
  let isMapping: Bool
  /// It stands where a key should.
  let isKey: Bool
  /// It is such a key, or inside one: what it holds is not kept.
  let isDropped: Bool
  let position: Position
  var nodes: [Node] = []
  var entries: [Mapping.Entry] = []
  private(set) var hasKey = false
  private var key: String?
  private var keyPosition = Position.none

  init(isMapping: Bool, isKey: Bool, isDropped: Bool, position: Position) {
    self.isMapping = isMapping
    self.isKey = isKey
    self.isDropped = isDropped
    self.position = position
  }

  mutating func setKey(_ key: String?, at position: Position) {
    self.key = key
    keyPosition = position
    hasKey = true
  }

  mutating func append(_ node: Node) {
    guard isMapping else {
      nodes.append(node)
      return
    }
    if let key { entries.append(.init(key: key, keyPosition: keyPosition, value: node)) }
    hasKey = false
  }
}
