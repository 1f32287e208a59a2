// Which scopes stay at their last applied commit because of what was found. A finding holds as
// little as it can be known to concern: one scope where it stands in the block of an environment, a
// customer's scopes where it stands elsewhere in its files, and all where it stands in what all
// share.

internal import Documents

/// What the errors of a commit hold.
package struct Holding: Sendable {
  /// Whether every scope is held, because what all of them share has errors.
  package private(set) var isAll: Bool
  /// The customers of which every scope is held.
  package private(set) var customers: Set<String> = []
  /// Scopes that are held alone, while others of their customer go on.
  package private(set) var scopes: Set<ScopeID> = []
  private let owners: Owners
  /// Of the customers that have errors.
  private let blocks: [String: EnvironmentBlocks]

  init(_ findings: [Finding], _ customers: [String: CheckedCustomer], _ owners: Owners) {
    let errors = findings.filter { $0.severity == .error }
    let concerned = Set(errors.compactMap { owners.owner(of: $0.location.file) })
    self.owners = owners
    blocks = customers.filter { concerned.contains($0.key) }.mapValues {
      EnvironmentBlocks($0.definitions)
    }
    isAll = false
    for finding in errors {
      guard let owner = owners.owner(of: finding.location.file) else {
        isAll = true
        continue
      }
      guard let environment = blocks[owner]?.environment(of: finding) else {
        self.customers.insert(owner)
        continue
      }
      scopes.insert(ScopeID(environment: environment, customer: owner))
    }
    let whole = self.customers
    scopes = scopes.filter { !whole.contains($0.customer) }
  }

  package func contains(_ scope: ScopeID) -> Bool {
    isAll || customers.contains(scope.customer) || scopes.contains(scope)
  }

  /// Whether an error of a scope's customer is one of those that hold the scope.
  func isFinding(_ finding: Finding, holding scope: ScopeID) -> Bool {
    let environment = blocks[scope.customer]?.environment(of: finding)
    return (environment ?? scope.environment) == scope.environment
  }

  /// Whether something is held of whoever a file belongs to.
  func concerns(_ file: String) -> Bool {
    guard let owner = owners.owner(of: file) else {
      return isAll || !customers.isEmpty || !scopes.isEmpty
    }
    return isAll || customers.contains(owner) || scopes.contains { $0.customer == owner }
  }

  /// The same with every scope held.
  func all() -> Holding {
    var holding = self
    holding.isAll = true
    return holding
  }
}

/// To whom a file of the repository belongs.
struct Owners: Sendable {
  let hasCustomers: Bool

  /// The customer whose scopes a finding in a file holds; nil where it holds all.
  func owner(of path: String) -> String? {
    if case .success(.customer(let customer)) = Layout.role(of: path, hasCustomers: hasCustomers) {
      return customer
    }
    let parts = Layout.folders(of: path)
    return parts.count > 2 && parts[0] == "customers" ? parts[1] : nil
  }
}

/// Where the blocks of environments stand in a customer's files.
private struct EnvironmentBlocks: Sendable {
  private var blocks: [Text: [(environment: String, places: ClosedRange<Position>)]] = [:]

  init(_ definitions: CustomerDefinitions) {
    for item in definitions.experiments.values {
      for (name, settings) in item.source.environments { add(name, settings.places, item.file) }
    }
    for item in definitions.flags.values {
      for (name, settings) in item.source.environments { add(name, settings.places, item.file) }
    }
  }

  private mutating func add(_ name: Reference, _ places: ClosedRange<Position>?, _ file: String) {
    if let places { blocks[Text(file), default: []].append((name.key, places)) }
  }

  /// The environment in whose block a finding stands; nil where it stands elsewhere, or stands for
  /// others that are not shown.
  func environment(of finding: Finding) -> String? {
    guard finding.code != .moreFindings else { return nil }
    let place = finding.location.position
    return blocks[Text(finding.location.file)]?.first { $0.places.contains(place) }?.environment
  }
}

extension Node {
  /// From its own place to that of the last value in it.
  var places: ClosedRange<Position> {
    var last = self
    while let next = last.mapping?.entries.last?.value ?? last.sequence?.last { last = next }
    return position...max(position, last.position)
  }
}
