// The keywords of objects: JSON Schema Validation 2020-12, section 6.5, and Core, section 10.3.2.
// Each key of a mapping is looked up once; whether all required ones are there follows from
// counting those that were seen.

internal import Documents

final class ObjectKeywords: Sendable {
  private struct Field: Sendable {
    let key: String
    var schema: Int?
    var isRequired = false
  }

  /// The fields by the number of bytes of their keys: those few of one length are found faster by
  /// comparing than by hashing.
  private let fields: [Field]
  /// By that number, where those fields begin; at last, where all end.
  private let starts: [Int]
  /// In the order of the schema, for messages.
  let fieldNames: [String]
  private let required: [String]
  private let patterns: [(pattern: Pattern, schema: Int)]
  private let additional: Int?
  private let keySchema: Int?
  private let countMin: Int?
  private let countMax: Int?
  private let dependent: [(key: String, needs: [String])]

  /// Nil where the schema has none of these keywords.
  init?(_ reader: KeywordReader) throws(SchemaError) {
    guard reader.families.contains(.object) else { return nil }
    let properties = try reader.schemasByKey("properties")
    required = try reader.strings("required") ?? []
    let fields = Self.fields(properties, required: required)
    self.fields = fields
    starts = Self.starts(of: fields)
    fieldNames = properties.map(\.key)
    patterns = try Self.patterns(reader)
    additional = reader.schema("additionalProperties")
    keySchema = reader.schema("propertyNames")
    countMin = try reader.count("minProperties")
    countMax = try reader.count("maxProperties")
    dependent = try reader.stringsByKey("dependentRequired") + reader.stringsByKey("dependencies")
  }

  private static func fields(
    _ properties: [(key: String, schema: Int)], required: [String]
  ) -> [Field] {
    var fields = properties.map { Field(key: $0.key, schema: $0.schema) }
    for key in required {
      if let index = fields.firstIndex(where: { $0.key.hasSameBytes(as: key) }) {
        fields[index].isRequired = true
      } else {
        fields.append(Field(key: key, isRequired: true))
      }
    }
    return fields.sorted { $0.key.utf8.count < $1.key.utf8.count }
  }

  private static func starts(of fields: [Field]) -> [Int] {
    let lengthMax = fields.last?.key.utf8.count ?? -1
    var starts = [Int](repeating: 0, count: lengthMax + 2)
    for field in fields { starts[field.key.utf8.count + 1] += 1 }
    for length in starts.indices.dropFirst() { starts[length] += starts[length - 1] }
    return starts
  }

  /// The fields that are as long as a key.
  @inline(__always)
  private func candidates(for key: String) -> Range<Int> {
    let length = key.utf8.count
    return length + 1 < starts.count ? starts[length]..<starts[length + 1] : 0..<0
  }

  /// The place of a field. The field itself would be copied.
  @inline(__always)
  private func place(of key: String) -> Int? {
    for place in candidates(for: key) where fields[place].key.hasSameBytes(as: key) {
      return place
    }
    return nil
  }

  func declared(_ key: String) -> Int? { place(of: key).flatMap { fields[$0].schema } }

  /// The schema of a field, whether it is named here or not; nil where none is, or where looking
  /// takes too long.
  func schema(for key: String, _ evaluation: inout Evaluation) -> Int? {
    if let schema = declared(key) { return schema }
    for (pattern, schema) in patterns where (try? evaluation.matches(pattern, key)) == true {
      return schema
    }
    return additional
  }

  /// What finding the field of a key costs, in steps.
  @inline(__always)
  private func steps(_ key: String) -> Int {
    candidates(for: key).count / 16
  }

  /// Whether a schema is said for a key here.
  func knows(_ key: String, _ evaluation: inout Evaluation) throws(Undecided) -> Bool {
    try evaluation.charge(1 + steps(key))
    if additional != nil || declared(key) != nil { return true }
    for (pattern, _) in patterns where try evaluation.matches(pattern, key) { return true }
    return false
  }

  private static func patterns(_ reader: KeywordReader) throws(SchemaError)
    -> [(pattern: Pattern, schema: Int)]
  {
    var patterns: [(pattern: Pattern, schema: Int)] = []
    for (source, schema) in try reader.schemasByKey("patternProperties") {
      do {
        patterns.append((try Pattern(source), schema))
      } catch {
        throw reader.error(
          "the pattern '\(source)' does not compile: \(error.reason)", "patternProperties")
      }
    }
    return patterns
  }

  func allow(_ mapping: Mapping, _ evaluation: inout Evaluation) throws(Undecided) -> Bool {
    guard mapping.count >= countMin ?? 0, mapping.count <= countMax ?? .max else { return false }
    var requiredCount = 0
    for index in mapping.entries.indices {
      guard try allow(mapping.entries, index, &requiredCount, &evaluation) else { return false }
    }
    guard requiredCount == required.count else { return false }
    if !dependent.isEmpty { try evaluation.charge(dependent.count * mapping.count / 16) }
    for (key, needs) in dependent where mapping.entry(key) != nil {
      guard needs.allSatisfy({ mapping.entry($0) != nil }) else { return false }
    }
    return true
  }

