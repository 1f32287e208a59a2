// One fixture and more for each code of the definitions stages: a text that is wrong, with a mark
// where the finding must stand, and the same text put right, which must have no finding at all.

import Testing

/// A mistake, and its correction.
struct FindingFixture: Sendable, CustomTestStringConvertible {
  let code: String
  let wrong: [String: String]
  let right: [String: String]
  /// The files that findings name without a position.
  let files: [String]

  /// A mistake in the sections of one file.
  init(_ code: String, _ wrong: String, right: String) {
    let path = "customers/acme/a.yaml"
    self.init(
      code, wrong: [path: "flagstaff: v1\n\(wrong)"], right: [path: "flagstaff: v1\n\(right)"])
  }

  init(
    _ code: String, wrong: [String: String], right: [String: String], files: [String] = []
  ) {
    self.code = code
    self.wrong = wrong
    self.right = right
    self.files = files
  }

  var testDescription: String { "\(code) \(wrong.values.sorted().joined().prefix(60))" }
}

extension FindingFixture {
  static let all = repository + names + experiments + flags + rules + conditions

  private static let file = "flagstaff: v1\n"

  private static let repository = [
    FindingFixture(
      "FS2001", wrong: ["customers/acme/a.yml": file], right: ["customers/acme/a.yaml": file],
      files: ["customers/acme/a.yml"]),
    FindingFixture(
      "FS2001", wrong: ["customers/a.yaml": file], right: ["customers/acme/a.yaml": file],
      files: ["customers/a.yaml"]),
    FindingFixture(
      "FS2001", wrong: ["customers/acme/a.yaml": file, "definitions/a.yaml": file],
      right: ["definitions/a.yaml": file], files: ["definitions/a.yaml"]),
    FindingFixture(
      "FS2002", wrong: ["customers/Acme/a.yaml": file], right: ["customers/acme/a.yaml": file],
      files: ["customers/Acme/a.yaml"]),
    FindingFixture(
      "FS2003", wrong: ["flagstaff.yaml": "", "customers/acme/a.yaml": file],
      right: ["customers/acme/a.yaml": file], files: ["flagstaff.yaml"]),
    FindingFixture(
      "FS2004", "‸metrics: {orders: {event: order, aggregation: count}}", right: "flags: {}"),
    FindingFixture(
      "FS2006", wrong: ["shared/a.yaml": "\(file)‸flags: {a: {environments: {production: {}}}}"],
      right: ["shared/a.yaml": "\(file)segments: {a: {b: c}}"]),
    FindingFixture(
      "FS2006",
      wrong: [
        "shared/a.yaml": """
        flagstaff: v1
        ‸experiments:
          a: {traffic: 1%, control: b, variants: {b: 1, c: 1}, environments: {production: {}}}
        """
      ],
      right: ["shared/a.yaml": "\(file)segments: {a: {b: c}}"]),
    FindingFixture(
      "FS2007", "segments: {a: {any: [\(wrongInstants)]}}", right: "segments: {a: {b: c}}"),
  ]

  /// One instant more that does not exist than findings are shown of a file.
  private static let wrongInstants =
    String(repeating: "{a: {before: ‸2026-02-30T00:00:00Z}}, ", count: 200)
    + "{a: {before: ‸2026-02-30T00:00:00Z}}"

