// The keywords of one schema object, read by name and type. Only those count that the vocabularies
// of its dialect have; any other is an annotation (Core, section 6.5). That makes a misspelt
// keyword a valid one that checks nothing, so each unknown one is noted as a doubt.

internal import Documents

/// Reads one schema object.
struct KeywordReader {
  /// The object without what its dialect does not know.
  let mapping: Mapping
  let location: SchemaLocation
  /// The index of the resource that it stands in.
  let resource: Int
  let compiler: SchemaCompiler
  /// Of the keywords that the object has.
  let families: KeywordFamilies
  private let vocabularies: Vocabularies

  init(
    _ mapping: Mapping, at place: Found, _ vocabularies: Vocabularies, _ compiler: SchemaCompiler
  ) {
    location = place.location
    resource = place.resource
    self.compiler = compiler
    self.vocabularies = vocabularies
    var families: KeywordFamilies = []
    var entries = mapping.entries
    entries.removeAll { entry in
      guard let known = KnownKeyword.byName[Text(entry.key)] else {
        compiler.doubt(keyword: entry, at: place.location)
        return true
      }
      if vocabularies.isDisjoint(with: known.vocabularies) { return true }
      families.formUnion(known.family)
      return false
    }
    self.families = families
    self.mapping = Mapping(entries)
  }

  /// Compiles all keywords. Types come first, since they are cheap and decide most; what asks which
  /// parts the others have looked at comes last.
  func fill(_ schema: inout CompiledSchema) throws(SchemaError) {
    try readCore()
    try readAnnotations(&schema)
    if let types = try TypeSet(self) { schema.append(.types(types)) }
    schema.append(try ValueKeywords(self)) { .values($0) }
    schema.append(try NumberKeywords(self)) { .number($0) }
    schema.append(try StringKeywords(self)) { .string($0) }
    if let format = try format() { schema.append(.format(format)) }
    schema.append(try ArrayKeywords(self)) { .array($0) }
    schema.append(try ContainsKeywords(self)) { .contains($0) }
    schema.append(try ObjectKeywords(self)) { .object($0) }
    try readReferences(&schema)
    let dependents = try DependentSchemas(self)
    schema.append(dependents, inPlace: dependents?.all ?? []) { .dependents($0) }
    let combination = try CombinationKeywords(self)
    schema.append(
      combination, inPlace: combination?.all ?? [], offering: combination?.offering ?? []
    ) { .combination($0) }
    schema.append(try UnevaluatedKeywords(self)) { .unevaluated($0) }
  }

  private func readReferences(_ schema: inout CompiledSchema) throws(SchemaError) {
    if let reference = try string("$ref"), let node = mapping["$ref"] {
      let target = try compiler.target(of: reference, from: self, at: node)
      let index = compiler.index(of: target.found)
      schema.append(.reference(index), inPlace: [index])
    }
    if let reference = try string("$dynamicRef"), let node = mapping["$dynamicRef"] {
      let target = try compiler.target(of: reference, from: self, at: node)
      let index = compiler.index(of: target.found)
      if let name = target.dynamicAnchor {
        let dynamic = DynamicReference(name: compiler.number(ofDynamicAnchor: name), nearest: index)
        // Where it leads is not known yet, so it is no part of the search for endless loops.
        schema.append(.dynamicReference(dynamic), offering: [index])
      } else {
        schema.append(.reference(index), inPlace: [index])
      }
    }
  }

  private func readCore() throws(SchemaError) {
    _ = try string("$schema")
    if let id = try string("$id"), Address(id).fragment?.isEmpty == false {
      throw error("must not have a fragment; '$anchor' names a part", "$id")
    }
    for keyword in ["$anchor", "$dynamicAnchor"] {
      if let name = try string(keyword), !Self.isAnchorName(name) {
        throw error("'\(name)' is no name: letters, digits, '-', '_' and '.'", keyword)
      }
    }
    for entry in try entries("$vocabulary") where entry.value.boolean == nil {
      throw error("must be a mapping of booleans", "$vocabulary")
    }
    for name in ["$defs", "definitions"] { _ = try schemasByKey(name) }
  }

  /// Core, section 8.2.2.
  private static func isAnchorName(_ name: String) -> Bool {
    guard let first = name.utf8.first, first.isLetter || first == UInt8(ascii: "_") else {
      return false
    }
    return name.utf8.allSatisfy { $0.isLetter || $0.isDigit || "-_.".utf8.contains($0) }
  }

