// JSON Schema, draft 2020-12, over nodes. A schema is compiled once and then used from many tasks;
// nodes are checked by a fast pass that only says yes or no, and a second pass explains what is
// wrong, only where something is. It knows nothing of flags. All vocabularies of the draft are
// implemented, the assertion of formats included (`FormatPolicy`). A keyword that no vocabulary has
// checks nothing, as the draft asks, and becomes a doubt.

package import Documents

/// Whether `format` is checked (Validation, section 7).
package enum FormatPolicy: Sendable {
  /// By schemas whose meta-schema says so; for others it is an annotation.
  case annotated
  /// By all schemas, where the format is one that this engine knows.
  case asserted
}

/// The work that checking may take, shared by whatever is checked with it. A file can hold many
/// schemas and many values, and each alone may take as much as a whole document.
package struct CheckBudget: Sendable {
  var stepsLeft = Limits.schemaStepsMax

  package init() {}
}

/// A compiled schema.
package struct JSONSchema: Sendable {
  private let program: Program
  private let root: Int
  /// What is allowed in the schemas, but looks like a mistake; in the order of their files.
  package let doubts: [SchemaDoubt]

  /// Compiles a schema and all that it refers to.
  ///
  /// - Parameters:
  ///   - root: the address of the schema, a key of `resources` or the `$id` of one of them.
  ///   - resources: schemas by the address that they were retrieved from. References resolve
  ///     among these, what they embed, and the meta-schemas of the draft; nothing is ever fetched.
  ///   - formats: whether `format` is checked.
  /// - Throws: `SchemaError` for the first part that cannot be used; it carries the others.
  package init(
    _ root: String, among resources: [String: Node], formats: FormatPolicy = .annotated
  ) throws(SchemaError) {
    let compiler = try SchemaCompiler(resources, formats)
    (self.root, program) = try compiler.compile(root)
    doubts = compiler.doubts
  }

  /// Everything in which a node differs from the schema; empty where it is valid.
  ///
  /// - Parameter path: what leads to the node in its document, such as `flags.search.off`;
  ///   messages name places by it.
  package func violations(of node: Node, at path: String = "") -> [Violation] {
    var budget = CheckBudget()
    return violations(of: node, at: path, within: &budget)
  }

  /// The same, where many nodes share one budget: what is left when it is used up is not checked,
  /// and that is a violation of its own.
  package func violations(of node: Node, at path: String, within budget: inout CheckBudget)
    -> [Violation]
  {
    var evaluation = Evaluation(program, steps: budget.stepsLeft)
    let isValid = try? evaluation.isValid(node, root)
    budget.stepsLeft = evaluation.stepsLeft
    if isValid == true { return [] }
    return Explanation.violations(of: node, at: path, by: root, in: program, &budget)
  }

  /// The violations of a document, as findings in the order of its file.
  package func findings(of document: Document) -> [Finding] {
    violations(of: document.root).map { $0.finding(in: document.file) }.sorted()
  }
}
