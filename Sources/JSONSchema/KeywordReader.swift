// The keywords of one schema object, read by name and type. It knows the names of all keywords
// that this engine implements, and refuses an object that has any other.

internal import Documents

/// The families that the keywords of a schema object belong to.
struct KeywordFamilies: OptionSet {
  let rawValue: UInt8

  static let types = KeywordFamilies(rawValue: 1)
  static let values = KeywordFamilies(rawValue: 2)
  static let number = KeywordFamilies(rawValue: 4)
  static let string = KeywordFamilies(rawValue: 8)
  static let array = KeywordFamilies(rawValue: 16)
  static let object = KeywordFamilies(rawValue: 32)
  static let combination = KeywordFamilies(rawValue: 64)
}

/// Reads one schema object.
struct KeywordReader {
  let mapping: Mapping
  let location: SchemaLocation
  let compiler: SchemaCompiler
  /// Of the keywords that the object has.
  let families: KeywordFamilies

  static let dialect = "https://json-schema.org/draft/2020-12/schema"

  /// Compiles all keywords. Types come first, since they are cheap and decide most.
  func fill(_ schema: inout CompiledSchema) throws(SchemaError) {
    try readCore()
    try readAnnotations(&schema)
    if let types = try TypeSet(self) { schema.append(.types(types)) }
    schema.append(try ValueKeywords(self)) { .values($0) }
    schema.append(try NumberKeywords(self)) { .number($0) }
    schema.append(try StringKeywords(self)) { .string($0) }
    schema.append(try ArrayKeywords(self)) { .array($0) }
    schema.append(try ObjectKeywords(self)) { .object($0) }
    if let reference = try reference() {
      schema.append(.reference(reference), inPlace: [reference])
    }
    let combination = try CombinationKeywords(self)
    schema.append(combination, inPlace: combination?.all ?? []) { .combination($0) }
  }

  /// - Throws: `SchemaError` for a keyword that is not known.
  init(_ mapping: Mapping, at location: SchemaLocation, _ compiler: SchemaCompiler)
    throws(SchemaError)
  {
    self.mapping = mapping
    self.location = location
    self.compiler = compiler
    var families: KeywordFamilies = []
    for entry in mapping.entries {
      guard let family = Self.known[Text(entry.key)] else {
        throw location.appending(entry.key).error(
          "the keyword '\(entry.key)' is not supported", entry.value)
      }
      families.formUnion(family)
    }
    self.families = families
  }

  private static let known: [Text: KeywordFamilies] = {
    var known: [Text: KeywordFamilies] = [:]
    func add(_ names: Set<Text>, _ family: KeywordFamilies) {
      for name in names { known[name] = family }
    }
    add(["$schema", "$id", "$ref", "$defs", "$comment"], [])
    add(annotations, [])
    add(TypeSet.names, .types)
    add(ValueKeywords.names, .values)
    add(NumberKeywords.names, .number)
    add(StringKeywords.names, .string)
    add(ArrayKeywords.names, .array)
    add(ObjectKeywords.names, .object)
    add(CombinationKeywords.names, .combination)
    return known
  }()

  private static let annotations: Set<Text> = [
    "title", "description", "markdownDescription", "default", "examples", "deprecated",
  ]

  private func readCore() throws(SchemaError) {
    if let dialect = try string("$schema"), dialect != Self.dialect {
      throw error("only the dialect \(Self.dialect) is supported", "$schema")
    }
    if try string("$id") != nil, !location.pointer.isEmpty {
      throw error("'$id' is supported at the root of a schema only", "$id")
    }
    _ = try schemasByKey("$defs")
  }

  private func readAnnotations(_ schema: inout CompiledSchema) throws(SchemaError) {
    schema.title = try string("title")
    schema.explanation = try string("description")
    for name in ["$comment", "markdownDescription"] { _ = try string(name) }
    if let examples = mapping["examples"], examples.sequence == nil {
      throw error("must be a list", "examples")
    }
    if let deprecated = mapping["deprecated"], deprecated.boolean == nil {
      throw error("must be a boolean", "deprecated")
    }
  }

  private func reference() throws(SchemaError) -> Int? {
    guard let reference = try string("$ref"), let node = mapping["$ref"] else { return nil }
    return try compiler.index(ofReference: reference, from: location, at: node)
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

  func stringsByKey(_ keyword: String) throws(SchemaError) -> [(String, [String])] {
    guard let node = mapping[keyword] else { return [] }
    guard let byKey = node.mapping else { throw error("must be a mapping", keyword) }
    var result: [(String, [String])] = []
    for entry in byKey.entries {
      guard let nodes = entry.value.sequence else {
        throw error("must be a mapping of lists", keyword)
      }
      result.append((entry.key, try strings(nodes, keyword)))
    }
    return result
  }

  func schema(_ keyword: String) -> Int? {
    mapping[keyword].map { compiler.index(of: $0, at: location.appending(keyword)) }
  }

  /// A list of at least one schema.
  func schemas(_ keyword: String) throws(SchemaError) -> [Int]? {
    guard let nodes = try nodes(keyword) else { return nil }
    if nodes.isEmpty { throw error("must have at least one schema", keyword) }
    let place = location.appending(keyword)
    return nodes.enumerated().map { compiler.index(of: $1, at: place.appending($0)) }
  }

  func schemasByKey(_ keyword: String) throws(SchemaError) -> [(key: String, schema: Int)] {
    guard let node = mapping[keyword] else { return [] }
    guard let byKey = node.mapping else { throw error("must be a mapping", keyword) }
    let place = location.appending(keyword)
    return byKey.entries.map {
      ($0.key, compiler.index(of: $0.value, at: place.appending($0.key)))
    }
  }
}
