// The fields of an audit event, read from its bytes in the pass that shows them to be canonical.
// They point into the bytes and copy nothing, since a log has millions of them; what is rare, such
// as an escape in a name, takes the slower way of a reader of JSON.

internal import Documents

/// A value of an event as it is written: canonical JSON.
struct EventValue {
  let text: UnsafeBufferPointer<UInt8>

  /// The bytes between the quotes, where it is a string without escapes.
  private var plain: UnsafeBufferPointer<UInt8>? {
    guard text.count >= 2, text[0] == UInt8(ascii: "\""),
      !text.contains(UInt8(ascii: "\\"))
    else { return nil }
    return UnsafeBufferPointer(rebasing: text[1..<(text.count - 1)])
  }

  var node: Node? { try? JSONReader.read(Array(text), depthMax: Limits.storedDepthMax) }

  var string: String? {
    if let plain { return String(decoding: plain, as: UTF8.self) }
    return node?.string
  }

  /// An integer from 0 of at most 15 digits, which is every number that is counted.
  var count: Int? {
    guard (1...15).contains(text.count) else { return nil }
    var value = 0
    for digit in text {
      guard digit &- UInt8(ascii: "0") < 10 else { return nil }
      value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return value
  }

  var instant: Instant? { plain.flatMap { Instant($0) } }

  func isString(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if let plain { return UnsafeRawBufferPointer(plain).elementsEqual(bytes) }
    return node?.string.map { Array($0.utf8).elementsEqual(bytes) } ?? false
  }

  func isString(_ other: StaticString) -> Bool {
    isString(UnsafeRawBufferPointer(start: other.utf8Start, count: other.utf8CodeUnitCount))
  }

  func isString(_ other: String) -> Bool {
    var other = other
    return other.withUTF8 { isString(UnsafeRawBufferPointer($0)) }
  }

  /// The members of an object that have these keys.
  func members(_ first: StaticString, _ second: StaticString) -> (EventValue?, EventValue?) {
    var found: (EventValue?, EventValue?)
    _ = CanonicalScanner.isCanonicalObject(UnsafeRawBufferPointer(text), depthMax: 8) {
      if EventFields.isKey($0, first) { found.0 = EventValue(text: $1) }
      if EventFields.isKey($0, second) { found.1 = EventValue(text: $1) }
    }
    return found
  }
}

/// The fields that verifying and finding an event need.
struct EventFields {
  var sequence = 0
  private(set) var instant = Instant(secondsSince1970: 0)
  private(set) var workspace: EventValue
  private(set) var key: EventValue
  private(set) var previous: EventValue
  private(set) var actorKind: EventValue
  private(set) var actorID: EventValue
  private(set) var subjectKind: EventValue
  private(set) var subjectKey: EventValue
  private(set) var classes: EventValue
  private(set) var approvals: EventValue
  private(set) var environment: EventValue?
  private(set) var customer: EventValue?
  private(set) var version: EventValue?
  private(set) var commit: EventValue?
  private(set) var generation: EventValue?
  private(set) var before: EventValue?
  private(set) var after: EventValue?

  /// - Returns: nil where the bytes are no canonical event of format 1.
  init?(_ bytes: UnsafeRawBufferPointer) {
    var found = Found()
    let isCanonical = CanonicalScanner.isCanonicalObject(
      bytes, depthMax: Limits.storedDepthMax
    ) { found.take($0, EventValue(text: $1)) }
    guard isCanonical, found.format?.count == 1, let sequence = found.sequence?.count,
      let instant = found.instant?.instant, let workspace = found.workspace, let key = found.key,
      let previous = found.previous, let classes = found.classes, let approvals = found.approvals,
      found.mode != nil,
      case let (actorID?, actorKind?) = found.actor?.members("id", "kind") ?? (nil, nil),
      case let (subjectKey?, subjectKind?) = found.subject?.members("key", "kind") ?? (nil, nil)
    else { return nil }
    self.sequence = sequence
    self.instant = instant
    self.workspace = workspace
    self.key = key
    self.previous = previous
    self.classes = classes
    self.approvals = approvals
    (self.actorKind, self.actorID) = (actorKind, actorID)
    (self.subjectKind, self.subjectKey) = (subjectKind, subjectKey)
    (environment, customer, version) = (found.environment, found.customer, found.version)
    (commit, generation) = (found.commit, found.generation)
    (before, after) = (found.before, found.after)
  }

  static func isKey(_ key: UnsafeBufferPointer<UInt8>, _ name: StaticString) -> Bool {
    guard key.count == name.utf8CodeUnitCount else { return false }
    for index in key.indices where key[index] != name.utf8Start[index] { return false }
    return true
  }

  /// Everybody who acted as a member or approved, each once, in the order of their bytes.
  var people: [String] {
    var people: Set<Text> = []
    if actorKind.isString("member"), let id = actorID.string { people.insert(Text(id)) }
    for approval in approvals.node?.sequence ?? [] {
      if let person = approval["person"]?.string { people.insert(Text(person)) }
    }
    return people.sorted().map(\.string)
  }

  /// Whether nobody is named; most events say so, and this is quick.
  var namesNobody: Bool { approvals.text.count == 2 && !actorKind.isString("member") }

  /// The members of the outermost object, as they come.
  private struct Found {
    var format, sequence, instant, workspace, key, previous, mode: EventValue?
    var actor, subject, classes, approvals: EventValue?
    var environment, customer, version, commit, generation, before, after: EventValue?

    mutating func take(_ name: UnsafeBufferPointer<UInt8>, _ value: EventValue) {
      // By length first: most names are told apart by it.
      switch name.count {
      case 3: if isKey(name, "key") { key = value }
      case 4: if isKey(name, "mode") { mode = value }
      case 5:
        if isKey(name, "actor") { actor = value }
        if isKey(name, "after") { after = value }
      case 6:
        if isKey(name, "before") { before = value }
        if isKey(name, "commit") { commit = value }
        if isKey(name, "format") { format = value }
      case 7: takeSeven(name, value)
      case 8:
        if isKey(name, "customer") { customer = value }
        if isKey(name, "previous") { previous = value }
        if isKey(name, "sequence") { sequence = value }
      case 9:
        if isKey(name, "approvals") { approvals = value }
        if isKey(name, "workspace") { workspace = value }
      case 10: if isKey(name, "generation") { generation = value }
      case 11: if isKey(name, "environment") { environment = value }
      default: break
      }
    }

    private mutating func takeSeven(_ name: UnsafeBufferPointer<UInt8>, _ value: EventValue) {
      if isKey(name, "classes") { classes = value }
      if isKey(name, "instant") { instant = value }
      if isKey(name, "subject") { subject = value }
      if isKey(name, "version") { version = value }
    }
  }
}
