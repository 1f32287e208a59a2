// Schemas to compiled schemas. A list of pending work takes the place of recursion, so that a long
// chain of references cannot exhaust the stack. All that is wrong is collected. A loop of
// references that never descends into the document is refused here, since it could never be
// checked.

internal import Documents

/// Compiles everything that is reachable from one schema.
final class SchemaCompiler {
  let formats: FormatPolicy
  private let library: SchemaLibrary
  private var schemas: [CompiledSchema] = []
  /// By index, where each stands.
  private var places: [Found] = []
  private var indexes: [SchemaLocation: Int] = [:]
  private var pending: [Int] = []
  private var errors: [SchemaError] = []
  private(set) var doubts: [SchemaDoubt] = []
  /// The names of dynamic anchors that references ask for, numbered from 0.
  private var dynamicAnchors: [Text: Int] = [:]

  init(_ documents: [String: Node], _ formats: FormatPolicy) throws(SchemaError) {
    library = try SchemaLibrary(documents)
    self.formats = formats
  }

  /// Compiles the schema of an address and all that it refers to.
  ///
  /// - Throws: `SchemaError` for the first part that cannot be used; it carries the others.
  func compile(_ address: String) throws(SchemaError) -> (root: Int, program: Program) {
    let start = try library.target(
      of: address, from: nil, at: SchemaLocation(document: address), .null)
    let root = index(of: start.found)
    var dynamicTargets: [[Int]] = []
    var scopes: [Int] = []
    repeat {
      while let next = pending.popLast() { compile(places[next], next) }
      (scopes, dynamicTargets) = dynamicScopes()
    } while !pending.isEmpty
    if errors.isEmpty, let loop = loop() { errors.append(loop) }
    errors.sort { ($0.position, Text($0.pointer)) < ($1.position, Text($1.pointer)) }
    doubts.sort { $0.position < $1.position }
    if var first = errors.first {
      first.further = Array(errors.dropFirst())
      throw first
    }
    return (root, Program(schemas, scopes: scopes, dynamicTargets: dynamicTargets))
  }

  /// The index of a schema, which is compiled later if it is new.
  func index(of found: Found) -> Int {
    if let known = indexes[found.location] { return known }
    let index = schemas.count
    var schema = CompiledSchema()
    schema.resource = found.resource
    schemas.append(schema)
    indexes[found.location] = index
    places.append(found)
    pending.append(index)
    return index
  }

  /// A part of a schema.
  func found(_ node: Node, at location: SchemaLocation, inside resource: Int) -> Found {
    Found(
      node: node, location: location, resource: library.resource(at: location, inside: resource))
  }

  /// What a reference leads to.
  func target(of reference: String, from reader: KeywordReader, at node: Node) throws(SchemaError)
    -> (found: Found, dynamicAnchor: Text?)
  {
    try library.target(of: reference, from: reader.resource, at: reader.location, node)
  }

  func number(ofDynamicAnchor name: Text) -> Int {
    if let known = dynamicAnchors[name] { return known }
    dynamicAnchors[name] = dynamicAnchors.count
    return dynamicAnchors.count - 1
  }

  private func compile(_ found: Found, _ index: Int) {
    do throws(SchemaError) {
      var schema = schemas[index]
      try fill(&schema, found)
      schemas[index] = schema
    } catch {
      errors.append(error)
      // What stands below it may be wrong too.
      for entry in found.node.mapping?.entries ?? [] {
        for part in SchemaLibrary.schemas(in: entry, at: found.location) {
          _ = self.index(of: self.found(part.node, at: part.location, inside: found.resource))
        }
      }
    }
  }

  private func fill(_ schema: inout CompiledSchema, _ found: Found) throws(SchemaError) {
    switch found.node.value {
    case .boolean(true): break
    case .boolean(false): schema.append(.never)
    case .mapping(let mapping):
      switch library.resources[found.resource].dialect {
      case .known(let vocabularies):
        try KeywordReader(mapping, at: found, vocabularies, self).fill(&schema)
      case .refused(let reason):
        let resource = library.resources[found.resource]
        throw resource.location.appending("$schema").error(
          reason, resource.root["$schema"] ?? found.node)
      }
    default:
      throw found.location.error(
        "a schema is a mapping or a boolean, not \(found.node.typeName)", found.node)
    }
  }

  /// The resources with dynamic anchors that are in use, numbered from 0: by schema, and the
  /// schemas of their anchors. Some of those may be new, and then it must be asked again.
  private func dynamicScopes() -> (scopes: [Int], targets: [[Int]]) {
    if dynamicAnchors.isEmpty { return ([], []) }
    var scopeByResource: [Int: Int] = [:]
    var targets: [[Int]] = []
    let scopes = schemas.map(\.resource).map { resource in
      if let known = scopeByResource[resource] { return known }
      var row = [Int](repeating: -1, count: dynamicAnchors.count)
      for (name, number) in dynamicAnchors {
        guard let anchor = library.resources[resource].anchors[name], anchor.isDynamic else {
          continue
        }
        row[number] = index(of: anchor.target)
      }
      let isInUse = row.contains { $0 >= 0 }
      if isInUse { targets.append(row) }
      scopeByResource[resource] = isInUse ? targets.count - 1 : -1
      return isInUse ? targets.count - 1 : -1
    }
    return (scopes, targets)
  }

  /// A schema that applies itself to the same node, directly or through others.
  private func loop() -> SchemaError? {
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
          return places[child].location.error(
            "the schema refers to itself without end", places[child].node)
        case .done:
          break
        }
      }
    }
    return nil
  }
}

// Doubts.
extension SchemaCompiler {
  func doubt(keyword entry: Mapping.Entry, at location: SchemaLocation) {
    guard !Doubt.isAnnotation(entry.key) else { return }
    let meant = Doubt.meant(by: entry.key)
    doubts.append(
      SchemaDoubt(
        resource: location.document, pointer: location.appending(entry.key).pointer,
        position: entry.keyPosition,
        reason: "there is no keyword '\(Violation.shortened(entry.key))', so it checks nothing",
        suggestion: meant))
  }

  func doubt(format name: String, _ node: Node, at location: SchemaLocation) {
    doubts.append(
      SchemaDoubt(
        resource: location.document, pointer: location.pointer, position: node.position,
        reason: "the format '\(Violation.shortened(name))' is not known, so it checks nothing",
        suggestion: Spelling.closest(to: name, among: Format.allCases.map(\.rawValue))))
  }
}
