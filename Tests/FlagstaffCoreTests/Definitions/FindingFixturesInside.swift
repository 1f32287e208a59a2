// The fixtures of mistakes inside one definition: experiments, flags, rules and conditions. Those
// of the repository and of names stand in `FindingFixtures`.

extension FindingFixture {
  private static func experiment(_ fields: String) -> String {
    """
    experiments:
      a:
        traffic: 1%
        control: b
        environments: {production: {}}
        \(fields)
    """
  }

  static let experiments = [
    FindingFixture(
      "FS2030", experiment("variants: {b: {weight: 1, payload: 1}, ‸c: 1, ‸d: {weight: 2}}"),
      right: experiment("variants: {b: {weight: 1, payload: 1}, c: {weight: 1, payload: 2}}")),
    FindingFixture(
      "FS2031",
      experiment("variants: {b: {weight: 1, payload: true}, c: {weight: 1, payload: false}}")
        + "\nflags: {‸a: {environments: {production: {}}}}",
      right: experiment("variants: {b: 1, c: 1}")
        + "\nflags: {a: {environments: {production: {}}}}"),
    FindingFixture(
      "FS2031",
      """
      experiments:
        a:
          traffic: 1%
          control: 'false'
          variants: {true: {weight: 1, payload: 1}, false: {weight: 1, payload: 2}}
          environments: {production: {}}
      flags: {b: {environments: {production: {}}, rules: [{experiment: ‸a}]}}
      """,
      right: """
        experiments:
          a:
            traffic: 1%
            control: false
            variants: {true: 1, false: 2}
            environments: {production: {}}
        flags: {b: {environments: {production: {}}, rules: [{experiment: a}]}}
        """),
    FindingFixture(
      "FS2032", experiment("variants: {b: 1000000, ‸c: 1}"),
      right: experiment("variants: {b: 9999, c: 1}")),
    FindingFixture(
      "FS2033", experiment("variants: {b: 1, c: 1}\n    force: {c: [‸'x@acme.example']}"),
      right: experiment("variants: {b: 1, c: 1}\n    force: {c: [x]}")),
    FindingFixture(
      "FS2033", experiment("variants: {b: 1, c: 1}\n    force: {b: [x], c: [y, ‸x]}"),
      right: experiment("variants: {b: 1, c: 1}\n    force: {b: [x], c: [y]}")),
    FindingFixture(
      "FS2033", experiment("variants: {b: 1, c: 1}\n    force: {‸b: [\(units(101))]}"),
      right: experiment("variants: {b: 1, c: 1}\n    force: {b: [\(units(100))]}")),
    FindingFixture(
      "FS2034",
      experiment(
        "variants: {b: 1, c: 1}\n"
          + "    schedule: {start: 2026-01-02T00:00:00Z, end: ‸2026-01-02T00:00:00Z}"),
      right: experiment(
        "variants: {b: 1, c: 1}\n"
          + "    schedule: {start: 2026-01-02T00:00:00Z, end: 2026-01-02T00:00:01Z}")),
    FindingFixture(
      "FS2035", experiment("variants: {b: 1, c: 1}\n    winner: ‸c"),
      right: experiment(
        "variants: {b: 1, c: 1}\n    winner: c\n    schedule: {end: 2026-01-02T00:00:00Z}")),
    FindingFixture(
      "FS2036", experiment("variants: {b: 1, c: 1}\n    ‸visibility: client"),
      right: experiment(
        "variants: {b: {weight: 1, payload: 1}, c: {weight: 1, payload: 2}}\n"
          + "    visibility: client")),
    FindingFixture(
      "FS2037",
      experiment("variants: {b: 94, c: 6}\n    weights: ‸{managedBy: bandit, floor: 6.01%}"),
      right: experiment("variants: {b: 94, c: 6}\n    weights: {managedBy: bandit, floor: 6%}")),
    FindingFixture(
      "FS2060", experiment("variants: {b: 1, c: 1}\n    group: ‸g"),
      right: experiment("variants: {b: 1, c: 1}\n    group: g\ngroups: {g: {}}")),
    FindingFixture(
      "FS2061",
      """
      groups: {g: {}}
      experiments:
        a: {group: g, traffic: 1%, control: b, variants: {b: 1, c: 1},
            environments: {production: {}}}
        ‸b: {group: g, traffic: 1%, control: b, variants: {b: 1, c: 1}, bucketBy: company,
            environments: {production: {}}}
      """,
      right: """
        groups: {g: {}}
        experiments:
          a: {group: g, traffic: 1%, control: b, variants: {b: 1, c: 1}, bucketBy: company,
              environments: {production: {}}}
          b: {group: g, traffic: 1%, control: b, variants: {b: 1, c: 1}, bucketBy: company,
              environments: {production: {}}}
        """),
    FindingFixture("FS2062", full("‸g", "2.01%"), right: full("g", "2%")),
  ]

