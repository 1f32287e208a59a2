// All schema resources that references may lead to, by their addresses: documents that were given,
// resources inside them that have an `$id` of their own, anchors (Core, sections 8.2 and 9), and
// the meta-schemas of the draft. An `$id` counts only where a schema may stand; one inside an
// `enum` is a value.

internal import Documents

/// A schema resource: a document, or a part of one that has an `$id` of its own.
struct SchemaResource {
  /// What references inside it are resolved against; without fragment.
  let address: String
  let location: SchemaLocation
  let root: Node
  let dialect: Dialect
  fileprivate(set) var anchors: [Text: Anchor] = [:]

  struct Anchor {
    let target: Found
    /// Made by `$dynamicAnchor`.
    let isDynamic: Bool
  }
}

/// A schema that a reference leads to.
struct Found {
  let node: Node
  let location: SchemaLocation
  /// The index of its resource.
  let resource: Int
}

final class SchemaLibrary {
  private(set) var resources: [SchemaResource] = []
  private var byAddress: [Text: Int] = [:]
  private var byLocation: [SchemaLocation: Int] = [:]
  private var walked = Set<SchemaLocation>()
  /// By each address that they are known by.
  private var metaSchemas: [Text: Node] = [:]

  /// - Parameter documents: by the addresses that they were retrieved from.
  init(_ documents: [String: Node]) throws(SchemaError) {
    for (address, node) in documents {
      metaSchemas[Text(address)] = node
      if let id = node["$id"]?.string { metaSchemas[Text(Address.withoutFragment(id))] = node }
    }
    for (address, node) in documents.sorted(by: { $0.key.precedesInBytes($1.key) }) {
      try add(node, address)
    }
  }

  private func add(_ node: Node, _ address: String) throws(SchemaError) {
    let name = Address.withoutFragment(address)
    if let id = node["$id"]?.string,
      let known = byAddress[Text(Address.withoutFragment(Address.resolved(id, against: name)))],
      resources[known].root == node
    {
      byAddress[Text(name)] = known
      return
    }
    let location = SchemaLocation(document: address)
    let resource = try open(node, at: location, base: name, inheriting: .known(.standard))
    byAddress[Text(name)] = resource
    try walk(Found(node: node, location: location, resource: resource))
  }

  /// The resource that a place inside another one belongs to.
  func resource(at location: SchemaLocation, inside outer: Int) -> Int {
    byLocation[location] ?? outer
  }

  /// Begins a resource.
  ///
  /// - Parameter outer: what it is written in unless it says so itself.
  private func open(
    _ node: Node, at location: SchemaLocation, base: String, inheriting outer: Dialect
  ) throws(SchemaError) -> Int {
    let id = node["$id"]?.string
    let name = Address.withoutFragment(id.map { Address.resolved($0, against: base) } ?? base)
    let dialect = node["$schema"]?.string.map { address in
      Dialect(address, metaSchemas[Text(Address.withoutFragment(address))])
    }
    if let known = byAddress[Text(name)] {
      guard resources[known].root == node else {
        throw location.error("two schemas have the $id \(name)", node)
      }
      byLocation[location] = known
      return known
    }
    let resource = SchemaResource(
      address: name, location: location, root: node, dialect: dialect ?? outer)
    let index = resources.count
    resources.append(resource)
    byAddress[Text(name)] = index
    byLocation[location] = index
    return index
  }

  /// Looks for resources and anchors in a schema, below it too.
  private func walk(_ start: Found) throws(SchemaError) {
    var pending = [start]
    while let next = pending.popLast() {
      guard let mapping = next.node.mapping, walked.insert(next.location).inserted else { continue }
      var resource = next.resource
      let isRoot = resources[resource].location == next.location
      // One with a fragment is refused where it is compiled, which may never be.
      if !isRoot, let id = mapping["$id"]?.string, Address(id).fragment?.isEmpty ?? true {
        let outer = resources[resource]
        resource = try open(
          next.node, at: next.location, base: outer.address, inheriting: outer.dialect)
      }
      guard case .known(let vocabularies) = resources[resource].dialect else { continue }
      let found = Found(node: next.node, location: next.location, resource: resource)
      try addAnchors(of: mapping, found)
      for entry in mapping.entries {
        guard let known = KnownKeyword.byName[Text(entry.key)],
          !vocabularies.isDisjoint(with: known.vocabularies)
        else { continue }
        pending += Self.schemas(in: entry, at: next.location).map { part in
          Found(node: part.node, location: part.location, resource: resource)
        }
      }
    }
  }

