// Short forms for nodes that the program makes itself: plans, events, snapshots. They carry no
// position. A field whose value is absent is left out, never written as null.

extension Node {
  package static let null = Node(.null)

  package static func boolean(_ boolean: Bool) -> Node { Node(.boolean(boolean)) }
  package static func integer(_ integer: Int) -> Node { Node(.integer(integer)) }
  package static func string(_ string: String) -> Node { Node(.string(string)) }
  package static func sequence(_ nodes: [Node]) -> Node { Node(.sequence(nodes)) }
  package static func strings(_ strings: [String]) -> Node { .sequence(strings.map(Node.string)) }

  /// A mapping of the given fields; those without a value are left out.
  package static func fields(_ fields: KeyValuePairs<String, Node?>) -> Node {
    var entries: [Mapping.Entry] = []
    entries.reserveCapacity(fields.count)
    for (key, value) in fields {
      if let value { entries.append(.init(key: key, value: value)) }
    }
    return Node(.mapping(Mapping(entries)))
  }

  /// A mapping of keys that are known only at run time, in the order given.
  package static func mapping(_ pairs: some Sequence<(String, Node)>) -> Node {
    Node(.mapping(Mapping(pairs.map { Mapping.Entry(key: $0.0, value: $0.1) })))
  }
}