  /// A group of one running experiment of 98 %, and of some that do not count.
  private static func full(_ group: String, _ holdout: String) -> String {
    """
    groups: {\(group): {holdout: \(holdout)}}
    experiments:
      a: {group: g, status: running, traffic: 98%, control: b, variants: {b: 1, c: 1},
          environments: {production: {}, staging: {traffic: 1%}}}
      b: {group: g, status: paused, traffic: 98%, control: b, variants: {b: 1, c: 1},
          environments: {production: {}}}
      c: {group: g, status: running, traffic: 98%, control: b, variants: {b: 1, c: 1},
          schedule: {end: 2026-01-02T00:00:00Z}, environments: {production: {}}}
    """
  }

  private static func units(_ count: Int) -> String {
    (0..<count).map { "u\($0)" }.joined(separator: ", ")
  }

  private static func flag(_ fields: String) -> String {
    "flags: {a: {environments: {production: {}}, \(fields)}}"
  }

  static let flags = [
    FindingFixture(
      "FS2050", "flags: {‸a: {environments: {production: {}}, variants: {b: 1, c: 2}}}",
      right: flag("variants: {b: 1, c: 2}, off: b")),
    FindingFixture(
      "FS2051", flag("variants: {b: 1, c: 2.5, d: ‸'3'}, off: b"),
      right: flag("variants: {b: 1, c: 2.5, d: 3}, off: b")),
    FindingFixture(
      "FS2051",
      """
      experiments:
        ‸a:
          traffic: 1%
          control: b
          variants: {b: {weight: 1, payload: 1}, c: {weight: 1, payload: '2'}}
          environments: {production: {}}
      """,
      right: """
        experiments:
          a:
            traffic: 1%
            control: b
            variants: {b: {weight: 1, payload: 1}, c: {weight: 1, payload: 2}}
            environments: {production: {}}
        """),
    FindingFixture(
      "FS2052", flag("variants: {b: {n: 1}, c: {n: ‸x}}, off: b, \(schema)"),
      right: flag("variants: {b: {n: 1}, c: {n: 2}}, off: b, \(schema)")),
    FindingFixture(
      "FS2053", flag("variants: {b: 1}, off: b, valueSchema: ‸{noSuchKeyword: 1}"),
      right: flag("variants: {b: 1}, off: b, valueSchema: {type: integer}")),
    FindingFixture(
      "FS2055",
      """
      experiments:
        a: {status: running, traffic: 1%, control: true, variants: {true: 1, false: 1},
            environments: {production: {}, staging: {}}}
        b: {status: running, traffic: 1%, control: true, variants: {true: 1, false: 1},
            environments: {production: {}}}
      flags:
        f:
          environments: {production: {}, staging: {}}
          rules: [{experiment: a}, {experiment: ‸b}]
      """,
      right: """
        experiments:
          a: {status: running, traffic: 1%, control: true, variants: {true: 1, false: 1},
              environments: {production: {status: paused}, staging: {}}}
          b: {status: running, traffic: 1%, control: true, variants: {true: 1, false: 1},
              environments: {production: {}}}
        flags:
          f:
            environments: {production: {}, staging: {}}
            rules: [{experiment: a}, {experiment: b}]
        """),
  ]

  private static let schema = "valueSchema: {type: object, properties: {n: {type: integer}}}"