  /// The schemas that stand in the value of a keyword, so far as it has the right form.
  static func schemas(in entry: Mapping.Entry, at location: SchemaLocation)
    -> [(node: Node, location: SchemaLocation)]
  {
    guard let known = KnownKeyword.byName[Text(entry.key)] else { return [] }
    let place = location.appending(entry.key)
    switch known.shape {
    case .value: return []
    case .schema: return [(entry.value, place)]
    case .schemas:
      return (entry.value.sequence ?? []).enumerated().map { ($1, place.appending($0)) }
    case .schemasByKey:
      // Of `dependencies`, lists are names.
      let entries = (entry.value.mapping?.entries ?? []).filter {
        entry.key != "dependencies" || $0.value.sequence == nil
      }
      return entries.map { ($0.value, place.appending($0.key)) }
    }
  }

  private func addAnchors(of mapping: Mapping, _ found: Found) throws(SchemaError) {
    for (keyword, isDynamic) in [("$anchor", false), ("$dynamicAnchor", true)] {
      guard let node = mapping[keyword], let name = node.string else { continue }
      let known = resources[found.resource].anchors[Text(name)]
      if let known, known.target.location != found.location {
        throw found.location.appending(keyword).error(
          "there are two anchors '\(name)' in one schema", node)
      }
      resources[found.resource].anchors[Text(name)] = SchemaResource.Anchor(
        target: found, isDynamic: isDynamic || known?.isDynamic == true)
    }
  }
}

// References.
extension SchemaLibrary {
  /// What a reference leads to.
  ///
  /// - Parameters:
  ///   - resource: whose address it is resolved against; nil where it is an address itself.
  ///   - node: the reference, for its position.
  /// - Returns: the schema and, where the reference names a `$dynamicAnchor`, that name.
  func target(
    of reference: String, from resource: Int?, at location: SchemaLocation, _ node: Node
  ) throws(SchemaError) -> (found: Found, dynamicAnchor: Text?) {
    let base = resource.map { resources[$0].address } ?? ""
    let address = Address.resolved(reference, against: base)
    let name = Address.withoutFragment(address)
    guard let index = try resourceIndex(of: name) else {
      throw location.error("there is no schema \(name)", node)
    }
    let fragment = Address.fragment(of: address)
    if fragment.isEmpty || fragment.utf8.first == UInt8(ascii: "/") {
      guard let found = try part(fragment, of: index) else {
        throw location.error("'\(reference)' leads nowhere", node)
      }
      return (found, nil)
    }
    guard let anchor = resources[index].anchors[Text(fragment)] else {
      throw location.error("'\(reference)' leads nowhere: there is no such anchor", node)
    }
    return (anchor.target, anchor.isDynamic ? Text(fragment) : nil)
  }

  private func resourceIndex(of name: String) throws(SchemaError) -> Int? {
    if let known = byAddress[Text(name)] { return known }
    guard let node = MetaSchemas.node(of: name) else { return nil }
    try add(node, name)
    return byAddress[Text(name)]
  }

  private func part(_ pointer: String, of index: Int) throws(SchemaError) -> Found? {
    var found = Found(
      node: resources[index].root, location: resources[index].location, resource: index)
    for token in SchemaLocation.tokens(of: pointer) {
      guard let child = found.node.child(token) else { return nil }
      let location = found.location.appending(token)
      found = Found(
        node: child, location: location,
        resource: resource(at: location, inside: found.resource))
    }
    // What no keyword leads to becomes a schema by being referred to.
    try walk(found)
    return Found(
      node: found.node, location: found.location,
      resource: resource(at: found.location, inside: found.resource))
  }
}
