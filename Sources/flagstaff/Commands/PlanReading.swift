// Makes a plan against whatever it is compared with: opens a registry, an origin or a revision, and
// reads the parents there. `plan` shows what came of it, `approve` signs it.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import GitSource
internal import Origins

struct PlanReading {
  let state: StateOptions
  let origins: OriginOptions
  let publicKey: PublicKeyOptions
  let scopes: ScopeOptions
  let terminal: Terminal

  func report(
    _ order: PlanOrder, _ against: Against, _ source: DefinitionsSource
  ) async throws -> PassReport {
    switch against {
    case .registry:
      return try await RegistryAccess.with(state, for: .look) { access in
        let (parents, clock) = try await access.parents(
          for: order.wanted, origins, order.judgedBy.enforcement)
        return try await order.run(against: parents, clock: clock)
      }
    case .origin(let place):
      guard HTTPOrigin.isAddress(place) else {
        return try await report(order, published: DirectoryOrigin(path: place), source)
      }
      return try await HTTPOrigin.with(place) { origin in
        try await report(order, published: origin, source)
      }
    case .revision(let revision):
      let commit = try await source.commit(ofRevision: revision)
      terminal.note(
        "Compared with \(revision) (\(commit.hexadecimal.prefix(12))), as if it had been applied"
          + " first to an empty registry: buckets are laid out anew, so figures may differ from"
          + " those of the real plan where an experiment was changed before.")
      var order = order
      order.former.insert(try await .commit(commit, named: revision, source), at: 0)
      return try await order.run(against: .none, clock: .now)
    }
  }

  private func report(
    _ order: PlanOrder, published origin: any ReadableOrigin, _ source: DefinitionsSource
  ) async throws -> PassReport {
    terminal.note("Compared with what is published at \(origin.name).")
    let named = order.former.reduce(order.wanted.scopes) { $0.union($1.scopes) }
    let parents = try await Parents.published(
      at: origin, keys: [try publicKey.key(state)], selection: scopes.selection,
      for: order.wanted.loaded, named: named, source: source, clock: .now)
    return try await order.run(against: parents, clock: .now)
  }
}
