// `flagstaff evaluate`: what a flag answers for a context, from a published snapshot, verified. It
// answers as an application would, so what it says can be relied on when somebody asks why.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import FlagstaffEvaluation
internal import Foundation
internal import Origins
internal import PostgresRegistry
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

struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask what a flag answers for a context.",
    discussion: """
      Reads a published snapshot and verifies its signature and digests first.

      Example:
        flagstaff evaluate --environment production --customer acme --flag checkout-flow \\
          --context '{"targetingKey": "user-1", "country": "DE"}'
      """)

  @Option(help: ArgumentHelp("The flag, or a flagless experiment.", valueName: "key"))
  var flag: String

  @Option(help: ArgumentHelp("The context: a JSON object.", valueName: "json"))
  var context: String = "{}"

  @OptionGroup var scopes: ScopeOptions
  @OptionGroup var origins: OriginOptions
  @OptionGroup var publicKey: PublicKeyOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let terminal = output.terminal
    let context = try parsedContext()
    let directory = try origins.paths(stateDirectory: state.stateDir)[0]
    let origin = DirectoryOrigin(path: directory)
    let scope = try scope(at: origin)
    let published = try PublishedScope.read(scope, at: origin, keys: [try publicKey.key(state)])
    let answer = try published.snapshot().evaluate(flag: flag, context: context)
    switch output.format {
    case .json: terminal.result(CanonicalJSON.string(try node(answer, published.pointer)))
    case .text: terminal.result(text(answer, published.pointer))
    }
    if answer.errorCode != nil { throw Ending.failure }
  }

  private func parsedContext() throws -> EvaluationContext {
    do {
      return try EvaluationContext(json: Array(context.utf8))
    } catch {
      throw ValidationError("--context: \(error)")
    }
  }

  /// The one published scope that the options select.
  private func scope(at origin: DirectoryOrigin) throws -> ScopeID {
    let published = try origin.publishedScopes().filter { scopes.selection.contains($0) }
    guard published.count <= 1 else {
      throw ValidationError(
        "Several scopes are published: name one with --environment and --customer"
          + " (\(published.map(\.description).joined(separator: ", "))).")
    }
    guard let scope = published.first else {
      throw ControllerError(
        .unknownScope, operation: "reading \(origin.path)",
        reason: "no such scope is published there. Run `flagstaff reconcile`, or name another"
          + " origin")
    }
    return scope
  }

  private func text(_ answer: Evaluation, _ pointer: Pointer) -> String {
    if let error = answer.errorCode { return "\(Visible.text(flag)): \(error.rawValue)" }
    let variant = answer.variant.map { " (variant \($0))" } ?? ""
    return """
      \(Visible.text(flag)) = \(answer.value?.json ?? "null")\(variant)
      reason: \(answer.reason.rawValue)\(answer.rule.map { ", by \(words($0))" } ?? "")
      from: \(pointer.scope), version \(pointer.version), commit \(pointer.commit.prefix(12))
      """
  }

  private func words(_ rule: Evaluation.Rule) -> String {
    let name =
      rule.experiment.map { "experiment \($0)" } ?? rule.key.map { "rule \($0)" }
      ?? "rule \(rule.index + 1)"
    return rule.isForced ? "\(name), forced" : name
  }

  private func node(_ answer: Evaluation, _ pointer: Pointer) throws -> Node {
    .fields([
      "formatVersion": .integer(1), "flag": .string(flag),
      "value": try answer.value.map { try JSONReader.read($0.json) },
      "variant": answer.variant.map(Node.string), "reason": .string(answer.reason.rawValue),
      "errorCode": answer.errorCode.map { .string($0.rawValue) },
      "rule": answer.rule.map { rule in
        .fields([
          "index": .integer(rule.index), "key": rule.key.map(Node.string),
          "experiment": rule.experiment.map(Node.string), "forced": .boolean(rule.isForced),
        ])
      },
      "environment": .string(pointer.scope.environment),
      "customer": .string(pointer.scope.customer), "version": .integer(pointer.version),
    ])
  }
}
