// Evaluates a file of contexts, a line at a time. Nothing is kept of a line once it is answered, so
// files of any size, and pipes without end, take the same memory. A line that cannot be read is
// told in its place and spoils no other.

internal import Documents
internal import FlagstaffCore
internal import FlagstaffEvaluation
internal import Foundation

struct BulkEvaluation {
  let snapshot: Snapshot
  let pointer: Pointer
  /// Nil for all flags.
  let flag: String?
  let format: OutputFormat

  /// Answers every line.
  ///
  /// - Returns: whether every line was a context, and the flag exists.
  func run(_ lines: ContextLines) throws -> Bool {
    var isGood = true
    while let line = try lines.next(beforeReading: { fflush(nil) }) {
      isGood = answer(line) && isGood
    }
    return isGood
  }

  private func answer(_ line: ContextLines.Line) -> Bool {
    let context: EvaluationContext
    do {
      guard let bytes = line.bytes else {
        throw ContextTooLong()
      }
      context = try EvaluationContext(json: bytes)
    } catch {
      show(error, line.number)
      return false
    }
    let answers =
      flag.map { [snapshot.evaluate(flag: $0, context: context)] }
      ?? snapshot.evaluateAll(context: context)
    show(answers, line.number)
    return answers.allSatisfy { $0.errorCode == nil }
  }

  private func show(_ answers: [Evaluation], _ line: Int) {
    switch format {
    case .json:
      var fields: [(String, Node)] = [("formatVersion", .integer(1)), ("line", .integer(line))]
      if flag == nil {
        let list = answers.map { Node.mapping(EvaluationDocument.answer($0)) }
        fields.append(("answers", .sequence(list)))
      } else {
        fields += answers.flatMap { EvaluationDocument.answer($0) }
      }
      print(CanonicalJSON.string(.mapping(fields + EvaluationDocument.source(pointer))))
    case .text:
      for answer in answers {
        print("\(line): \(EvaluationText.answer(answer))  \(EvaluationText.reason(answer))")
      }
    }
  }

  private func show(_ error: any Error, _ line: Int) {
    let code = (error as? ContextError)?.code.rawValue ?? ContextTooLong.code
    switch format {
    case .json:
      print(
        CanonicalJSON.string(
          .fields([
            "formatVersion": .integer(1), "line": .integer(line),
            "error": .fields(["code": .string(code), "reason": .string("\(error)")]),
          ])))
    case .text:
      print("\(line): error: \(Visible.text("\(error)"))")
    }
  }
}

struct ContextTooLong: Error, CustomStringConvertible {
  static let code = "context-too-long"

  var description: String {
    "the context has more than \(Limits.contextBytesMax) bytes"
  }
}
