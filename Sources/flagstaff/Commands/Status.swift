// `flagstaff status`: the version, commit and instant of each scope, and whether each origin has
// it. It exits with 1 where an origin is behind, so that a job can watch it.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import PostgresRegistry
internal import Signing

struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show each scope's version, and whether the origins have it.")

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
      return try heads.filter { scopes.selection.contains($0.scope) }.map { head in
        Row(head: head, isPublished: try publishers.allSatisfy { try $0.isCurrent(head) })
      }
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

  private struct Row: Sendable {
    let head: ScopeHead
    let isPublished: Bool

    var node: Node {
      .fields([
        "environment": .string(head.scope.environment), "customer": .string(head.scope.customer),
        "version": .integer(head.version), "commit": .string(head.commit),
        "instant": .string(head.instant.description), "published": .boolean(isPublished),
      ])
    }

    func text(_ terminal: Terminal) -> String {
      let published =
        isPublished
        ? terminal.colour("published", .green)
        : terminal.colour("not published; run `flagstaff reconcile`", .red)
      return "\(head.scope)  version \(head.version)  commit \(head.commit.prefix(12))"
        + "  \(head.instant)  \(published)"
    }
  }
}
