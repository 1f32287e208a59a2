// `flagstaff evaluate`: what flags answer for a context, or for each context of a file, from a
// published snapshot, verified. It answers as an application would, so what it says can be relied
// on when somebody asks why.

internal import ArgumentParser
internal import Documents
internal import FlagstaffCore
internal import FlagstaffEvaluation

struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask what flags answer for a context.",
    usage: "flagstaff evaluate [<options>]",
    discussion: """
      Reads a published snapshot and verifies its signature and digests first. Without --flag \
      all flags are evaluated.

      Examples:
        flagstaff evaluate --flag checkout-flow --environment production --explain \\
          --context '{"targetingKey": "user-1", "country": "DE"}'
        flagstaff evaluate --contexts users.ndjson --format json

      --contexts answers line by line, in the order of the file and in constant memory. With \
      --format json each line becomes one JSON object, in which "line" is its number. Lines that \
      are blank are passed over. A line that is no context becomes an object with an "error"; the \
      others are answered all the same, and the exit code is 1 at the end, as it is where a flag \
      is unknown.
      """)

  @Option(
    help: ArgumentHelp(
      "The flag, or a flagless experiment. (default: all, where contexts are given)",
      valueName: "key"))
  var flag: String?

  @Option(help: ArgumentHelp("The context: a JSON object. (default: {})", valueName: "json"))
  var context: String?

  @Option(
    help: ArgumentHelp(
      "A file of contexts, a JSON object a line; - is standard input.", valueName: "file"))
  var contexts: String?

  @Flag(help: "Tell for each rule of the flag what it came to, and why.")
  var explain = false

  @OptionGroup var published: PublishedOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard flag != nil || context != nil || contexts != nil else {
      throw ValidationError("Name a --flag, or give a --context or --contexts to ask all flags.")
    }
    guard context == nil || contexts == nil else {
      throw ValidationError("--context and --contexts exclude each other.")
    }
    guard !explain || (flag != nil && contexts == nil) else {
      throw ValidationError("--explain explains one --flag for one --context.")
    }
  }

  func run() async throws {
    let terminal = output.terminal
    if let contexts {
      let lines = try ContextLines(file: contexts)
      let (pointer, snapshot) = try published.read()
      let bulk = BulkEvaluation(
        snapshot: snapshot, pointer: pointer, flag: flag, format: output.format)
      guard try bulk.run(lines) else { throw Ending.failure }
      return
    }
    let context = try EvaluationContext(option: "--context", context ?? "{}")
    let (pointer, snapshot) = try published.read()
    guard let flag else {
      showAll(snapshot.evaluateAll(context: context), pointer, terminal)
      return
    }
    let explanation = snapshot.explain(flag: flag, context: context)
    switch output.format {
    case .json: terminal.result(CanonicalJSON.string(document(explanation, pointer)))
    case .text: terminal.result(text(explanation, pointer).joined(separator: "\n"))
    }
    if explanation.evaluation.errorCode != nil { throw Ending.failure }
  }

  private func showAll(_ answers: [Evaluation], _ pointer: Pointer, _ terminal: Terminal) {
    switch output.format {
    case .json:
      let list = answers.map { Node.mapping(EvaluationDocument.answer($0)) }
      terminal.result(
        CanonicalJSON.string(
          .mapping(
            [("formatVersion", .integer(1)), ("answers", .sequence(list))]
              + EvaluationDocument.source(pointer))))
    case .text:
      for answer in answers {
        terminal.result("\(EvaluationText.answer(answer))  \(EvaluationText.reason(answer))")
      }
      terminal.note("from: \(EvaluationText.source(pointer))")
    }
  }

  private func document(_ explanation: Explanation, _ pointer: Pointer) -> Node {
    var fields: [(String, Node)] = [("formatVersion", .integer(1))]
    fields += EvaluationDocument.answer(explanation.evaluation)
    if explain {
      fields.append(("explanation", EvaluationDocument.explanation(explanation)))
    }
    return .mapping(fields + EvaluationDocument.source(pointer))
  }

  private func text(_ explanation: Explanation, _ pointer: Pointer) -> [String] {
    let answer = explanation.evaluation
    var lines = [EvaluationText.answer(answer)]
    guard answer.errorCode == nil else { return lines }
    lines.append("reason: \(EvaluationText.reason(answer))")
    lines.append("from: \(EvaluationText.source(pointer))")
    if explain { lines += EvaluationText.explanation(explanation).map { "  \($0)" } }
    return lines
  }
}
