// The resolved form to the byte: it is hashed, registered, approved and shown, so a form that
// changes by one character would make every definition look edited. The digests were computed by
// another program (Python's `hashlib`) from BYTES.

import Documents
import FlagstaffCore
import Signing
import Testing

@Suite("The resolved form")
struct ResolvedFormTests {
  private static let sections = """
    owner: growth
    experiments:
      checkout:
        description: The checkout.
        hypothesis: One page is better.
        labels: {tier: critical, area: shop}
        status: running
        phase: 2
        schedule: {start: 2026-11-23T09:00:00Z}
        traffic: 33.33%
        bucketBy: company
        targeting:
          plan: [pro, basic, pro, 10, 9]
          age: {lessThan: 65, greaterOrEqual: 18}
          not: {segment: [staff, bots]}
        control: old
        variants: {old: 1, new: 2}
        force: {new: [z, a]}
        salt: s.
        environments:
          production: {traffic: 5%, schedule: {end: 2026-12-01T00:00:00Z}}
          staging: {}
    segments:
      staff: {email: {endsWith: "@acme.example"}}
      bots: {all: [{agent: {contains: bot}}], version: {semver: '>=1.0.0'}, beta: true}
    flags:
      page:
        description: Which page.
        variants: {old: {steps: 3}, new: {steps: 1}}
        off: old
        valueSchema: {type: object}
        visibility: client
        protective: true
        environments: {production: {enabled: false}, staging: {default: new, rules: []}}
        rules:
          - {when: {segment: staff}, serve: new}
          - experiment: checkout
          - {key: ramp, serve: new, rollout: {2026-11-25T00:00:00Z: 25%, 2026-11-23T00:00:00Z: 5%}}
          - {key: half, when: {country: DE}, split: {new: 10, old: 90}}
          - {key: tenth, serve: old, rollout: 10%}
    """

  private static func form(_ kind: Kind, _ key: String, in environment: String = "production")
    throws -> ResolvedDefinition
  {
    let scope = try #require(TestRepository(sections).resolved(environment))
    return try #require(scope.definitions[Identity(kind, key)])
  }

  private static let bots =
    #"{"all":[{"all":[{"attribute":"agent","operator":"contains","value":"bot"}]},"#
    + #"{"attribute":"beta","operator":"equals","value":true},"#
    + #"{"attribute":"version","operator":"semver","value":">=1.0.0"}]}"#
  private static let staff =
    #"{"attribute":"email","operator":"endsWith","value":"@acme.example"}"#

  @Test("An experiment's form holds every field, the environment's in place of the general ones")
  func experiment() throws {
    let golden =
      #"{"bucketBy":"company","control":"old","description":"The checkout.","#
      + #""force":{"new":["a","z"]},"hypothesis":"One page is better.","key":"checkout","#
      + #""kind":"experiment","labels":{"area":"shop","tier":"critical"},"owner":"growth","#
      + #""phase":2,"reassign":"fresh","revive":false,"salt":"s.","#
      + #""schedule":{"end":"2026-12-01T00:00:00Z"},"status":"running","targeting":{"all":["#
      + #"{"all":[{"attribute":"age","operator":"greaterOrEqual","value":18},"#
      + #"{"attribute":"age","operator":"lessThan","value":65}]},"#
      + #"{"not":{"any":["# + Self.staff + "," + Self.bots + "]}},"
      + #"{"attribute":"plan","operator":"in","value":["basic","pro",10,9]}]},"#
      + #""traffic":500,"variants":{"new":{"weight":2},"old":{"weight":1}}}"#
    #expect(try CanonicalJSON.string(Self.form(.experiment, "checkout").form) == golden)
    let staging = try Self.form(.experiment, "checkout", in: "staging").form
    #expect(staging["traffic"] == .integer(3_333))
    #expect(staging["schedule"]?["end"] == nil)
    #expect(staging["schedule"]?["start"] == .string("2026-11-23T09:00:00Z"))
  }

  @Test("A flag's form keeps its rules in order and inlines their segments")
  func flag() throws {
    let golden =
      #"{"bucketBy":"targetingKey","default":"old","description":"Which page.","enabled":false,"#
      + #""key":"page","kind":"flag","labels":{},"off":"old","owner":"growth","protective":true,"#
      + #""revive":false,"rules":[{"serve":"new","when":"# + Self.staff
      + #"},{"experiment":"checkout"},"#
      + #"{"key":"ramp","rollout":{"2026-11-23T00:00:00Z":500,"2026-11-25T00:00:00Z":2500},"#
      + #""serve":"new"},{"key":"half","split":{"new":10,"old":90},"when":"#
      + #"{"attribute":"country","operator":"equals","value":"DE"}},"#
      + #"{"key":"tenth","rollout":1000,"serve":"old"}],"valueSchema":{"type":"object"},"#
      + #""variants":{"new":{"steps":1},"old":{"steps":3}},"visibility":"client"}"#
    #expect(try CanonicalJSON.string(Self.form(.flag, "page").form) == golden)
    let staging = try Self.form(.flag, "page", in: "staging").form
    #expect(staging["rules"] == .sequence([]) && staging["default"] == .string("new"))
    #expect(staging["enabled"] == .boolean(true))
  }

