// Which scopes a finding holds, and that the first finding never hides the second. A customer's
// mistake is its own; a mistake in what all share is everybody's.

import Documents
import FlagstaffCore
import Testing

@Suite("What findings hold")
struct HoldingTests {
  private static let good = "flagstaff: v1\nflags: {a: {environments: {production: {}}}}"
  private static let bad = "flagstaff: v1\nflags: {a: {environments: {nowhere: {}}}}"

  @Test("A finding in one customer holds that customer's scopes only")
  func findingHoldsCustomer() {
    let definitions = TestRepository([
      "customers/acme/a.yaml": Self.bad, "customers/other/a.yaml": Self.good,
    ]).definitions()
    #expect(
      definitions.held.customers.contains("acme") && !definitions.held.customers.contains("other"))
    #expect(
      definitions.findings(holding: .init(environment: "production", customer: "acme")).count == 1)
    #expect(
      definitions.findings(holding: .init(environment: "production", customer: "other")).isEmpty)
  }

  @Test(
    "A finding in what all customers share holds all scopes",
    arguments: [
      ["shared/a.yaml": "flagstaff: v1\nsegments: {a: {segment: b}}"],
      ["flagstaff.yaml": "flagstaff: v2\nworkspace: {id: a, environments: [production]}"],
      ["flagstaff.yaml": ""], ["shared/a.yml": "flagstaff: v1"], ["flagstaff.yaml": "["],
      ["governance/a.yaml": "flagstaff: v1\nteams: {growth: {members: [alice]}}"],
    ])
  func sharedFindingHoldsAll(files: [String: String]) {
    let all = files.merging(["customers/acme/a.yaml": Self.good]) { first, _ in first }
    let repository = TestRepository(all)
    #expect(repository.definitions().held.isAll)
    #expect(
      repository.definitions().findings(holding: .init(environment: "production", customer: "acme"))
        .count == 1)
    #expect(repository.resolved() == nil)
  }

  @Test(
    "A mistake in the block of an environment holds that scope alone",
    arguments: [
      "environments: {staging: {}, production: {rules: [{serve: nobody}]}}",
      "environments: {staging: {}, production: {rules: [{when: {segment: none}, serve: true}]}}",
      "environments: {production: {rules: [{experiment: none}]}, staging: {}}",
      "environments: {staging: {}, production: {default: nobody, rules: [{serve: true, key: x}]}}",
    ])
  func blockHoldsScope(environments: String) {
    let repository = TestRepository([
      "customers/acme/a.yaml": "flagstaff: v1\nflags:\n  a:\n    \(environments)\n  b:\n    "
        + "environments: {staging: {}, production: {}}",
      "customers/other/a.yaml": Self.good,
    ])
    let definitions = repository.definitions()
    let (production, staging) = (
      ScopeID(environment: "production", customer: "acme"),
      ScopeID(environment: "staging", customer: "acme")
    )
    #expect(definitions.held.scopes == [production] && definitions.held.customers.isEmpty)
    #expect(definitions.heldScopes == [production])
    #expect(!definitions.findings(holding: production).isEmpty)
    #expect(definitions.findings(holding: staging).isEmpty)
    #expect(repository.resolved() == nil)
    #expect(repository.resolved("staging")?.definitions.count == 2)
  }

  @Test("A mistake elsewhere in the definition holds the customer in every environment")
  func baseHoldsCustomer() {
    let definitions = TestRepository(
      """
      flags:
        a:
          environments: {staging: {rules: [{serve: nobody}]}, production: {}}
          rules: [{serve: nobody}]
      """
    ).definitions()
    #expect(definitions.held.customers == ["acme"] && definitions.held.scopes.isEmpty)
  }

  @Test(
    "Where a file is left out, nothing is called unused that it may use",
    arguments: ["customers/acme/b.yml", "customers/acme/conflict.yaml", "shared/b.yml"])
  func leftOutMayUse(path: String) {
    let files = [
      "customers/acme/a.yaml": "flagstaff: v1\nsegments: {own: {a: b}}",
      "shared/a.yaml": "flagstaff: v1\nsegments: {all: {a: b}}",
    ]
    let whole = TestRepository(files)
    #expect(whole.codes.map { $0.prefix(6) } == ["FS2130", "FS2130"])
    let conflict = Finding(
      .init("FS3011", "A conflict"), at: Location(file: path), "both differ", remedy: "Merge")
    let left = whole.definitions(others: [conflict]).findings
    #expect(!left.contains { $0.code.rawValue == "FS2130" })
  }

  @Test("A stray file in a customer's folder holds that customer only")
  func strayHoldsCustomer() {
    let definitions = TestRepository([
      "customers/acme/a.yml": Self.good, "customers/other/a.yaml": Self.good,
    ]).definitions()
    #expect(definitions.held.customers == ["acme"] && !definitions.held.isAll)
  }

  @Test("All findings of all files are told in one run, in the order of places")
  func allFindingsAreTold() {
    let repository = TestRepository([
      "flagstaff.yaml":
        "flagstaff: v1\nworkspace: {id: a, environments: [production], roles: {a: {extends: ‸b}}}",
      "customers/acme/a.yaml": "flagstaff: v1\nflags: {a: {environments: {‸x: {}, ‸y: {}}}}",
      "customers/acme/b.yaml": "flagstaff: v1\n‸flag: {}",
      "customers/acme/c.yaml": "flagstaff: v1\nsegments: {‸a: {segment: a}}",
      "customers/other/a.yaml": "flagstaff: v1\nsegments: {a: {segment: ‸b}}",
    ])
    let codes = ["FS2010", "FS2010", "FS1101", "FS2014", "FS2012", "FS2100"]
    #expect(repository.codes == zip(codes, repository.marks).map { "\($0) \($1)" })
  }

  @Test(
    "A reference to a definition in a broken file is not reported beside the file's own finding",
    arguments: [
      "flagstaff: v1\nunknown: 1\nsegments: {s: {a: b}}\nexperiments: {e: {}}",
      "flagstaff: v1\nsegments: {s: {a: b}\nexperiments: {e: {}}", "\u{FEFF}", "a: &b *b",
    ])
  func noFollowingFindings(broken: String) {
    let using = """
      flagstaff: v1
      flags:
        f:
          environments: {production: {}}
          rules: [{when: {segment: s}, serve: true}, {experiment: e}]
      """
    for path in ["customers/acme/b.yaml", "shared/b.yaml"] {
      let repository = TestRepository(["customers/acme/a.yaml": using, path: broken])
      #expect(!repository.errorCodes.isEmpty)
      #expect(repository.findings.allSatisfy { $0.location.file == path }, "\(repository.codes)")
    }
  }

  @Test("A broken file of one customer hides no mistake of another")
  func othersAreStillChecked() {
    let repository = TestRepository([
      "customers/acme/a.yaml": "[",
      "customers/other/a.yaml": "flagstaff: v1\nsegments: {a: {segment: b}}",
    ])
    #expect(repository.findings.map(\.code.rawValue) == ["FS1003", "FS2012"])
  }

  @Test("What the workspace ignores is no finding, also where the workspace has one")
  func ignoredIsNotReported() {
    for extra in ["", "\n  typo: 1"] {
      let repository = TestRepository([
        "flagstaff.yaml": """
        flagstaff: v1
        workspace:
          id: acme
          environments: [production]
          ignore: ["customers/*/helm/**", "customers/acme/old.yaml"]\(extra)
        """,
        "customers/acme/helm/a/b.yml": "x: y", "customers/acme/helm/values.yaml": "x: [",
        "customers/acme/old.yaml": "flags: 1", "customers/acme/a.yaml": Self.good,
      ])
      #expect(repository.findings.map(\.code.rawValue) == (extra.isEmpty ? [] : ["FS1101"]))
    }
  }

  @Test("Findings about the repository itself are told too, and hold whom they concern")
  func othersAreTold() {
    let link = Finding(
      .init("FS3001", "A link"), at: Location(file: "customers/acme/link.yaml"), "a link",
      remedy: "Remove it"
    )
    let definitions = TestRepository([
      "customers/acme/a.yaml": Self.good, "customers/other/a.yaml": Self.good,
    ]).definitions(others: [link])
    #expect(definitions.findings == [link])
    #expect(definitions.held.customers == ["acme"])
  }

  @Test("A rule may use an experiment that is a draft or absent in that environment")
  func draftsMayBeUsed() {
    let absent = Samples.draft.replacingFirst(
      "environments: {production: {}}", "environments: {staging: {}}")
    #expect(TestRepository(Samples.draft).codes == [])
    #expect(TestRepository(absent).codes == [])
  }

  @Test("A flag that names one running experiment twice uses one, not two")
  func sameExperimentTwice() {
    let twice = Samples.running.replacingFirst(
      "[{experiment: checkout}]", "[{experiment: checkout}, {experiment: checkout}]")
    // It is reached once: the second turn is a warning, and holds nobody.
    #expect(TestRepository(twice).findings.map(\.code.rawValue) == ["FS2127", "FS2123"])
    #expect(TestRepository(twice).resolved() != nil)
  }

  @Test("Who is held and who goes on is told by scope")
  func heldScopes() {
    let staging = "flagstaff: v1\nflags: {a: {environments: {staging: {}}}}"
    let definitions = TestRepository([
      "customers/good/a.yaml": Self.good, "customers/wrong/a.yaml": staging,
      "customers/wrong/b.yaml": "flagstaff: v1\nflags: {b: {environments: {staging: {}}, off: x}}",
      "customers/broken/a.yaml": "flags: [",
    ]).definitions()
    #expect(
      definitions.heldScopes.map(\.description) == [
        "production/broken", "staging/broken", "staging/wrong",
      ])
    #expect(definitions.goingOnScopes.map(\.customer) == ["good"])
    let none = TestRepository(["flagstaff.yaml": "x: y", "customers/a/a.yaml": staging])
    #expect(none.definitions().heldScopes.map(\.description) == ["staging/a"])
    #expect(none.definitions().goingOnScopes.isEmpty)
  }

  @Test("An environment that there is not makes no scope, held or not")
  func unknownEnvironment() {
    func flags(_ environments: String) -> String {
      "flagstaff: v1\nflags: {a: {environments: {\(environments)}}}"
    }
    let definitions = TestRepository([
      "customers/both/a.yaml": flags("staging: {}, prod: {}"),
      "customers/none/a.yaml": flags("prod: {}"), "customers/fine/a.yaml": flags("staging: {}"),
    ]).definitions()
    #expect(
      definitions.heldScopes.map(\.description) == [
        "production/none", "staging/both", "staging/none",
      ])
    #expect(definitions.goingOnScopes.map(\.description) == ["staging/fine"])
    #expect(!definitions.scopes.contains { $0.environment == "prod" })
  }

  @Test("Warnings hold nobody, and no error is lost behind many of them")
  func errorBehindWarnings() {
    let rules =
      "- serve: true\n" + String(repeating: "      - {when: {a: 1}, serve: true}\n", count: 300)
    let flag = "flags:\n  f:\n    environments: {production: {}}\n    rules:\n      \(rules)"
    let warned = TestRepository(flag)
    #expect(warned.findings.count == Limits.findingsMax + 1)
    #expect(warned.resolved() != nil)
    let wrong = TestRepository(flag + "      - {serve: other}\n")
    #expect(wrong.findings.contains { $0.code.rawValue == "FS2013" })
    #expect(wrong.resolved() == nil)
  }

  @Test("A file told of by all others is told of up to the limit, and then counted")
  func crossFileLimit() {
    let rules = (0..<250).map { "{when: {segment: s\($0)}, serve: true}" }.joined(separator: ", ")
    let found = TestRepository(
      "flags: {f: {environments: {production: {}}, rules: [\(rules)]}}"
    ).findings
    #expect(found.count == Limits.findingsMax + 1)
    #expect(found.last?.code.rawValue == "FS2007")
    #expect(found.last?.message.hasPrefix("50 more findings") == true)
  }

  @Test("A name that is nearly right gets a suggestion, whatever it names")
  func suggestions() {
    let remedies = TestRepository(
      """
      experiments:
        checkout: {traffic: 1%, control: odl, variants: {old: 1, new: 1}, group: basket,
          environments: {prodution: {}}}
      flags:
        page:
          environments: {production: {}}
          rules: [{experiment: chekout}, {when: {segment: emploees}, serve: treu}]
      segments: {employees: {a: b}}
      groups: {baskets: {}}
      """
    ).findings.map(\.remedy)
    for name in ["old", "baskets", "production", "checkout", "employees", "true"] {
      #expect(remedies.contains { $0.hasPrefix("Did you mean \(name)?") }, "\(remedies)")
    }
  }

  @Test("A scope exists once a flag or an experiment names it, and segments alone make none")
  func scopes() {
    let repository = TestRepository([
      "customers/b/a.yaml":
        "flagstaff: v1\nflags: {a: {environments: {staging: {}, production: {}}}}",
      "customers/a/a.yaml": "flagstaff: v1\nflags: {a: {environments: {production: {}}}}",
      "customers/c/a.yaml": "flagstaff: v1\nsegments: {a: {b: c}}",
    ])
    #expect(
      repository.definitions().scopes.map(\.description)
        == ["production/a", "production/b", "staging/b"])
  }
}
