// What an import makes of each field, and where it says what it left out: documents with marked
// positions, the codes that stand there, and the definitions that come of them.

import Documents
import FlagstaffCore
import Foundation
import TestHarness
import Testing
import YAMLDocuments

@Suite("Importing")
struct ImportTests {
  private static func imported(_ text: MarkedText, flagd: Bool) throws -> ImportedDefinitions {
    let reading = YAMLReader.read(Array(text.text.utf8), file: "flags")
    let document = try #require(reading.document, "\(reading.findings)")
    return flagd
      ? .flagd(document, environments: ["production", "staging"])
      : .goFeatureFlag(document, environments: ["production", "staging"])
  }

  private static func check(
    _ marked: String, flagd: Bool, codes: [String], _ expected: String?,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let text = MarkedText(marked)
    let imported = try imported(text, flagd: flagd)
    let found = imported.findings.map { "\($0.code.rawValue) \($0.location.position)" }
    let wanted = zip(codes, text.positions).map { "\($0) \($1)" }
    #expect(
      found == wanted, "\(imported.findings.map(\.described))", sourceLocation: sourceLocation)
    #expect(codes.count == text.positions.count, sourceLocation: sourceLocation)
    let made = try imported.file.map { try YAMLWriter.text($0) }
    #expect(made == expected, "\(made ?? "nothing")", sourceLocation: sourceLocation)
    guard let made else { return }
    let findings = TestRepository(["customers/acme/a.yaml": made]).findings
    #expect(!findings.contains { $0.severity == .error }, "\(findings.map(\.described))")
  }

  @Test("Flags of flagd")
  func flagd() throws {
    try Self.check(
      """
      flags:
        ‸newCheckout:
          state: ENABLED
          variants: {on: true, off: false}
          defaultVariant: off
          metadata: {‸description: The new checkout, ‸team: shop}
          targeting:
            if:
              - {$ref: staff}
              - on
              - {in: [{var: country}, [DE, AT]]}
              - ‸fractional: [{cat: [{var: $flagd.flagKey}, {var: email}]}, [on, 50], [off, 150]]
        plain: {state: ‸DISABLED, variants: {a: {x: 1}, b: {x: 2}}, defaultVariant: a}
        ‸none: {state: ENABLED, variants: {a: 1, b: 2}}
        nested:
          state: ENABLED
          variants: {a: 1, b: 2}
          defaultVariant: a
          targeting: {if: [{===: [‸{var: user.name}, ada]}, b]}
        ‸mixed: {state: ENABLED, variants: {a: 1, b: two}, defaultVariant: a}
      $evaluators: {staff: {ends_with: [{var: email}, "@a.example"]}, unused: {var: x}}
      ‸metadata: {version: 1}
      """, flagd: true,
      codes: [
        "FS6005", "FS6004", "FS6004", "FS6003", "FS6003", "FS6002", "FS6002", "FS6002", "FS6004",
      ],
      """
      flagstaff: v1
      flags:
        new-checkout:
          description: The new checkout
          variants: {on: true, off: false}
          off: off
          bucketBy: email
          environments: {production: {}, staging: {}}
          rules:
          - {when: {segment: staff}, serve: on}
          - key: split
            when: {country: [DE, AT]}
            split: {on: 1, off: 3}
        plain:
          variants: {a: {x: 1}, b: {x: 2}}
          off: a
          enabled: false
          environments: {production: {}, staging: {}}
      segments:
        staff:
          email: {endsWith: '@a.example'}

      """)
  }

  @Test("Flags of GO Feature Flag")
  func goFeatureFlag() throws {
    try Self.check(
      """
      ‸screamLevel:
        variations: {low: whisper, medium: talk, high: scream}
        targeting:
          - {‸name: testers, query: 'userId in ["12", "34"]', variation: high}
          - {query: ‸'country eq "CH" and not (plan sw "1")', variation: medium}
          - ‸{disable: true, query: a pr, variation: low}
          - {query: beta eq true, ‸percentage: {low: 33.3, medium: 66.7, high: 0}}
        defaultRule: {variation: low}
        ‸trackEvents: false
        ‸version: 1.0.0
        metadata: {‸description: How loud}
      ramp:
        variations: {on: true, off: false}
        defaultRule:
          ‸progressiveRollout:
            initial: {variation: off, percentage: 0, date: 2026-01-01T00:00:00Z}
            end: {variation: on, percentage: 100, date: 2026-02-01T00:00:00Z}
      stepped:
        variations: {on: true, off: false}
        defaultRule: {variation: off}
        ‸scheduledRollout: [{date: 2026-01-01T00:00:00Z, defaultRule: {variation: on}}]
      tried:
        variations: {on: true, off: false}
        defaultRule: {percentage: {on: 50, off: 50}}
        ‸experimentation: {start: 2026-01-01T00:00:00Z, end: 2026-02-01T00:00:00Z}
      sometimes:
        variations: {‸True: true, ‸False: false}
        ‸disable: true
        bucketingKey: ‸teamId
        defaultRule: {‸percentage: {True: 100, False: 0}}
      odd:
        variations: {on: true, off: false}
        ‸needs: [off]
        defaultRule: {variation: on}
      halves:
        variations: {a: 1, b: 2.5}
        defaultRule: {‸percentage: {a: 50, b: 50}}
      """, flagd: false,
      codes: [
        "FS6005", "FS6004", "FS6003", "FS6004", "FS6003", "FS6004", "FS6004", "FS6004", "FS6002",
        "FS6002", "FS6002", "FS6005", "FS6005", "FS6003", "FS6003", "FS6003", "FS6002", "FS6003",
      ],
      """
      flagstaff: v1
      flags:
        scream-level:
          description: How loud
          variants: {low: whisper, medium: talk, high: scream}
          off: low
          environments: {production: {}, staging: {}}
          rules:
          - {when: {userId: ["12", "34"]}, serve: high}
          - when: {country: CH, not: {plan: {startsWith: "1"}}}
            serve: medium
          - key: split
            when: {beta: true}
            split: {low: 333, medium: 667}
        sometimes:
          variants: {true: true, false: false}
          off: false
          default: true
          enabled: false
          bucketBy: teamId
          environments: {production: {}, staging: {}}
        halves:
          variants: {a: 1, b: 2.5}
          off: a
          environments: {production: {}, staging: {}}
          rules:
          - {key: split, split: {a: 1, b: 1}}

      """)
  }

  @Test("Questions inside questions leave their flag out before they fill the memory")
  func nestedQuestions() throws {
    var condition = Node.fields(["===": .sequence([.fields(["var": .string("a")]), .string("b")])])
    for number in 0..<28 {
      let other = Node.fields(["var": .string("x\(number)")])
      let equal = Node.fields(["===": .sequence([other, .string("y")])])
      let different = Node.fields(["!": equal])
      condition = .fields(["if": .sequence([condition, equal, different])])
    }
    let flag = Node.fields([
      "state": .string("ENABLED"), "variants": .fields(["on": .boolean(true)]),
      "defaultVariant": .string("on"),
      "targeting": .fields(["if": .sequence([condition, .string("on")])]),
    ])
    let imported = ImportedDefinitions.flagd(
      Document(file: "flags", root: .fields(["flags": .fields(["deep": flag])])),
      environments: ["production"])
    #expect(imported.findings.map(\.code.rawValue) == ["FS6002"])
    #expect(imported.findings.first?.message.contains("10000") == true)
  }

  @Test(
    "Whatever stands in the place of any value, what comes out is valid", arguments: [true, false])
  func swaps(flagd: Bool) throws {
    let text = flagd ? Self.flagdSample : Self.goFeatureFlagSample
    let root = try #require(YAMLReader.read(Array(text.utf8), file: "flags").document?.root)
    let others: [Node] = [
      .null, .boolean(true), .integer(-1), .number(0.5), .string(""), .string("x"), .sequence([]),
      .sequence([.null]), .fields([:]), .fields(["var": .string("y")]), .fields(["a": .null]),
    ]
    var count = 0
    for changed in Self.variations(of: root, others) {
      let document = Document(file: "flags", root: changed)
      let imported: ImportedDefinitions =
        flagd
        ? .flagd(document, environments: ["production"])
        : .goFeatureFlag(document, environments: ["production"])
      count += 1
      guard let file = imported.file else {
        #expect(imported.flags.isEmpty)
        continue
      }
      let made = try YAMLWriter.text(file)
      let findings = TestRepository(["customers/acme/a.yaml": made]).findings
      #expect(!findings.contains { $0.severity == .error }, "\(findings.map(\.described))\n\(made)")
    }
    #expect(count > 200, "\(count)")
  }

  private static let flagdSample = """
    flags:
      a:
        state: ENABLED
        variants: {on: true, off: false}
        defaultVariant: off
        targeting:
          if: [{$ref: s}, on, {and: [{"<": [{var: n}, 3]}, {"!": {var: [b, 1]}}]},
            {fractional: [{var: e}, [on, 1], [off, 2]]}, {sem_ver: [{var: v}, "^", 1.2.3]}, on]
    $evaluators: {s: {in: [x, {var: e}]}}
    """
  private static let goFeatureFlagSample = """
    a:
      variations: {low: 1, high: 2}
      targeting:
        - {query: 'a eq "1"', variation: low}
        - {query: "b in [1, 2]", percentage: {low: 10, high: 90}}
      defaultRule: {variation: high}
      disable: false
      bucketingKey: team
      metadata: {description: d}
    """

  /// The tree with each of its values in turn replaced by each of the others, or left away.
  private static func variations(of node: Node, _ others: [Node]) -> [Node] {
    var found = others
    for (index, item) in (node.sequence ?? []).enumerated() {
      found += variations(of: item, others).map { changed in
        var items = node.sequence ?? []
        items[index] = changed
        return .sequence(items)
      }
    }
    let entries = node.mapping?.entries ?? []
    for (index, entry) in entries.enumerated() {
      var rest = entries
      rest.remove(at: index)
      found.append(Node(.mapping(Mapping(rest))))
      found += variations(of: entry.value, others).map { changed in
        var all = entries
        all[index].value = changed
        return Node(.mapping(Mapping(all)))
      }
    }
    return found
  }

  @Test("A name becomes a key, and two never become one")
  func names() throws {
    let node = Node.fields([
      "state": .string("ENABLED"), "variants": .fields(["on": .boolean(true)]),
      "defaultVariant": .string("on"),
    ])
    let names = ["myFlag", "my-flag", "URLShortener", "a b", "A_B.c", "é", "x2Y", "-", "Äa"]
    let root = Node.fields(["flags": .mapping(names.map { ($0, node) })])
    let imported = ImportedDefinitions.flagd(
      Document(file: "flags", root: root), environments: ["production"])
    let keys = imported.flags.map { "\($0.name) \($0.key)" }
    #expect(
      keys == [
        "my-flag my-flag", "URLShortener urlshortener", "a b a-b", "A_B.c a_b.c", "x2Y x2-y",
        "Äa a",
      ])
    let left = imported.findings.filter { $0.severity == .error }
    #expect(left.map { $0.message.split(separator: " ")[2] } == ["-", "myFlag", "é"])
  }

  @Test(
    "A document of no known form is one finding",
    arguments: [
      ("[]", true), ("{}", true), ("{flags: 1}", true), ("a", false), ("{}", false), ("[a]", false),
    ])
  func noForm(text: String, flagd: Bool) throws {
    let imported = try Self.imported(MarkedText(text), flagd: flagd)
    #expect(imported.file == nil)
    #expect(imported.findings.map(\.code.rawValue) == ["FS6001"])
  }
}
