// What a walk along a log remembers of each scope: when its last event was, its version, and of
// each definition the generation and what tells its form from others. So an event that does not
// follow from the former ones is found, though its bytes have their hash and code. Nothing grows
// with the events of a log, only with the definitions that it tells of. Trust has a log of its own.

internal import Documents

struct WalkedScopes {
  /// All but the scope of the last event.
  private var known: [[UInt8]: WalkedScope] = [:]
  /// The scope of the last event: events of a version follow each other and share it.
  private var name: [UInt8] = []
  private var current = WalkedScope(version: nil)
  /// Whether what no event has told of was not there; else it is unknown.
  private let isFromBeginning: Bool

  init(fromBeginning isFromBeginning: Bool) {
    self.isFromBeginning = isFromBeginning
  }

  /// Moves a scope on to an event; what is of no scope counts as one.
  ///
  /// - Returns: why the event does not follow from the scope's former ones; the walk ends there.
  mutating func take(_ fields: EventFields, at sequence: Int) -> String? {
    if !isLast(fields.environment, fields.customer) {
      if current.last != nil { known[name] = current }
      name = Self.name(fields.environment, fields.customer)
      // It stands in one place alone, so that nothing is copied where it changes.
      current = known.removeValue(forKey: name) ?? WalkedScope(version: isFromBeginning ? 0 : nil)
    }
    if let reason = current.move(to: fields.instant, at: sequence) { return reason }
    guard fields.environment != nil else { return nil }
    return current.version(fields)
      ?? current.change(fields, at: sequence, isFromBeginning: isFromBeginning)
  }

  /// The texts have quotes, so where one ends and the other begins is certain.
  fileprivate static func name(_ first: EventValue?, _ second: EventValue?) -> [UInt8] {
    var name: [UInt8] = []
    name.reserveCapacity((first?.text.count ?? 0) + (second?.text.count ?? 0))
    if let first { name.append(contentsOf: first.text) }
    if let second { name.append(contentsOf: second.text) }
    return name
  }

  private func isLast(_ environment: EventValue?, _ customer: EventValue?) -> Bool {
    let (first, second) = (environment?.text.count ?? 0, customer?.text.count ?? 0)
    guard current.last != nil, first + second == name.count else { return false }
    return name.withUnsafeBufferPointer { name in
      let head = UnsafeBufferPointer(rebasing: name[..<first])
      let tail = UnsafeBufferPointer(rebasing: name[first...])
      return (environment?.text.elementsEqual(head) ?? true)
        && (customer?.text.elementsEqual(tail) ?? true)
    }
  }
}

/// A scope as its events have told it so far.
private struct WalkedScope {
  struct Definition {
    var generation: Int
    /// Nil where it was deleted.
    var form: Int?
    /// The event that left it so.
    var sequence: Int
  }

  private(set) var last: (instant: Instant, sequence: Int)?
  /// Nil where it is unknown.
  private var version: Int?
  /// By kind and key.
  private var definitions: [[UInt8]: Definition] = [:]

  init(version: Int?) {
    self.version = version
  }

  /// Passes of several controllers overlap, so instants rise within a scope, and within what is of
  /// no scope, and nowhere else.
  mutating func move(to instant: Instant, at sequence: Int) -> String? {
    if let last, last.instant > instant {
      return "it is dated \(instant), before event \(last.sequence) of its scope, which is dated"
        + " \(last.instant): a clock went back, or one of them was dated by hand"
    }
    last = (instant, sequence)
    return nil
  }

  /// A version is one event or several, and the next is one higher.
  mutating func version(_ fields: EventFields) -> String? {
    guard let next = fields.version?.count, next > 0 else {
      return "it names no version of its scope"
    }
    if let version, next != version, next != version + 1 {
      return "it is of version \(next) of its scope, behind version \(version)"
    }
    version = next
    return nil
  }

  /// A change raises the definition's generation by one, and begins with what the former one left.
  mutating func change(
    _ fields: EventFields, at sequence: Int, isFromBeginning: Bool
  ) -> String? {
    guard fields.generation != nil || fields.before != nil || fields.after != nil else {
      return nil
    }
    guard let generation = fields.generation?.count else {
      return "it changes a definition and names no generation"
    }
    let key = WalkedScopes.name(fields.subjectKind, fields.subjectKey)
    let before = fields.before.map(Self.digest)
    let next = Definition(
      generation: generation, form: fields.after.map(Self.digest), sequence: sequence)
    guard let place = definitions.index(forKey: key) else {
      guard !isFromBeginning || (generation == 1 && before == nil) else {
        return "it is generation \(generation) of a definition of which no event tells before"
      }
      definitions[key] = next
      return nil
    }
    let former = definitions.values[place]
    guard generation == former.generation + 1 else {
      return "it is generation \(generation) of its definition, behind generation"
        + " \(former.generation), which is event \(former.sequence)"
    }
    guard before == former.form else {
      return "what it calls the form before is not what event \(former.sequence) left"
    }
    definitions.values[place] = next
    return nil
  }

  /// Tells forms apart, at a fraction of what SHA-256 would take. It is keyed anew in each process,
  /// so nobody can look for two forms that it takes for one.
  private static func digest(_ form: EventValue) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(form.text))
    return hasher.finalize()
  }
}
