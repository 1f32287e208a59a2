// An order to stop a definition at once, or to take that back. It comes from a person and not from
// Git, so it is recorded beside the definitions and no later commit undoes it. A kill takes effect
// without anybody's approval; a release is judged like every change that shows somebody something.

package import Documents

package struct StopOrder: Hashable, Sendable {
  package enum Action: String, Hashable, Sendable {
    case kill, release
  }

  package let action: Action
  package let identity: Identity
  /// Who gave it: the login of the database.
  package let login: String
  /// Why, in his words; nil where he says nothing.
  package let reason: String?

  /// - Precondition: a flag or an experiment.
  package init(
    _ action: Action, of identity: Identity, by login: String, reason: String?
  ) {
    precondition([.flag, .experiment].contains(identity.kind), "nothing else answers anybody")
    self.action = action
    self.identity = identity
    self.login = login
    self.reason = reason
  }

  /// What is stopped once it is carried out.
  ///
  /// - Throws: `StopFailure` where nothing would change.
  func kills(after state: ScopeState, at instant: Instant) throws(StopFailure)
    -> [Identity: Kill]
  {
    guard state.definitions[identity] != nil else {
      throw StopFailure(self, in: state.scope, .unknown)
    }
    var kills = state.kills
    switch (action, kills[identity]) {
    case (.kill, nil):
      kills[identity] = Kill(since: instant, schedule: state.schedule ?? instant)
    case (.release, .some): kills[identity] = nil
    case (.kill, .some(let kill)):
      throw StopFailure(self, in: state.scope, .isKilled(since: kill.since))
    case (.release, nil): throw StopFailure(self, in: state.scope, .isNotKilled)
    }
    return kills
  }
}

/// Why an order changes nothing.
package struct StopFailure: WorldFailure, Hashable {
  package enum Code: Hashable, Sendable {
    /// The registry does not have the definition.
    case unknown
    case isKilled(since: Instant)
    case isNotKilled
    /// What is registered is none that this program would apply.
    case held(Finding)
  }

  package let order: StopOrder
  package let scope: ScopeID
  package let code: Code

  package init(_ order: StopOrder, in scope: ScopeID, _ code: Code) {
    (self.order, self.scope, self.code) = (order, scope, code)
  }

  /// Whether what was ordered is so already.
  package var isDone: Bool {
    switch code {
    case .isKilled, .isNotKilled: true
    case .unknown, .held: false
    }
  }

  package var description: String {
    switch code {
    case .unknown:
      "\(order.identity) is not registered in \(scope), so nobody is served by it. See `flagstaff"
        + " status`, and check kind, key, environment and customer"
    case .isKilled(let since): "\(order.identity) in \(scope) is killed since \(since)"
    case .isNotKilled: "\(order.identity) in \(scope) is not killed"
    case .held(let finding):
      "what is registered of \(scope) does not pass the checks of this program, so another version"
        + " applied it (\(finding.message)). Use that version"
    }
  }
}
