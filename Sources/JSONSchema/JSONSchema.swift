// JSON Schema, draft 2020-12, over nodes. A schema is compiled once and then used from many tasks;
// nodes are checked by a fast pass that only says yes or no, and a second pass explains what is
// wrong, only where something is. It knows nothing of flags.
//
// Not implemented yet, and refused when compiling: `$anchor`, `$dynamicRef`, `$dynamicAnchor`,
// `$vocabulary`, `$id` below the root, `contains`, `dependentSchemas`, `format`, `content…`,
// `unevaluated…`, and everything that the draft does not know.

package import Documents

/// A compiled schema.
package struct JSONSchema: Sendable {
  private let program: Program
  private let root: Int

  /// Compiles a schema and all that it refers to.
  ///
  /// - Parameters:
  ///   - root: the address of the schema, a key of `resources` or the `$id` of one of them.
  ///   - resources: schemas by the address that they were retrieved from. References resolve
  ///     among these alone; nothing is ever fetched.
  /// - Throws: `SchemaError` for the first part that cannot be used.
  package init(_ root: String, among resources: [String: Node]) throws(SchemaError) {
    (self.root, program) = try SchemaCompiler(resources).compile(root)
  }

  /// Everything in which a node differs from the schema; empty where it is valid.
  ///
  /// - Parameter path: what leads to the node in its document, such as `flags.search.off`;
  ///   messages name places by it.
  package func violations(of node: Node, at path: String = "") -> [Violation] {
    var evaluation = Evaluation(program)
    if (try? evaluation.isValid(node, root)) == true { return [] }
    return Explanation.violations(of: node, at: path, by: root, in: program)
  }

  /// The violations of a document, as findings in the order of its file.
  package func findings(of document: Document) -> [Finding] {
    violations(of: document.root).map { $0.finding(in: document.file) }.sorted()
  }
}