  static let rules = [
    FindingFixture(
      "FS2032", flag("rules: [{key: r, split: {true: 30000, ‸false: 1}}]"),
      right: flag("rules: [{key: r, split: {true: 9999, false: 1}}]")),
    FindingFixture("FS2054", flag("rules: [‸{}]"), right: flag("rules: [{serve: true}]")),
    FindingFixture(
      "FS2054", flag("rules: [‸{when: {a: b}}, ‸{key: k, serve: true}]"),
      right: flag("rules: [{when: {a: b}, serve: true}]")),
    FindingFixture(
      "FS2054", flag("rules: [‸{serve: true, rollout: 5%}, ‸{split: {true: 1, false: 1}}]"),
      right: flag("rules: [{key: b, serve: true, rollout: 5%}]")),
    FindingFixture(
      "FS2054", flag("rules: [‸{key: k, serve: true, split: {true: 1}}]"),
      right: flag("rules: [{key: k, split: {true: 1}}]")),
    FindingFixture(
      "FS2054", flag("rules: [‸{experiment: e, when: {a: b}}]"),
      right: flag("rules: [{when: {a: b}, serve: false}]")),
    FindingFixture(
      "FS2070",
      flag("rules: [{key: k, serve: true, rollout: {‸2026-02-29T00:00:00Z: 5%}}]"),
      right: flag("rules: [{key: k, serve: true, rollout: {2028-02-29T00:00:00Z: 5%}}]")),
  ]

  static let conditions = [
    FindingFixture(
      "FS2018",
      "segments:\n\(doubling(from: 0, to: 13))\n  ‸s14: {any: [\(twice("s13"))]}\n"
        + "  s15: {any: [\(twice("s14"))]}",
      right: "segments:\n\(doubling(from: 0, to: 13))"),
    FindingFixture(
      "FS2018",
      "segments:\n\(doubling(from: 0, to: 13))\n"
        + "flags: {f: {environments: {production: {}},"
        + " rules: [{when: ‸{all: [\(twice("s13"))]}, serve: true}]}}",
      right: "segments:\n\(doubling(from: 0, to: 13))\n"
        + "flags: {f: {environments: {production: {}},"
        + " rules: [{when: {all: [{segment: s13}]}, serve: true}]}}"),
    FindingFixture(
      "FS2018", "segments:\n\(chain(100))\n  ‸s101: {segment: s100}\n  s102: {segment: s101}",
      right: "segments:\n\(chain(100))"),
    FindingFixture(
      "FS2018",
      "segments:\n\(chain(60))\n  n: {not: {not: {all: [{a: b}]}}}\n"
        + Samples.running.replacingFirst(
          "traffic: 30%", "traffic: 30%\n    targeting: ‸\(negated(41))"),
      right: "segments:\n\(chain(60))\n"
        + Samples.running.replacingFirst(
          "traffic: 30%", "traffic: 30%\n    targeting: \(negated(39))")),
    FindingFixture("FS2018", rules(260).replacingFirst("when: {", "when: ‸{"), right: rules(100)),
    FindingFixture(
      "FS2070", "segments: {a: {b: {after: ‸2026-13-01T00:00:00Z}}}",
      right: "segments: {a: {b: {after: 2026-12-01T00:00:00Z}}}"),
    FindingFixture(
      "FS2071", "segments: {a: {b: {semver: ‸'>=1.x'}}}",
      right: "segments: {a: {b: {semver: '>=1.2.3 <2.0.0'}}}"),
  ]

  /// Rules of a flag, each of 8,192 comparisons at most.
  private static func rules(_ count: Int) -> String {
    let first = "{when: {all: [{segment: s13}, {a: b}]}, serve: true}"
    return "segments:\n\(doubling(from: 0, to: 13))\nflags:\n  f:\n"
      + "    environments: {production: {}}\n    rules:\n      - \(first)\n"
      + Array(repeating: "      - {when: {segment: s12}, serve: true}", count: count)
      .joined(separator: "\n")
  }

  /// Segments of which each has twice the comparisons of the one before: 2^to at the end.
  private static func doubling(from first: Int, to last: Int) -> String {
    (first...last).map { step in
      step == 0 ? "  s0: {a: b}" : "  s\(step): {any: [\(twice("s\(step - 1)"))]}"
    }.joined(separator: "\n")
  }

  private static func twice(_ key: String) -> String { "{segment: \(key)}, {segment: \(key)}" }

  /// Segments of which each is the one before, and adds a level by that: s1 has one.
  private static func chain(_ count: Int) -> String {
    (0...count).map { $0 == 0 ? "  s0: {a: b}" : "  s\($0): {segment: s\($0 - 1)}" }
      .joined(separator: "\n")
  }

  /// The segment s60 below a number of `not`.
  private static func negated(_ count: Int) -> String {
    String(repeating: "{not: ", count: count) + "{segment: s60}"
      + String(repeating: "}", count: count)
  }
}
