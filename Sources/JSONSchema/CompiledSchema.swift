// What a schema is after compiling: a list of keywords that refer to other schemas by index, so
// that recursive schemas need no cycles of references and the whole is one immutable value. While
// checking, nothing of it is retained: all tasks share it, and counting references to it would
// make two cores no faster than one (measured; without counting they are 1.8 times as fast).

internal import Documents

/// One schema object; `true` is one without keywords, `false` one whose keyword is `never`.
struct CompiledSchema: Sendable {
  private(set) var keywords: [Keyword] = []
  var title: String?
  var explanation: String?
  /// The index of the resource that it stands in.
  var resource = 0
  /// Schemas that this one applies to the same node, for the search for endless loops.
  private(set) var inPlace: [Int] = []
  /// Those of them that can say which parts of a node are known: all but those of `not`.
  private(set) var offering: [Int] = []
  /// Keeps alive what the keywords borrow.
  private var families: [any AnyObject & Sendable] = []

  /// What the schema's author says about what is expected.
  var hint: String? { explanation ?? title }
  /// The first of `examples`: a string as it is, a short mapping or list as it would be written.
  var example: Example?

  var isNever: Bool {
    keywords.contains { if case .never = $0 { true } else { false } }
  }

  /// Some keyword asks which parts of a node the others have looked at.
  var asksForUnevaluated: Bool {
    keywords.contains { if case .unevaluated = $0 { true } else { false } }
  }

  mutating func append(_ keyword: Keyword, inPlace schemas: [Int] = [], offering: [Int]? = nil) {
    keywords.append(keyword)
    inPlace += schemas
    self.offering += offering ?? schemas
  }

  mutating func append<Family>(
    _ family: Family?, inPlace schemas: [Int] = [], offering: [Int]? = nil,
    _ keyword: (Borrowed<Family>) -> Keyword
  ) {
    guard let family else { return }
    families.append(family)
    append(keyword(Borrowed(family)), inPlace: schemas, offering: offering)
  }
}

/// A reference that is not counted; whoever holds one holds its owner too.
struct Borrowed<Object: AnyObject & Sendable>: Sendable {
  private let object: Unmanaged<Object>

  init(_ object: Object) {
    self.object = .passUnretained(object)
  }

  @inline(__always)
  func with<Value, Failure>(_ body: (Object) throws(Failure) -> Value) throws(Failure) -> Value {
    // The library's function does not forward the type of an error, so the result carries it.
    try object._withUnsafeGuaranteedRef { object in
      Result { () throws(Failure) in try body(object) }
    }.get()
  }
}

/// A family of keywords, one file each.
enum Keyword: Sendable {
  case never
  case types(TypeSet)
  case values(Borrowed<ValueKeywords>)
  case number(Borrowed<NumberKeywords>)
  case string(Borrowed<StringKeywords>)
  case format(Format)
  case array(Borrowed<ArrayKeywords>)
  case contains(Borrowed<ContainsKeywords>)
  case object(Borrowed<ObjectKeywords>)
  case reference(Int)
  case dynamicReference(DynamicReference)
  case dependents(Borrowed<DependentSchemas>)
  case combination(Borrowed<CombinationKeywords>)
  case unevaluated(Borrowed<UnevaluatedKeywords>)
}

/// A `$dynamicRef` whose target depends on the way to it (Core, section 8.2.3.2).
struct DynamicReference: Sendable {
  /// The number of the anchor's name.
  let name: Int
  /// The schema that it leads to where no outer resource has such an anchor.
  let nearest: Int
}

/// A schema and all that it refers to.
struct Program: Sendable {
  let schemas: [CompiledSchema]
  /// The keywords of all schemas, one after the other: a fast pass reads these alone.
  let keywords: [Keyword]
  /// Where each schema's keywords end.
  let ends: [Int]
  /// What only few schemas need; empty where none does.
  let traits: [SchemaTraits]
  /// The schemas of dynamic anchors, by scope and by number of the name; −1 where there is none.
  let dynamicTargets: [[Int]]

  /// - Parameter scopes: by schema, the scope that it opens, or −1; empty where there are none.
  init(_ schemas: [CompiledSchema], scopes: [Int], dynamicTargets: [[Int]]) {
    self.schemas = schemas
    self.dynamicTargets = dynamicTargets
    keywords = schemas.flatMap(\.keywords)
    var end = 0
    ends = schemas.map { schema in
      end += schema.keywords.count
      return end
    }
    let traits = schemas.indices.map { index in
      SchemaTraits(
        scope: scopes.isEmpty ? -1 : scopes[index], isAsking: schemas[index].asksForUnevaluated)
    }
    self.traits = traits.contains { $0.scope >= 0 || $0.isAsking } ? traits : []
  }
}

/// What takes more than applying keywords one after the other.
struct SchemaTraits: Sendable {
  /// The number of the resource, where it has dynamic anchors that are in use; otherwise −1.
  let scope: Int
  /// Has to know which parts of a node its keywords have looked at.
  let isAsking: Bool
}
