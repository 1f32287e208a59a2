// Which scopes a command is about: `--environment` and `--customer`, in every command that takes
// them. A selection that no scope meets is refused, since it is a slip of the pen, and to do
// nothing would look like success.

internal import Documents
package import FlagstaffCore

/// Which scopes are looked at; empty lists mean all.
package struct ScopeSelection: Hashable, Sendable {
  package var environments: [String]
  package var customers: [String]

  package init(environments: [String] = [], customers: [String] = []) {
    self.environments = environments
    self.customers = customers
  }

  package func contains(_ scope: ScopeID) -> Bool {
    (environments.isEmpty || environments.contains(scope.environment))
      && (customers.isEmpty || customers.contains(scope.customer))
  }

  /// Those of all scopes that are selected, in order.
  ///
  /// - Throws: `ControllerError` with the code `unknownScope` where there are scopes, and none is
  ///   selected.
  func chosen(from all: Set<ScopeID>) throws -> [ScopeID] {
    let chosen = all.filter(contains).sorted()
    guard chosen.isEmpty, !all.isEmpty else { return chosen }
    let names = all.sorted().map(\.description).listed(atMost: 10)
    throw ControllerError(
      .unknownScope, operation: "selecting scopes",
      reason: "no scope is of the given environments and customers. There are \(names)")
  }
}
