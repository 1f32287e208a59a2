// `flagstaff snapshot verify`: checks what is published from the outside, with files and a public
// key alone. It needs no database and no secret, so anybody who has the public key can run it.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import FlagstaffEvaluation
internal import Foundation
internal import Origins
internal import PostgresRegistry
internal import Signing

struct SnapshotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot", abstract: "Check published snapshots.",
    subcommands: [Verify.self, SnapshotFlagd.self])

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Verify signature, digests and content of published scopes.",
      usage: "flagstaff snapshot verify [<options>] <path>",
      discussion: """
        PATH is an origin's directory, or the directory of one scope in it. Every object that a \
        pointer names is read and compared with its digest, flagd.json too, and the snapshot is \
        decoded as an application would decode it.
        """)

    @Argument(help: "An origin's directory, or a scope's directory in it.")
    var path: String

    @OptionGroup var publicKey: PublicKeyOptions
    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let terminal = output.terminal
      let key = try publicKey.key(state)
      let (origin, scopes) = try target()
      guard !scopes.isEmpty else {
        throw ControllerError(
          .unknownScope, operation: "reading \(path)",
          reason: "no pointer (latest.json) stands there. Name an origin or a scope's directory")
      }
      let results = scopes.map { scope in VerifiedScope.verify(scope, at: origin, key: key) }
      for result in results where output.format == .text { terminal.result(result.text(terminal)) }
      if output.format == .json {
        terminal.result(
          CanonicalJSON.string(
            .fields(["formatVersion": .integer(1), "scopes": .sequence(results.map(\.node))])))
      }
      if results.contains(where: { !$0.problems.isEmpty }) { throw Ending.failure }
    }

    private func target() throws -> (DirectoryOrigin, [ScopeID]) {
      let url = URL(filePath: path).standardizedFileURL
      if FileManager.default.fileExists(atPath: url.appending(path: "latest.json").path) {
        let parts = url.pathComponents.suffix(2)
        let root = url.deletingLastPathComponent().deletingLastPathComponent()
          .deletingLastPathComponent()
        let scope = ScopeID(environment: parts.first ?? "", customer: parts.last ?? "")
        return (DirectoryOrigin(path: root.path), [scope])
      }
      let origin = DirectoryOrigin(path: url.path)
      return (origin, try origin.publishedScopes())
    }
  }
}

/// What came of verifying one scope.
private struct VerifiedScope {
  let scope: ScopeID
  let version: Int?
  let flags: Int
  let objects: Int
  let problems: [String]
  /// The key that signed; nil where nothing verifies.
  let key: String?

  /// Reads, verifies and decodes a scope.
  static func verify(_ scope: ScopeID, at origin: DirectoryOrigin, key: PublicKey) -> VerifiedScope
  {
    do {
      var published = try PublishedScope.read(scope, at: origin, keys: [key])
      var problems = try published.projectionProblems(at: origin)
      if !problems.isEmpty {
        // A new version may have come between the pointer and what it names by path.
        published = try PublishedScope.read(scope, at: origin, keys: [key])
        problems = try published.projectionProblems(at: origin)
      }
      let flags = try published.snapshot().flagKeys.count
      return VerifiedScope(
        scope: scope, version: published.pointer.version, flags: flags,
        objects: published.objects.count, problems: problems, key: published.keyIdentifier)
    } catch {
      let problems = (error as? PublishedScopeFailure)?.problems ?? [String(describing: error)]
      return VerifiedScope(
        scope: scope, version: nil, flags: 0, objects: 0, problems: problems, key: nil)
    }
  }

  func text(_ terminal: Terminal) -> String {
    guard let version, problems.isEmpty else {
      let lines = problems.map { "  \($0)" }
      return (["\(scope)  \(terminal.colour("does not verify", .red))"] + lines)
        .joined(separator: "\n")
    }
    return "\(scope)  \(terminal.colour("verifies", .green)), version \(version),"
      + " answers \(Plural.text(flags, "key")), signed by key \(key?.prefix(16) ?? "")…"
  }

  var node: Node {
    .fields([
      "environment": .string(scope.environment), "customer": .string(scope.customer),
      "verified": .boolean(problems.isEmpty), "version": version.map(Node.integer),
      "flags": .integer(flags), "objects": .integer(objects), "problems": .strings(problems),
    ])
  }
}
