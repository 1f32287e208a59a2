// `flagstaff snapshot flagd`: which flags a scope's flagd.json answers for, and why the others are
// left out of it. It is worked out from the published, verified snapshot, so whoever may read an
// origin can ask.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import Origins
internal import Signing

struct SnapshotFlagd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flagd", abstract: "Show what flagd answers for, and what it is not given.",
    usage: "flagstaff snapshot flagd [<options>]",
    discussion: """
      Beside each pointer stands flagd.json, for OpenFeature's flagd providers. A \
      flag is in it only where flagd answers as Flagstaff does for every context. \
      What divides users by a hash is in it only with `flagd: {splits: native}` in \
      flagstaff.yaml, since flagd's hash is its own. With --format json the \
      document is part of the output.

      Example:
        flagstaff snapshot flagd --environment production --customer acme
      """)

  @OptionGroup var scopes: ScopeOptions
  @OptionGroup var origins: OriginOptions
  @OptionGroup var publicKey: PublicKeyOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let terminal = output.terminal
    let key = try publicKey.key(state)
    let origin = DirectoryOrigin(path: try origins.paths(stateDirectory: state.stateDir)[0])
    let selected = try origin.publishedScopes().filter { scopes.selection.contains($0) }
    guard !selected.isEmpty else {
      throw ControllerError(
        .unknownScope, operation: "reading \(origin.path)",
        reason: "no such scope is published there. Run `flagstaff reconcile`, or name another"
          + " origin")
    }
    let results = try selected.map { try FlagdScope($0, at: origin, key: key) }
    switch output.format {
    case .text: for result in results { terminal.result(result.text(terminal)) }
    case .json:
      terminal.result(
        CanonicalJSON.string(
          .fields([
            "formatVersion": .integer(1), "scopes": .sequence(try results.map { try $0.node() }),
          ])))
    }
    if results.contains(where: { !$0.problems.isEmpty }) { throw Ending.failure }
  }
}

/// What one scope's flagd.json is.
private struct FlagdScope {
  let pointer: Pointer
  /// nil where the version names no such document.
  let flagd: FlagdDocument?
  /// What is wrong with the file at the origin.
  let problems: [String]

  init(_ scope: ScopeID, at origin: DirectoryOrigin, key: PublicKey) throws {
    let published = try PublishedScope.read(scope, at: origin, keys: [key])
    pointer = published.pointer
    flagd = try published.flagd()
    problems = try published.projectionProblems(at: origin)
  }

  func text(_ terminal: Terminal) -> String {
    let heading = "\(pointer.scope)  version \(pointer.version)"
    guard let flagd else { return "\(heading)  \(absence)" }
    let whole = flagd.keys.count + flagd.omissions.count
    let lines = flagd.omissions.flatMap { omission in
      omission.gaps.map { "  \(omission.key)  left out: \($0.reason)" }
    }
    let wrong = problems.map { "  \(terminal.colour($0, .red)); run `flagstaff reconcile`" }
    return
      (["\(heading)  flagd.json answers \(flagd.keys.count) of \(Plural.text(whole, "key"))"]
      + wrong + lines).joined(separator: "\n")
  }

  private var absence: String {
    pointer.projections[FlagdDocument.projection] == nil
      ? "was published without flagd.json; the next version has one"
      : "has a flagd.json that another version of this program wrote"
  }

  func node() throws -> Node {
    let leftOut = flagd?.omissions.map { omission in
      Node.fields([
        "key": .string(omission.key),
        "reasons": .sequence(
          omission.gaps.map {
            .fields(["code": .string($0.code), "reason": .string($0.reason)])
          }),
      ])
    }
    return .fields([
      "environment": .string(pointer.scope.environment),
      "customer": .string(pointer.scope.customer), "version": .integer(pointer.version),
      "splits": flagd.map { .string($0.splits == .native ? "native" : "omitted") },
      "keys": flagd.map { .strings($0.keys) }, "leftOut": leftOut.map(Node.sequence),
      "document": try flagd.map {
        try JSONReader.read($0.object.bytes, depthMax: FlagdDocument.depthMax)
      },
      "problems": .strings(problems),
    ])
  }
}
