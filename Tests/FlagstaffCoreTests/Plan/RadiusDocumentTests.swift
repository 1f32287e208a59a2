// The blast radius as other programs read it: every document that plans make is valid against the
// published schema, and shares are written as the numbers that they are.

import Documents
import FlagstaffCore
import JSONSchema
import Schemas
import Testing

@Suite("Blast radius as JSON")
struct RadiusDocumentTests {
  private static func schema() throws -> (JSONSchema, Node) {
    let file = try #require(
      EmbeddedSchema.all.first { $0.path == "v1/blast-radius.schema.json" })
    let node = try JSONReader.read(file.bytes)
    let id = try #require(node["$id"]?.string)
    return (try JSONSchema(id, among: [id: node]), node)
  }

  @Test("What plans say is valid against the schema", arguments: RadiusCase.all)
  func plansAreValid(row: RadiusCase) throws {
    let (schema, _) = try Self.schema()
    for change in try TestScope.applied(row.before).plan(row.after).changes {
      let document = change.blastRadius.node
      let found = schema.violations(of: document)
      #expect(found.isEmpty, "\(found) in \(CanonicalJSON.string(document))")
    }
  }

  @Test("So are creations and deletions, and the schema's own examples; another document is not")
  func othersAreValid() throws {
    let (schema, node) = try Self.schema()
    let keeper = "flags:\n  keeper: {environments: {production: {}}}"
    let both = keeper + "\n  gone: {environments: {production: {}}, enabled: false}"
    for (before, after) in [("", Samples.running), (both, keeper)] {
      for change in try TestScope.applied(before).plan(after).changes {
        #expect(schema.violations(of: change.blastRadius.node).isEmpty, "\(change.identity)")
      }
    }
    for example in node["examples"]?.sequence ?? [] {
      #expect(schema.violations(of: example).isEmpty)
    }
    #expect(!schema.violations(of: .fields(["exactness": .string("exact")])).isEmpty)
  }

  @Test("Four classes are named, and that there are others is said", arguments: [4, 5])
  func otherClasses(count: Int) throws {
    let (schema, _) = try Self.schema()
    let variants = (0...count).map { "v\($0): \($0)" }.joined(separator: ", ")
    let rules = (1...count).map { "{when: {country: C\($0)}, serve: v\($0)}" }
    let flag = { (rules: [String]) in
      """
      flags:
        page:
          variants: {\(variants)}
          off: v0
          environments: {production: {}}
          rules: [\(rules.joined(separator: ", "))]
      """
    }
    let changes = try TestScope.applied(flag(rules)).plan(flag([])).changes
    let document = try #require(changes.first).blastRadius.node
    let figures = try #require(document["flags"]?.sequence?.first?["now"])
    #expect(figures["classes"]?.sequence?.count == 4)
    #expect(figures["otherClasses"] == (count > 4 ? .boolean(true) : nil))
    #expect(schema.violations(of: document).isEmpty)
  }

  @Test("Shares are written as the nearest number, and as percentages that never pretend")
  func shares() throws {
    let shares: [(UserShare, Double, String)] = [
      (.none, 0, "0%"), (.whole, 1, "100%"), (.buckets(1_500), 0.15, "15%"),
      (.buckets(1), 0.0001, "0.01%"), (.buckets(3_333), 0.3333, "33.33%"),
    ]
    for (share, fraction, percent) in shares {
      #expect(share.fraction == fraction && share.percent == percent)
    }
    let thin = try Self.greatest(rules: (0..<3).map { "{key: r\($0), serve: new, rollout: 0.01%}" })
    #expect(thin.fraction == 0.000299970001 && thin.percent == "0.029997%")
  }

  /// What adding rollouts to an empty flag moves.
  private static func greatest(rules: [String]) throws -> UserShare {
    let before = Samples.running.replacingFirst("{experiment: checkout}", "")
    let after = before.replacingFirst("rules: []", "rules: [\(rules.joined(separator: ", "))]")
    let change = try #require(try TestScope.applied(before).plan(after).changes.first)
    return change.blastRadius.greatest
  }

  @Test("A share that is nearly nothing, or nearly everything, is not rounded to it")
  func neverPretends() throws {
    let rare = (0..<4).map { "{key: r\($0), serve: old, rollout: 99.99%}" } + ["{serve: new}"]
    let nearly = try Self.greatest(
      rules: (0..<3).map { "{key: r\($0), serve: new, rollout: 99.99%}" })
    #expect(nearly.percent == "more than 99.999999%" && nearly < .whole)
    let before = Samples.running.replacingFirst(
      "[{experiment: checkout}]", "[\(rare.joined(separator: ", "))]")
    let after = before.replacingFirst("{serve: new}", "{serve: old}")
    let change = try #require(try TestScope.applied(before).plan(after).changes.first)
    #expect(change.blastRadius.greatest.percent == "less than 0.000001%")
  }
}
