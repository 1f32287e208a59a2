// The vocabularies of JSON Schema 2020-12 and the keywords that belong to each: Core, sections 8 to
// 11, and Validation, sections 6 to 9. A schema is read by the vocabularies of its meta-schema;
// a keyword that none of them has is an annotation, which checks nothing (Core, section 6.5).

internal import Documents

/// Vocabularies that this engine knows: all that the specification defines.
struct Vocabularies: OptionSet {
  let rawValue: UInt8

  static let core = Vocabularies(rawValue: 1)
  static let applicator = Vocabularies(rawValue: 2)
  static let unevaluated = Vocabularies(rawValue: 4)
  static let validation = Vocabularies(rawValue: 8)
  static let metaData = Vocabularies(rawValue: 16)
  static let formatAnnotation = Vocabularies(rawValue: 32)
  static let formatAssertion = Vocabularies(rawValue: 64)
  static let content = Vocabularies(rawValue: 128)

  /// Those of the standard meta-schema.
  static let standard: Vocabularies = [
    .core, .applicator, .unevaluated, .validation, .metaData, .formatAnnotation, .content,
  ]

  static let format: Vocabularies = [.formatAnnotation, .formatAssertion]

  private static let prefix = "https://json-schema.org/draft/2020-12/vocab/"

  private static let byName: [Text: Vocabularies] = [
    "core": .core, "applicator": .applicator, "unevaluated": .unevaluated,
    "validation": .validation, "meta-data": .metaData, "format-annotation": .formatAnnotation,
    "format-assertion": .formatAssertion, "content": .content,
  ]

  /// The vocabulary of an address.
  static func named(_ address: String) -> Vocabularies? {
    guard address.hasPrefix(prefix) else { return nil }
    return byName[Text(String(address.dropFirst(prefix.count)))]
  }
}

/// What a resource is written in.
enum Dialect {
  case known(Vocabularies)
  /// One that cannot be read here, and why.
  case refused(String)

  static let address = "https://json-schema.org/draft/2020-12/schema"

  /// The dialect that a meta-schema describes.
  ///
  /// - Parameter metaSchema: nil where it is not among the given resources.
  init(_ address: String, _ metaSchema: Node?) {
    let name = Address.withoutFragment(address)
    if name == Self.address {
      self = .known(.standard)
      return
    }
    guard let metaSchema, metaSchema["$schema"]?.string.map(Address.withoutFragment) == Self.address
    else {
      self = .refused("only the dialect \(Self.address) is supported, and what is built on it")
      return
    }
    guard let entries = metaSchema["$vocabulary"]?.mapping?.entries else {
      self = .known(.standard)
      return
    }
    var vocabularies: Vocabularies = .core
    for entry in entries {
      if let known = Vocabularies.named(entry.key) {
        vocabularies.formUnion(known)
      } else if entry.value.boolean != false {
        self = .refused("the meta-schema \(name) needs an unknown vocabulary, \(entry.key)")
        return
      }
    }
    self = .known(vocabularies)
  }
}

/// What is known of a keyword.
struct KnownKeyword {
  /// What of a keyword's value is a schema.
  enum Shape {
    case value, schema, schemas, schemasByKey
  }

  /// It is read where one of these is in use.
  let vocabularies: Vocabularies
  /// The family of keywords that it is compiled with.
  var family: KeywordFamilies = []
  var shape = Shape.value

  static let byName: [Text: KnownKeyword] = {
    var known: [Text: KnownKeyword] = [:]
    func add(
      _ vocabularies: Vocabularies, _ family: KeywordFamilies = [], _ shape: Shape = .value,
      _ names: Text...
    ) {
      for name in names {
        known[name] = KnownKeyword(vocabularies: vocabularies, family: family, shape: shape)
      }
    }
    add(.core, [], .value, "$id", "$schema", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor")
    add(.core, [], .value, "$vocabulary", "$comment")
    // `definitions` is what `$defs` was called before; the meta-schema still has it.
    add(.core, [], .schemasByKey, "$defs", "definitions")
    add(.applicator, .combination, .schemas, "allOf", "anyOf", "oneOf")
    add(.applicator, .combination, .schema, "not", "if", "then", "else")
    add(.applicator, .array, .schemas, "prefixItems")
    add(.applicator, .array, .schema, "items")
    add(.applicator, .contains, .schema, "contains")
    add(.applicator, .object, .schemasByKey, "properties", "patternProperties")
    add(.applicator, .object, .schema, "additionalProperties", "propertyNames")
    add(.applicator, .dependents, .schemasByKey, "dependentSchemas")
    // Split in two by now (Validation, appendix A); it is still read, since to ignore it would
    // silently check nothing.
    add(.applicator, [.dependents, .object], .schemasByKey, "dependencies")
    add(.unevaluated, .unevaluated, .schema, "unevaluatedItems", "unevaluatedProperties")
    add(.validation, .types, .value, "type")
    add(.validation, .values, .value, "enum", "const")
    add(.validation, .number, .value, "minimum", "maximum", "exclusiveMinimum")
    add(.validation, .number, .value, "exclusiveMaximum", "multipleOf")
    add(.validation, .string, .value, "minLength", "maxLength", "pattern")
    add(.validation, .array, .value, "minItems", "maxItems", "uniqueItems")
    add(.validation, .contains, .value, "minContains", "maxContains")
    add(.validation, .object, .value, "required", "minProperties", "maxProperties")
    add(.validation, .object, .value, "dependentRequired")
    add(.metaData, [], .value, "title", "description", "default", "examples")
    add(.metaData, [], .value, "deprecated", "readOnly", "writeOnly")
    add(.format, [], .value, "format")
    add(.content, [], .value, "contentEncoding", "contentMediaType")
    add(.content, [], .schema, "contentSchema")
    return known
  }()
}

/// The families that the keywords of a schema object belong to.
struct KeywordFamilies: OptionSet {
  let rawValue: UInt16

  static let types = KeywordFamilies(rawValue: 1)
  static let values = KeywordFamilies(rawValue: 2)
  static let number = KeywordFamilies(rawValue: 4)
  static let string = KeywordFamilies(rawValue: 8)
  static let array = KeywordFamilies(rawValue: 16)
  static let object = KeywordFamilies(rawValue: 32)
  static let combination = KeywordFamilies(rawValue: 64)
  static let contains = KeywordFamilies(rawValue: 128)
  static let dependents = KeywordFamilies(rawValue: 256)
  static let unevaluated = KeywordFamilies(rawValue: 512)
}