  // An entry as a whole would be copied, and as calls of their own these would copy keys.
  @inline(__always)
  private func allow(
    _ entries: [Mapping.Entry], _ index: Int, _ requiredCount: inout Int,
    _ evaluation: inout Evaluation
  ) throws(Undecided) -> Bool {
    var isKnown = false
    let key = entries[index].key
    try evaluation.charge(steps(key))
    if let place = place(of: key) {
      if fields[place].isRequired { requiredCount += 1 }
      if let schema = fields[place].schema {
        isKnown = true
        guard try evaluation.isValidApart(entries[index].value, schema) else { return false }
      }
    }
    for (pattern, schema) in patterns where try evaluation.matches(pattern, key) {
      isKnown = true
      guard try evaluation.isValidApart(entries[index].value, schema) else { return false }
    }
    if !isKnown, let additional {
      isKnown = true
      guard try evaluation.isValidApart(entries[index].value, additional) else { return false }
    }
    if isKnown { evaluation.mark(index) }
    guard let keySchema else { return true }
    return try evaluation.isValidApart(
      Node(.string(key), at: entries[index].keyPosition), keySchema)
  }
}

// What is wrong with an object.
extension ObjectKeywords {
  func explain(_ node: Node, _ explanation: inout Explanation) {
    guard let mapping = node.mapping else { return }
    if mapping.count < countMin ?? 0 || mapping.count > countMax ?? .max {
      explanation.add(
        .wrongValue, "\(explanation.subject) has \(Violation.count(mapping.count, "field"))",
        remedy: "Write \(Violation.range(countMin, countMax, "field"))")
    }
    var misspelt = Set<Text>()
    var former: Explanation.Former?
    for entry in mapping.entries {
      if let keySchema {
        let key = Node(.string(entry.key), at: entry.keyPosition)
        explanation.inKey(entry.key, at: entry.keyPosition) { $0.explain(key, keySchema) }
      }
      let schema = schema(for: entry.key, &explanation.evaluation)
      if let schema, !explanation.isNever(schema) {
        let isLost =
          (try? explanation.evaluation.isValidApart(entry.value, schema)) == false
          && explanation.addLostIndentation(
            entry, standing: declared(entry.key) == nil ? .any : .declared, after: former)
        if isLost { continue }
        former = (entry, schema)
      }
      if let meant = explain(entry, in: mapping, after: former, &explanation) {
        misspelt.insert(Text(meant))
      }
    }
    explainMissing(in: mapping, except: misspelt, &explanation)
  }

  /// Returns the field that was probably meant, where the key is not known.
  private func explain(
    _ entry: Mapping.Entry, in mapping: Mapping, after former: Explanation.Former?,
    _ explanation: inout Explanation
  ) -> String? {
    var isKnown = false
    if let schema = declared(entry.key) {
      isKnown = true
      explanation.descend(.key(entry.key), to: entry.value, at: entry.keyPosition, schema)
    }
    for (pattern, schema) in patterns {
      do throws(Undecided) {
        guard try explanation.evaluation.matches(pattern, entry.key) else { continue }
      } catch {
        explanation.descend(.key(entry.key), at: entry.keyPosition) { $0.addUndecided() }
      }
      isKnown = true
      explanation.descend(.key(entry.key), to: entry.value, at: entry.keyPosition, schema)
    }
    guard !isKnown, let additional else { return nil }
    if explanation.isNever(additional) {
      // A field that may not stand here is no suggestion.
      let schemas = explanation.evaluation.program.schemas
      let absent = explanation.absent(of: fieldNames, in: mapping) { name in
        declared(name).map { !schemas[$0].isNever } ?? true
      }
      return explanation.addUnknownField(entry, after: former, absent: absent) {
        holder(of: entry.key, &$0)
      }
    }
    explanation.descend(.key(entry.key), to: entry.value, at: entry.keyPosition, additional)
    return nil
  }

  /// The one field here whose own fields have such a name; nil where looking takes too long.
  private func holder(of key: String, _ explanation: inout Explanation) -> String? {
    guard explanation.charge(fieldNames.count * Self.stepsToLookInside) else { return nil }
    let holders = fieldNames.filter { name in
      declared(name).map { schema in
        OfferedFields(by: schema, in: explanation.evaluation.program).declared(key) != nil
      } ?? false
    }
    return holders.count == 1 ? holders[0] : nil
  }

  private static let stepsToLookInside = 16

  private func explainMissing(
    in mapping: Mapping, except misspelt: Set<Text>, _ explanation: inout Explanation
  ) {
    for key in required where mapping.entry(key) == nil && !misspelt.contains(Text(key)) {
      let hint = declared(key).flatMap { explanation.hint(of: $0) }
      explanation.add(
        .missingField, "\(explanation.subject) lacks the field '\(key)'",
        remedy: "Add '\(key)'", hint: hint, at: explanation.anchor, missing: key)
    }
    for (key, needs) in dependent where mapping.entry(key) != nil {
      for need in needs where mapping.entry(need) == nil && !misspelt.contains(Text(need)) {
        explanation.add(
          .missingField, "\(explanation.subject) lacks the field '\(need)', which '\(key)' needs",
          remedy: "Add '\(need)', or remove '\(key)'", at: explanation.anchor)
      }
    }
  }
}
