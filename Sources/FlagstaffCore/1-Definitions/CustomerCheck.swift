// The files of one customer checked against each other and against what all customers share, or
// the files of shared/. What is found follows from what is given alone, so a long-running process
// keeps it for as long as neither the customer's files nor what is shared have changed.

internal import Documents

/// What one customer defines, checked; or what stands in shared/.
package final class CheckedCustomer: Sendable {
  /// What it was checked against.
  struct Basis: Sendable {
    /// Nil for shared/ itself.
    let customer: String?
    /// Those of the workspace; nil where nobody knows them.
    let environments: [String]?
    /// What stands in shared/; nil for shared/ itself.
    let shared: CheckedCustomer?
    /// Whether there are files that have something to say and cannot be read.
    let isMissing: Bool

    fileprivate func isSame(as other: Basis) -> Bool {
      customer == other.customer && environments == other.environments
        && shared === other.shared && isMissing == other.isMissing
    }
  }

  /// A text that is hashed with the unit, and may be used once in a repository.
  struct Salt: Sendable {
    let text: String
    /// `id` or `salt`.
    let field: String
    let location: Location
  }

  let files: [CheckedFile]
  let definitions: CustomerDefinitions
  let findings: [Finding]
  /// In the order of keys, salts after ids.
  let salts: [Salt]
  /// What stands in shared/ and is used here.
  let usedOfShared: Set<Identity>
  /// Whether it may use more than was read.
  let isIncomplete: Bool
  /// Whether there is a file of which nothing could be read.
  let isUnread: Bool
  /// Whether there is a file that is no document, so that nobody knows what it would define.
  fileprivate let isUnreadable: Bool
  /// Where each name was defined first.
  fileprivate let places: [Identity: Location]
  /// Of the segments that may be used, shared ones among them.
  fileprivate let sizes: [String: ConditionSize]
  private let basis: Basis

  /// - Parameters:
  ///   - files: in the order of paths.
  ///   - former: what was found before; it is taken over where it would be the same.
  static func check(
    _ files: [CheckedFile], on basis: Basis, after former: CheckedCustomer? = nil
  ) -> CheckedCustomer {
    if let former, former.isSame(of: files, on: basis) { return former }
    var check = CustomerCheck(files, on: basis)
    check.run()
    return CheckedCustomer(files, check)
  }

  /// Whether the same would be found of other files.
  func isSame(of others: [CheckedFile], on basis: Basis) -> Bool {
    files.count == others.count && zip(files, others).allSatisfy { $0 === $1 }
      && self.basis.isSame(as: basis)
  }

  private init(_ files: [CheckedFile], _ check: CustomerCheck) {
    self.files = files
    basis = check.basis
    definitions = check.definitions
    findings = check.findings
    salts = check.salts
    usedOfShared = check.usedOfShared
    isIncomplete = check.isIncomplete
    isUnread = check.isUnread
    isUnreadable = check.isUnreadable
    places = check.places
    sizes = check.sizes
  }
}

/// Collects what is wrong with one customer's definitions; it never stops at the first finding.
struct CustomerCheck {
  let basis: CheckedCustomer.Basis
  fileprivate(set) var definitions = CustomerDefinitions()
  private(set) var findings: [Finding] = []
  var suggestions = Suggestions()
  var conditions = ConditionTotal()
  var sizes: [String: ConditionSize] = [:]
  var usedOfShared: Set<Identity> = []
  var isIncomplete: Bool
  fileprivate var isUnread = false
  fileprivate var isUnreadable = false
  fileprivate var places: [Identity: Location] = [:]
  private let files: [CheckedFile]

  fileprivate init(_ files: [CheckedFile], on basis: CheckedCustomer.Basis) {
    self.files = files
    self.basis = basis
    isIncomplete = basis.isMissing
  }

  fileprivate mutating func run() {
    for file in files {
      claim(file)
      definitions.add(file)
    }
    if let shared = basis.shared {
      definitions.sharedSegments = shared.definitions.segments
      definitions.sharedMetrics = shared.definitions.metrics
    }
    sizes = basis.shared?.sizes ?? [:]
    checkReferences()
    if basis.customer != nil { checkUse() }
  }

  /// Records who defines a name, and reports a second definition with both places.
  private mutating func claim(_ file: CheckedFile) {
    if file.isUnreadable { isUnreadable = true }
    if !file.isValid { isIncomplete = true }
    if !file.isValid, file.isEmpty { isUnread = true }
    for (identity, position) in file.names {
      let location = Location(file: file.file, position: position)
      guard let first = places[identity] ?? basis.shared?.places[identity] else {
        places[identity] = location
        continue
      }
      isIncomplete = true
      report(
        .duplicateIdentity, at: location, "the \(identity) is defined twice",
        remedy: "Rename one of the two, or remove it",
        notes: [.init("first defined here", at: first)])
    }
  }

  /// Whether something of the name is defined, or might be: what a file that cannot be read would
  /// have defined nobody knows, and its own finding says enough.
  func isNamed(_ kind: Kind, _ key: String) -> Bool {
    let identity = Identity(kind, key)
    if isUnreadable || places[identity] != nil { return true }
    return basis.shared.map { $0.isUnreadable || $0.places[identity] != nil } ?? false
  }

  mutating func report(
    _ code: Finding.Code, at location: Location, _ message: String, remedy: String,
    notes: [Finding.Note] = []
  ) {
    findings.append(Finding(code, at: location, message, remedy: remedy, notes: notes))
  }

  mutating func report(contentsOf others: [Finding]) { findings += others }

  /// Whatever is hashed with units of this customer.
  fileprivate var salts: [CheckedCustomer.Salt] {
    guard let customer = basis.customer else { return [] }
    let experiments = definitions.experiments.values
      .sorted { $0.source.key.precedesInBytes($1.source.key) }
    let groups = definitions.groups.values
      .sorted { $0.source.key.precedesInBytes($1.source.key) }
    var salts: [CheckedCustomer.Salt] = []
    func add(_ text: String, _ field: String, _ file: String, _ position: Position) {
      salts.append(
        .init(text: text, field: field, location: Location(file: file, position: position)))
    }
    for item in experiments {
      let id = item.source.id ?? Identifiers.experiment(item.source.key, of: customer)
      add(id, "id", item.file, item.source.position)
    }
    for item in groups {
      let id = item.source.id ?? Identifiers.group(item.source.key, of: customer)
      add(id, "id", item.file, item.source.position)
    }
    for item in experiments {
      if let salt = item.source.salt { add(salt.key, "salt", item.file, salt.position) }
    }
    return salts
  }
}
