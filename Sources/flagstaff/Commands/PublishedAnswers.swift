// What the commands that answer from an origin share: the one scope that the options select, read
// and verified, and contexts from the command line. Nothing is answered from bytes that were not
// signed.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import FlagstaffEvaluation
internal import Origins
internal import Signing

struct PublicKeyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The public key that must have signed, in PEM."
        + " (default: <state-dir>/signing-key.pub.pem) [FLAGSTAFF_PUBLIC_KEY]",
      valueName: "file"))
  var publicKey: String?

  func key(_ state: StateOptions) throws -> PublicKey {
    try Keys.publicKey(
      file: publicKey ?? Variables.text("PUBLIC_KEY") ?? "\(state.stateDir)/\(Keys.publicFile)")
  }
}

/// Where answers come from.
struct PublishedOptions: ParsableArguments {
  @OptionGroup var scopes: ScopeOptions
  @OptionGroup var origins: OriginOptions
  @OptionGroup var publicKey: PublicKeyOptions
  @OptionGroup var state: StateOptions

  /// Reads the one published scope that the options select, from the first origin.
  func read() throws -> (pointer: Pointer, snapshot: Snapshot) {
    let scope = try readScope()
    return (scope.pointer, try scope.snapshot())
  }

  func readScope() throws -> PublishedScope {
    let directory = try origins.paths(stateDirectory: state.stateDir)[0]
    let origin = DirectoryOrigin(path: directory)
    let published = try origin.publishedScopes().filter { scopes.selection.contains($0) }
    guard let scope = try scopes.only(published) else {
      throw ControllerError(
        .unknownScope, operation: "reading \(origin.path)",
        reason: "no such scope is published there. Run `flagstaff reconcile`, or name another"
          + " origin")
    }
    return try PublishedScope.read(scope, at: origin, keys: [try publicKey.key(state)])
  }
}

extension ScopeOptions {
  /// The one scope of those that the options select; nil where there is none.
  func only(_ selected: [ScopeID]) throws -> ScopeID? {
    guard selected.count <= 1 else {
      throw UsageError(
        "Several scopes are published: name one with --environment and --customer"
          + " (\(selected.map(\.description).joined(separator: ", "))).")
    }
    return selected.first
  }
}

/// A value of an option that cannot be used: exit code 64, told without the command's usage, since
/// the options themselves are right.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension EvaluationContext {
  /// The context of an option.
  init(option name: String, _ text: String) throws {
    do {
      try self.init(json: Array(text.utf8))
    } catch {
      throw UsageError("\(name): \(error)")
    }
  }
}