  private func readAnnotations(_ schema: inout CompiledSchema) throws(SchemaError) {
    schema.title = try string("title")
    schema.explanation = try string("description")
    for name in ["$comment", "contentEncoding", "contentMediaType"] { _ = try string(name) }
    for name in ["deprecated", "readOnly", "writeOnly"] { _ = try boolean(name) }
    schema.example = try nodes("examples")?.first.flatMap(Example.init)
    _ = self.schema("contentSchema")
  }

  /// The format, where it is to be asserted and can be.
  private func format() throws(SchemaError) -> Format? {
    guard let name = try string("format"), let node = mapping["format"] else { return nil }
    guard compiler.formats == .asserted || vocabularies.contains(.formatAssertion) else {
      return nil
    }
    if let format = Format(rawValue: name) { return format }
    compiler.doubt(format: name, node, at: location.appending("format"))
    return nil
  }
}

// Keywords by the type of their value; nil where the keyword is absent.
extension KeywordReader {
  func error(_ reason: String, _ keyword: String) -> SchemaError {
    location.appending(keyword).error(reason, mapping[keyword] ?? .null)
  }

  func string(_ keyword: String) throws(SchemaError) -> String? {
    guard let node = mapping[keyword] else { return nil }
    guard let string = node.string else { throw error("must be a string", keyword) }
    return string
  }

  func boolean(_ keyword: String) throws(SchemaError) -> Bool? {
    guard let node = mapping[keyword] else { return nil }
    guard let boolean = node.boolean else { throw error("must be a boolean", keyword) }
    return boolean
  }

  /// A count: an integer of at least 0.
  func count(_ keyword: String) throws(SchemaError) -> Int? {
    guard let node = mapping[keyword] else { return nil }
    // Beyond the integers that JSON carries, a count limits nothing.
    if case .number(let number) = node.value, number > Double(Node.integerMax) { return .max }
    guard let count = node.integer, count >= 0 else {
      throw error("must be an integer of at least 0", keyword)
    }
    return count
  }

  func number(_ keyword: String) throws(SchemaError) -> Double? {
    guard let node = mapping[keyword] else { return nil }
    guard let number = node.double else { throw error("must be a number", keyword) }
    return number
  }

  func nodes(_ keyword: String) throws(SchemaError) -> [Node]? {
    guard let node = mapping[keyword] else { return nil }
    guard let nodes = node.sequence else { throw error("must be a list", keyword) }
    return nodes
  }

  func entries(_ keyword: String) throws(SchemaError) -> [Mapping.Entry] {
    guard let node = mapping[keyword] else { return [] }
    guard let mapping = node.mapping else { throw error("must be a mapping", keyword) }
    return mapping.entries
  }

  func strings(_ keyword: String) throws(SchemaError) -> [String]? {
    guard let nodes = try nodes(keyword) else { return nil }
    return try strings(nodes, keyword)
  }

  private func strings(_ nodes: [Node], _ keyword: String) throws(SchemaError) -> [String] {
    let strings = nodes.compactMap(\.string)
    guard strings.count == nodes.count else { throw error("must be a list of strings", keyword) }
    guard Set(strings.map { Text($0) }).count == strings.count else {
      throw error("names a string twice", keyword)
    }
    return strings
  }

  /// The lists of strings of a keyword. Of `dependencies`, what is a schema is left out.
  func stringsByKey(_ keyword: String) throws(SchemaError) -> [(key: String, needs: [String])] {
    var result: [(key: String, needs: [String])] = []
    for entry in try entries(keyword) {
      if let nodes = entry.value.sequence {
        result.append((entry.key, try strings(nodes, keyword)))
      } else if keyword != "dependencies" {
        throw error("must be a mapping of lists", keyword)
      }
    }
    return result
  }

  func schema(_ keyword: String) -> Int? {
    mapping[keyword].map { index(of: $0, at: location.appending(keyword)) }
  }

  func schema(_ keyword: String, _ entry: Mapping.Entry) -> Int {
    index(of: entry.value, at: location.appending(keyword).appending(entry.key))
  }

  private func index(of node: Node, at location: SchemaLocation) -> Int {
    compiler.index(of: compiler.found(node, at: location, inside: resource))
  }

  /// A list of at least one schema.
  func schemas(_ keyword: String) throws(SchemaError) -> [Int]? {
    guard let nodes = try nodes(keyword) else { return nil }
    if nodes.isEmpty { throw error("must have at least one schema", keyword) }
    let place = location.appending(keyword)
    return nodes.enumerated().map { index(of: $1, at: place.appending($0)) }
  }

  func schemasByKey(_ keyword: String) throws(SchemaError) -> [(key: String, schema: Int)] {
    try entries(keyword).map { ($0.key, schema(keyword, $0)) }
  }
}
