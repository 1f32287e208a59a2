// Schemas to compiled schemas. A list of pending work takes the place of recursion, so that a long
// chain of references cannot exhaust the stack. A loop of references that never descends into the
// document is refused here, since it could never be checked.

internal import Documents

/// Compiles everything that is reachable from one schema.
final class SchemaCompiler {
  private var schemas: [CompiledSchema] = []
  private let resources: [String: Resource]
  private var indexes: [SchemaLocation: Int] = [:]
  private var pending: [(index: Int, node: Node, location: SchemaLocation)] = []

  init(_ nodes: [String: Node]) throws(SchemaError) {
    var resources: [String: Resource] = [:]
    for (address, node) in nodes.sorted(by: { $0.key.precedesInBytes($1.key) }) {
      let id = node["$id"]?.string
      let base = id.map { Address.resolved($0, against: address) } ?? address
      let name = Address.withoutFragment(base)
      let resource = Resource(address: name, root: node)
      if id != nil, let other = resources[name], other.root != node {
        throw SchemaLocation(resource: name).error("two schemas have this $id", node)
      }
      resources[name] = resource
      resources[Address.withoutFragment(address)] = resource
    }
    self.resources = resources
  }

  /// Compiles the schema of an address and all that it refers to.
  func compile(_ address: String) throws(SchemaError) -> (root: Int, program: Program) {
    let root = try index(
      ofReference: address, from: SchemaLocation(resource: address), at: .null)
    while let next = pending.popLast() {
      schemas[next.index] = try compiled(next.node, at: next.location)
    }
    try refuseLoops()
    return (root, Program(schemas))
  }

  /// The index of the schema at a place, which is compiled later if it is new.
  func index(of node: Node, at location: SchemaLocation) -> Int {
    if let known = indexes[location] { return known }
    let index = schemas.count
    schemas.append(CompiledSchema())
    indexes[location] = index
    pending.append((index, node, location))
    return index
  }

  /// The index of the schema that a `$ref` names.
  ///
  /// - Parameter node: the reference itself, for its position.
  func index(ofReference reference: String, from location: SchemaLocation, at node: Node)
    throws(SchemaError) -> Int
  {
    let address = Address.resolved(reference, against: location.resource)
    guard let resource = resources[Address.withoutFragment(address)] else {
      throw location.error("there is no schema \(Address.withoutFragment(address))", node)
    }
    let fragment = Address.fragment(of: address)
    guard fragment.isEmpty || fragment.utf8.first == UInt8(ascii: "/") else {
      throw location.error("anchors such as '#\(fragment)' are not supported", node)
    }
    var target = SchemaLocation(resource: resource.address)
    var found = resource.root
    for token in fragment.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      let key = SchemaLocation.unescaped(token)
      guard let child = found.child(key) else {
        throw location.error("'\(reference)' leads nowhere", node)
      }
      found = child
      target = target.appending(key)
    }
    return index(of: found, at: target)
  }

  private func compiled(_ node: Node, at location: SchemaLocation) throws(SchemaError)
    -> CompiledSchema
  {
    var schema = CompiledSchema()
    switch node.value {
    case .boolean(true): break
    case .boolean(false): schema.append(.never)
    case .mapping(let mapping):
      try KeywordReader(mapping, at: location, self).fill(&schema)
    default:
      throw location.error("a schema is a mapping or a boolean, not \(node.typeName)", node)
    }
    return schema
  }

  /// Refuses schemas that apply themselves to the same node, directly or through others.
  private func refuseLoops() throws(SchemaError) {
    enum Mark {
      case unseen, open, done
    }
    var marks = [Mark](repeating: .unseen, count: schemas.count)
    for start in schemas.indices where marks[start] == .unseen {
      var path: [(index: Int, next: Int)] = [(start, 0)]
      marks[start] = .open
      while let (index, next) = path.last {
        guard next < schemas[index].inPlace.count else {
          marks[index] = .done
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let child = schemas[index].inPlace[next]
        switch marks[child] {
        case .unseen:
          marks[child] = .open
          path.append((child, 0))
        case .open:
          throw loopError(at: child)
        case .done:
          break
        }
      }
    }
  }

  private func loopError(at index: Int) -> SchemaError {
    let location = indexes.first { $0.value == index }?.key ?? SchemaLocation(resource: "")
    return location.error("the schema refers to itself without end", .null)
  }
}

/// A whole schema document.
private struct Resource {
  /// Its canonical address, without fragment.
  let address: String
  let root: Node
}

extension Node {
  /// The value of a key, or of an index written in decimal.
  fileprivate func child(_ token: String) -> Node? {
    switch value {
    case .mapping(let mapping): return mapping[token]
    case .sequence(let nodes):
      guard let index = Int(token), nodes.indices.contains(index) else { return nil }
      return nodes[index]
    default: return nil
    }
  }
}
