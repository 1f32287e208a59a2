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
  /// Schemas that this one applies to the same node, for the search for endless loops.
  private(set) var inPlace: [Int] = []
  /// Keeps alive what the keywords borrow.
  private var families: [any AnyObject & Sendable] = []

  /// What the schema's author says about what is expected.
  var hint: String? { explanation ?? title }

  var isNever: Bool {
    keywords.contains { if case .never = $0 { true } else { false } }
  }

  mutating func append(_ keyword: Keyword, inPlace schemas: [Int] = []) {
    keywords.append(keyword)
    inPlace += schemas
  }

  mutating func append<Family>(
    _ family: Family?, inPlace schemas: [Int] = [], _ keyword: (Borrowed<Family>) -> Keyword
  ) {
    guard let family else { return }
    families.append(family)
    append(keyword(Borrowed(family)), inPlace: schemas)
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
  case array(Borrowed<ArrayKeywords>)
  case object(Borrowed<ObjectKeywords>)
  case reference(Int)
  case combination(Borrowed<CombinationKeywords>)
}

/// A schema and all that it refers to.
struct Program: Sendable {
  let schemas: [CompiledSchema]
  /// The keywords of all schemas, one after the other: a fast pass reads these alone.
  fileprivate let keywords: [Keyword]
  /// Where each schema's keywords end.
  fileprivate let ends: [Int]

  init(_ schemas: [CompiledSchema]) {
    self.schemas = schemas
    keywords = schemas.flatMap(\.keywords)
    var end = 0
    ends = schemas.map { schema in
      end += schema.keywords.count
      return end
    }
  }
}

/// The check could not be finished within its limits: neither valid nor invalid.
struct Undecided: Error {}

/// The fast pass: says only whether a node is valid.
struct Evaluation {
  let program: Program
  private var stepsLeft = Limits.schemaStepsMax
  private let depthMax = Limits.schemaDepthMax
  private var depth = 0

  init(_ program: Program) {
    self.program = program
  }

  /// Begins the application of a schema to a node; `leave()` ends it.
  ///
  /// - Throws: `Undecided` where there have been more than `Limits.schemaStepsMax`, or are more
  ///   than `Limits.schemaDepthMax` inside each other. Then there is nothing to end.
  mutating func enter() throws(Undecided) {
    guard stepsLeft > 0, depth < depthMax else { throw Undecided() }
    stepsLeft -= 1
    depth += 1
  }

  mutating func leave() {
    depth -= 1
  }

  mutating func isValid(_ node: Node, _ index: Int) throws(Undecided) -> Bool {
    try enter()
    defer { leave() }
    var next = index == 0 ? 0 : program.ends[index - 1]
    let end = program.ends[index]
    while next < end {
      guard try isValid(node, program.keywords[next]) else { return false }
      next += 1
    }
    return true
  }

  private mutating func isValid(_ node: Node, _ keyword: Keyword) throws(Undecided) -> Bool {
    switch keyword {
    case .never: return false
    case .types(let types): return types.contains(node)
    case .values(let values): return values.with { $0.allow(node) }
    case .reference(let index): return try isValid(node, index)
    case .combination(let combination):
      return try combination.with { family throws(Undecided) in
        try family.allow(node, &self)
      }
    case .number(let number):
      guard let double = node.double else { return true }
      return number.with { $0.allow(node, double) }
    case .string(let string):
      guard case .string(let text) = node.value else { return true }
      return try string.with { family throws(Undecided) in try family.allow(text) }
    case .array(let array):
      guard case .sequence(let items) = node.value else { return true }
      return try array.with { family throws(Undecided) in
        try family.allow(items, &self)
      }
    case .object(let object):
      guard case .mapping(let mapping) = node.value else { return true }
      return try object.with { family throws(Undecided) in
        try family.allow(mapping, &self)
      }
    }
  }
}
