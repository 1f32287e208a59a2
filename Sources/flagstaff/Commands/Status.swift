// `flagstaff status`: the version, commit and instant of each scope, whether each origin has it,
// and on request how full its exclusion groups are. It exits with 1 where an origin is behind, so
// that a job can watch it.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import PostgresRegistry
internal import Signing

struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show each scope's version, and whether the origins have it.",
    usage: "flagstaff status [<options>]",
    discussion: """
      Exits with 1 where an origin is behind the registry.

      Examples:
        flagstaff status
        flagstaff status --customer acme --groups
      """)

  @Flag(help: "Show who holds what of each exclusion group, and what rests until when.")
  var groups = false

  @OptionGroup var scopes: ScopeOptions
  @OptionGroup var origins: OriginOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let terminal = output.terminal
    let rows = try await RegistryAccess.with(state) { access in
      let key = try access.keys().signing
      let publishers = try origins.paths(stateDirectory: access.stateDirectory.path).map {
        Publisher(directory: $0, key: key, failpoints: Failpoints())
      }
      let heads = try await access.worker.run { connection in
        try connection.transaction(isReadOnly: true) { try $0.heads() }
      }
      let killed = try await access.worker.run { connection in
        try connection.transaction(isReadOnly: true) { try $0.killedPlaces() }
      }
      var rows: [Row] = []
      for head in heads where scopes.selection.contains(head.scope) {
        rows.append(
          Row(
            head: head, isPublished: try publishers.allSatisfy { try $0.isCurrent(head) },
            groups: groups ? try await occupancy(of: head.scope, access) : [],
            killed: killed.filter { $0.scope == head.scope }))
      }
      return rows
    }
    switch output.format {
    case .json:
      terminal.result(
        CanonicalJSON.string(
          .fields(["formatVersion": .integer(1), "scopes": .sequence(rows.map(\.node))])))
    case .text:
      if rows.isEmpty { terminal.note("Nothing was ever applied. Run `flagstaff reconcile`.") }
      for row in rows { terminal.result(row.text(terminal)) }
    }
    if rows.contains(where: { !$0.isPublished }) { throw Ending.failure }
  }

  private func occupancy(of scope: ScopeID, _ access: RegistryAccess) async throws
    -> [GroupOccupancy]
  {
    try await access.worker.run { connection in
      try connection.transaction(isolation: .repeatableRead, isReadOnly: true) {
        GroupOccupancy.all(in: try $0.state(of: scope), at: try $0.instant())
      }
    }
  }

  private struct Row: Sendable {
    let head: ScopeHead
    let isPublished: Bool
    let groups: [GroupOccupancy]
    let killed: [RegisteredPlace]

    /// How strictly approvals were enforced when it was applied.
    private var mode: String? { Pointer(payload: head.payload)?.mode }

    var node: Node {
      .fields([
        "environment": .string(head.scope.environment), "customer": .string(head.scope.customer),
        "version": .integer(head.version), "commit": .string(head.commit),
        "instant": .string(head.instant.description), "mode": mode.map(Node.string),
        "published": .boolean(isPublished),
        "killed": .sequence(
          killed.map { place in
            .fields([
              "kind": .string(place.identity.kind.rawValue), "key": .string(place.identity.key),
              "since": place.killed.map { .string($0.description) },
            ])
          }),
        "groups": groups.isEmpty ? nil : .sequence(groups.map(OccupancyText.node)),
      ])
    }

    func text(_ terminal: Terminal) -> String {
      let published =
        isPublished
        ? terminal.colour("published", .green)
        : terminal.colour("not published; run `flagstaff reconcile`", .red)
      return "\(head.scope)  version \(head.version)  commit \(head.commit.prefix(12))"
        + "  \(head.instant)  \(mode ?? "unknown")  \(published)"
        + killed.map { place in
          "\n  " + terminal.colour("killed", .red) + "  \(place.identity)"
            + (place.killed.map { "  since \($0)" } ?? "")
        }.joined()
        + groups.flatMap(OccupancyText.lines).map { "\n  \($0)" }.joined()
    }
  }
}