  @Test("A segment's form is its condition, a map of several entries being all in key order")
  func segment() throws {
    #expect(
      try CanonicalJSON.string(Self.form(.segment, "bots").form)
        == #"{"condition":"# + Self.bots + #","key":"bots","kind":"segment","owner":"growth"}"#)
  }

  @Test("Defaults are written out")
  func defaults() throws {
    let scope = try #require(
      TestRepository(
        """
        experiments:
          e: {traffic: 0%, control: b, variants: {b: 1, c: 1}, environments: {production: {}}}
        flags: {f: {environments: {production: {}}}}
        """
      ).resolved())
    let forms = scope.definitions.sorted { $0.key < $1.key }
      .map { CanonicalJSON.string($0.value.form) }
    #expect(
      forms == [
        #"{"bucketBy":"targetingKey","control":"b","force":{},"key":"e","kind":"experiment","#
          + #""labels":{},"phase":1,"reassign":"fresh","revive":false,"schedule":{},"#
          + #""status":"draft","traffic":0,"variants":{"b":{"weight":1},"c":{"weight":1}}}"#,
        #"{"bucketBy":"targetingKey","default":"false","enabled":true,"key":"f","kind":"flag","#
          + #""labels":{},"off":"false","protective":false,"revive":false,"rules":[],"#
          + #""variants":{"false":false,"true":true},"visibility":"server"}"#,
      ])
    #expect(
      scope.definitions.sorted { $0.key < $1.key }.map(\.value.digest.hexadecimal)
        == [
          "7bd014845dc124c470f814d2a756402e7e09fc155919363b2bef87befc145c8b",
          "048d985ef181004073346c933fc760f452c1591ea87937b8b6e84646ac16c027",
        ])
  }

  @Test("The digest is SHA-256 over the tag, a zero byte and the form")
  func digest() throws {
    let definition = try Self.form(.segment, "staff")
    let form =
      #"{"condition":"# + Self.staff + #","key":"staff","kind":"segment","owner":"growth"}"#
    let bytes = Array("flagstaff/definition/v1".utf8) + [0] + Array(form.utf8)
    #expect(definition.digest == Signing.sha256(bytes))
    #expect(
      definition.digest.hexadecimal
        == "b243f5b455c275bfe7601c930251376b71c4cba2536c17623e548269d68010a9")
  }

  private static func digest(of sections: String) throws -> [Identity: Digest] {
    try #require(TestRepository(sections).resolved()).definitions.mapValues(\.digest)
  }

  @Test("The order of keys and files and the blanks between do not change a digest")
  func orderOfKeys() throws {
    let one =
      "experiments: {e: {status: running, traffic: 1%, control: b, variants: {b: 1, c: 2},"
      + " targeting: {x: [1, 2], y: {in: [b, a]}}, environments: {production: {}}}}"
    let other = """
      # A comment.
      experiments:
        e:
          environments:
            production:   {}
          targeting: {y: ["a", 'b', a], x: {in: [2, 1, 1.0]}}
          variants: {c: 2, b: 1}
          control: "b"
          traffic: 1.00%
          status: running
      """
    #expect(try Self.digest(of: one) == Self.digest(of: other))
    let moved = TestRepository([
      "customers/acme/z/y.yaml": "flagstaff: v1\n\(one)", "customers/acme/a.yaml": "flagstaff: v1",
    ])
    #expect(try #require(moved.resolved()).definitions.mapValues(\.digest) == Self.digest(of: one))
  }

  @Test("The order of rules changes a digest, and so does the owner")
  func orderOfRules() throws {
    func rules(_ rules: String) throws -> [Identity: Digest] {
      try Self.digest(of: "flags: {f: {environments: {production: {}}, rules: [\(rules)]}}")
    }
    let (a, b) = ("{when: {a: b}, serve: true}", "{when: {c: d}, serve: false}")
    #expect(try rules("\(a), \(b)") != rules("\(b), \(a)"))
    #expect(try Self.digest(of: Samples.flag) != Self.digest(of: "owner: x\n\(Samples.flag)"))
  }

  @Test("Shared segments are compiled into each user, and only where they are used")
  func sharedSegments() throws {
    let repository = TestRepository([
      "shared/a.yaml":
        "flagstaff: v1\nsegments: {base: {a: b}, both: {segment: base}, unused: {c: d}}",
      "customers/acme/a.yaml": """
      flagstaff: v1
      flags: {f: {environments: {production: {}}, rules: [{when: {segment: both}, serve: true}]}}
      """,
    ])
    let scope = try #require(repository.resolved())
    #expect(
      scope.definitions.keys.sorted().map(\.description) == [
        "flag f", "segment base", "segment both",
      ])
    #expect(
      scope.definitions[Identity(.segment, "both")]?.form["condition"]
        == scope.definitions[Identity(.segment, "base")]?.form["condition"])
  }
}
