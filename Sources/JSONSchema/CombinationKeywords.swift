// Schemas made of schemas that apply to the same node: JSON Schema Core 2020-12, section 10.2.
// Where none of several alternatives fits, the one that got furthest is explained: "matches none
// of the alternatives" helps nobody who edits a file.

internal import Documents

final class CombinationKeywords: Sendable {
  private let allOf: [Int]
  private let anyOf: [Int]
  private let oneOf: [Int]
  private let negated: Int?
  private let condition: Int?
  private let consequence: Int?
  private let alternative: Int?

  /// Nil where the schema has none of these keywords.
  init?(_ reader: KeywordReader) throws(SchemaError) {
    guard reader.families.contains(.combination) else { return nil }
    allOf = try reader.schemas("allOf") ?? []
    anyOf = try reader.schemas("anyOf") ?? []
    oneOf = try reader.schemas("oneOf") ?? []
    negated = reader.schema("not")
    condition = reader.schema("if")
    consequence = reader.schema("then")
    alternative = reader.schema("else")
  }

  /// All schemas that may be applied.
  var all: [Int] { offering + [negated].compactMap { $0 } }

  /// Those that can say which parts of a node are known.
  var offering: [Int] {
    allOf + anyOf + oneOf + [condition, consequence, alternative].compactMap { $0 }
  }

  func allow(_ node: Node, _ evaluation: inout Evaluation) throws(Undecided) -> Bool {
    for index in allOf {
      guard try evaluation.isValid(node, index) else { return false }
    }
    if !anyOf.isEmpty, try !isAny(node, &evaluation) { return false }
    if !oneOf.isEmpty, try matches(node, &evaluation).count != 1 { return false }
    if let negated, try evaluation.isValidApart(node, negated) { return false }
    if let branch = try branch(node, &evaluation) {
      return try evaluation.isValid(node, branch)
    }
    return true
  }

  private func isAny(_ node: Node, _ evaluation: inout Evaluation) throws(Undecided) -> Bool {
    var isAny = false
    for index in anyOf where try evaluation.isValidBranch(node, index) {
      // One is enough, unless somebody asks what each of them knows.
      guard evaluation.isAsked else { return true }
      isAny = true
    }
    return isAny
  }

  /// The alternatives of `oneOf` that a node fits.
  private func matches(_ node: Node, _ evaluation: inout Evaluation) throws(Undecided) -> [Int] {
    var matches: [Int] = []
    for index in oneOf where try evaluation.isValidBranch(node, index) { matches.append(index) }
    return matches
  }

  private func branch(_ node: Node, _ evaluation: inout Evaluation) throws(Undecided) -> Int? {
    guard let condition, consequence != nil || alternative != nil || evaluation.isAsked else {
      return nil
    }
    return try evaluation.isValidBranch(node, condition) ? consequence : alternative
  }
}

// What is wrong with the node.
extension CombinationKeywords {
  func explain(_ node: Node, _ explanation: inout Explanation) {
    for index in allOf { explanation.explain(node, index) }
    do throws(Undecided) {
      if !anyOf.isEmpty, try !isAny(node, &explanation.evaluation) {
        explainNone(of: anyOf, node, &explanation)
      }
      if !oneOf.isEmpty { try explainOneOf(node, &explanation) }
      if let negated, try explanation.evaluation.isValid(node, negated) {
        let what = explanation.hint(of: negated).map { ": \($0)" } ?? ""
        explanation.add(
          .wrongValue, "\(explanation.subject) has a form that is not allowed\(what)",
          remedy: "Write it in another form")
      }
      if let branch = try branch(node, &explanation.evaluation) {
        explanation.explain(node, branch)
      }
    } catch {
      explanation.addUndecided()
    }
  }

  private func explainOneOf(_ node: Node, _ explanation: inout Explanation) throws(Undecided) {
    let matches = try matches(node, &explanation.evaluation)
    if matches.count == 1 { return }
    if matches.isEmpty {
      explainNone(of: oneOf, node, &explanation)
      return
    }
    let names = matches.compactMap { explanation.title(of: $0) }
    let which = names.count == matches.count ? ": " + names.joined(separator: ", ") : ""
    explanation.add(
      .noAlternative, "\(explanation.subject) fits more than one of the allowed forms\(which)",
      remedy: "Write it so that exactly one of them fits")
  }

  private func explainNone(
    of alternatives: [Int], _ node: Node, _ explanation: inout Explanation
  ) {
    var types: TypeSet = []
    var best: [Attempt] = []
    for index in alternatives {
      let attempt = explanation.attempt(node, index)
      if let expected = attempt.expectedTypes {
        types.formUnion(expected)
      } else if let leader = best.first, leader.distance < attempt.distance {
        continue
      } else {
        if let leader = best.first, attempt.distance < leader.distance { best = [] }
        best.append(attempt)
      }
    }
    if best.count == 1 {
      explanation.adopt(best[0])
    } else if best.isEmpty, !types.isEmpty {
      explanation.addWrongType(node, expected: types)
    } else {
      let candidates = best.isEmpty ? alternatives : best.map(\.schema)
      let names = candidates.compactMap { explanation.title(of: $0) }
      explanation.add(
        .noAlternative, "\(explanation.subject) fits none of the allowed forms",
        remedy: names.isEmpty
          ? "Write it in one of the allowed forms" : "Write " + names.joined(separator: ", or "))
    }
  }
}

/// How a node fails one of several alternatives.
struct Attempt {
  let schema: Int
  let violations: [Violation]
  /// The types that the alternative expects, where the node is of none of them.
  let expectedTypes: TypeSet?
  /// How far the node is from this alternative: what is wrong on its own level counts more than
  /// what is wrong inside, where the author has already chosen.
  let distance: Int
}