  private static let names = [
    FindingFixture(
      "FS2010", "flags: {a: {environments: {‸prod: {}}}}",
      right: "flags: {a: {environments: {production: {}}}}"),
    FindingFixture(
      "FS2010",
      """
      experiments:
        a: {traffic: 1%, control: b, variants: {b: 1, c: 1}, environments: {staging: {}, ‸dev: {}}}
      """,
      right: """
        experiments:
          a: {traffic: 1%, control: b, variants: {b: 1, c: 1}, environments: {staging: {}}}
        """),
    FindingFixture(
      "FS2011", "flags: {a: {environments: {production: {}}, rules: [{experiment: ‸b}]}}",
      right: "flags: {a: {environments: {production: {}}, rules: []}}"),
    FindingFixture(
      "FS2012",
      "flags: {a: {environments: {production: {}}, rules: [{when: {segment: ‸b}, serve: true}]}}",
      right: """
        flags: {a: {environments: {production: {}}, rules: [{when: {segment: b}, serve: true}]}}
        segments: {b: {c: d}}
        """),
    FindingFixture(
      "FS2012", "segments: {a: {not: {any: [{b: c}, {segment: [a2, ‸b, ‸c]}]}}, a2: {b: c}}",
      right: "segments: {a: {not: {segment: [a2]}}, a2: {b: c}}"),
    FindingFixture(
      "FS2012",
      """
      experiments:
        a:
          {traffic: 1%, control: b, variants: {b: 1, c: 1},
           environments: {production: {targeting: {segment: ‸d}}}}
      """, right: "segments: {d: {b: c}}"),
    FindingFixture(
      "FS2013", "flags: {a: {variants: {b: 1, c: 2}, off: ‸d, environments: {production: {}}}}",
      right: "flags: {a: {variants: {b: 1, c: 2}, off: b, environments: {production: {}}}}"),
    FindingFixture(
      "FS2013",
      """
      flags:
        a:
          variants: {b: 1, c: 2}
          off: b
          default: ‸d
          environments: {production: {default: ‸true}}
          rules: [{serve: ‸e}, {key: f, serve: ‸f, rollout: 1%}, {key: g, split: {b: 1, ‸g: 1}}]
      """,
      right: """
        flags:
          a:
            variants: {b: 1, c: 2}
            off: b
            default: c
            environments: {production: {default: b}}
            rules: [{serve: c}, {key: f, serve: b, rollout: 1%}, {key: g, split: {b: 1, c: 1}}]
        """),
    FindingFixture(
      "FS2013",
      """
      experiments:
        a:
          status: completed
          traffic: 1%
          control: ‸x
          variants: {b: 1, c: 1}
          winner: ‸y
          force: {‸z: [u]}
          environments: {production: {}}
      """,
      right: """
        experiments:
          a:
            status: completed
            traffic: 1%
            control: b
            variants: {b: 1, c: 1}
            winner: c
            force: {c: [u]}
            environments: {production: {}}
        """),
    FindingFixture(
      "FS2013",
      Samples.replacing(Samples.running, "[{experiment: ", "[{experiment: ‸")
        .replacingFirst("variants: {old: 50, new: 50}", "variants: {old: 50, newer: 50}"),
      right: Samples.running),
    FindingFixture(
      "FS2014",
      "segments: {‸a: {segment: b}, ‸b: {any: [{segment: [c]}]}, ‸c: {not: {segment: a}}}",
      right: "segments: {a: {segment: b}, b: {any: [{segment: [c]}]}, c: {not: {d: a}}}"),
    FindingFixture(
      "FS2014", "segments: {‸a: {segment: a}, b: {segment: a}}",
      right: "segments: {a: {c: a}, b: {segment: a}}"),
    FindingFixture(
      "FS2015",
      """
      flags:
        a:
          environments: {production: {}}
          rules: [{key: b, serve: true, rollout: 1%}, {key: ‸b, split: {true: 1, false: 1}}]
      """,
      right: """
        flags:
          a:
            environments: {production: {}}
            rules: [{key: b, serve: true, rollout: 1%}, {key: c, split: {true: 1, false: 1}}]
        """),
    FindingFixture(
      "FS2016",
      wrong: [
        "customers/acme/a.yaml": "\(file)segments: {a: {b: c}}",
        "customers/acme/b.yaml": "\(file)segments: {‸a: {b: c}}",
      ],
      right: [
        "customers/acme/a.yaml": "\(file)segments: {a: {b: c}}",
        "customers/other/b.yaml": "\(file)segments: {a: {b: c}}",
      ]),
    FindingFixture(
      "FS2016",
      wrong: [
        "shared/a.yaml": "\(file)segments: {a: {b: c}}",
        "customers/acme/b.yaml": "\(file)segments: {‸a: {b: c}}",
      ],
      right: [
        "shared/a.yaml": "\(file)segments: {a: {b: c}}",
        "customers/acme/b.yaml": "\(file)segments: {b: {segment: a}}",
      ]),
    FindingFixture(
      "FS2017", twoExperiments("salt: s", "salt: ‸s"), right: twoExperiments("salt: s", "salt: t")),
    FindingFixture(
      "FS2017", twoExperiments("salt: ‸\(id)", "id: \(id)"),
      right: twoExperiments("salt: s", "id: \(id)")),
    FindingFixture(
      "FS2017", twoExperiments("id: \(id)", "id: \(id)").replacingFirst("  b:", "  ‸b:"),
      right: twoExperiments("", "id: \(id)")),
  ]

  private static let id = "11111111-2222-4333-8444-555555555555"

  private static func twoExperiments(_ first: String, _ second: String) -> String {
    """
    experiments:
      a:
        traffic: 1%
        control: c
        variants: {c: 1, d: 1}
        environments: {production: {}}
        \(first)
      b:
        traffic: 1%
        control: c
        variants: {c: 1, d: 1}
        environments: {production: {}}
        \(second)
    """
  }
}

extension String {
  func replacingFirst(_ part: String, _ other: String) -> String {
    Samples.replacing(self, part, other)
  }
}
