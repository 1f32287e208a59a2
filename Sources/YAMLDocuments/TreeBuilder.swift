// The tree of a file, put together from events with a stack of its own, so that nesting costs no
// call stack. It goes on after a problem, so that one reading finds them all. This is the inner
// loop of `validate`: no string is made that does not end up in the tree or in a finding.

internal import Documents

/// Collects nodes into a tree, and what is wrong with them.
struct TreeBuilder: ~Copyable {
  private(set) var root: Node?
  private(set) var problems: [YAMLProblem] = []
  /// The containers that are open, the innermost on top.
  private var open = MovableStack<OpenContainer>(capacity: 16)
  /// The items of all open sequences.
  private var nodes = MovableStack<Node>(capacity: 64)
  /// The entries of all open mappings; the value of the last one may still be missing.
  private var entries = MovableStack<Mapping.Entry>(capacity: 64)

  var depth: Int { open.count }

  /// Whether the next node is the key of a mapping.
  var expectsKey: Bool {
    open.count > 0 && open.top.expectation == .key
  }

  mutating func report(_ problem: YAMLProblem) {
    problems.append(problem)
  }

  mutating func append(key: String, at position: Position) {
    entries.append(Mapping.Entry(key: key, keyPosition: position, value: .null))
    open.top.expectation = .value
  }

  /// A key that was refused: its value is read and then dropped.
  mutating func appendRefusedKey() {
    open.top.expectation = .droppedValue
  }

  mutating func append(_ node: consuming Node) {
    guard open.count > 0 else {
      if root == nil { root = node }
      return
    }
    switch open.top.expectation {
    case .item: nodes.append(node)
    case .value:
      entries.top.value = node
      open.top.expectation = .key
    case .key, .droppedValue: open.top.expectation = .key
    }
  }

  mutating func begin(isMapping: Bool, at position: Position) {
    let isKey = expectsKey
    let isDropped = open.count > 0 && open.top.isDropped
    // One finding is enough for `{{ x }}`, a mapping as the key of a mapping as a key.
    if isKey, !isDropped { report(.keyNotScalar(at: position)) }
    open.append(
      OpenContainer(
        isKey: isKey, isDropped: isKey || isDropped, position: position,
        start: isMapping ? entries.count : nodes.count, expectation: isMapping ? .key : .item))
  }

  mutating func end() {
    let container = open.removeTop()
    let node: Node
    if container.expectation == .item {
      node = Node(.sequence(nodes.take(from: container.start)), at: container.position)
    } else {
      let taken = entries.take(from: container.start)
      if taken.count > 1 { reportDuplicates(taken) }
      node = Node(.mapping(Mapping(taken)), at: container.position)
    }
    if container.isKey {
      appendRefusedKey()
    } else {
      append(node)
    }
  }

  /// Linear for small mappings, where comparing is cheaper than hashing.
  private mutating func reportDuplicates(_ entries: [Mapping.Entry]) {
    if entries.count <= 12 {
      for index in 1..<entries.count {
        for other in 0..<index
        where entries[other].key.utf8.count == entries[index].key.utf8.count
          && entries[other].key.hasSameBytes(as: entries[index].key)
        {
          reportDuplicate(entries[index], first: entries[other].keyPosition)
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

/// A sequence or mapping that is being read. It is not private because a private type in a stack
/// of a noncopyable struct makes Swift 6.3 emit a symbol that it refuses to link.
struct OpenContainer {
  /// What the next node is.
  enum Expectation {
    case item, key, value
    /// The value of a key that was refused.
    case droppedValue
  }

  /// It stands where a key should.
  let isKey: Bool
  /// It is such a key, or inside one: what it holds is not kept.
  let isDropped: Bool
  let position: Position
  /// Where its items or entries begin in the builder's stack of them.
  let start: Int
  var expectation: Expectation
}
