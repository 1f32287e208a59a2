// What the form of files refuses before any rule looks at it: fields that nobody knows, versions
// that nobody reads, nothing where something is required.

import Documents
import FlagstaffCore
import Testing

@Suite("The form of definitions files")
struct FormTests {
  @Test("Another version than v1 is refused", arguments: ["v2", "V1", "1", "v1.0", "", "null"])
  func otherVersions(version: String) {
    let repository = TestRepository(["customers/acme/a.yaml": "flagstaff: ‸\(version)\n"])
    let codes = repository.findings.map(\.code.rawValue)
    #expect(codes == ["FS1103"] || codes == ["FS1104"], "\(repository.codes)")
    #expect(repository.findings.map(\.location.position.line) == [1])
  }

  @Test(
    "A misspelt section or field gets a suggestion",
    arguments: [
      ("‸flag: {}", "flags"), ("‸experimnets: {}", "experiments"), ("‸segmens: {}", "segments"),
      ("flags: {a: {environments: {}, ‸visibilty: client}}", "visibility"),
      ("flags: {a: {environments: {production: {‸enabeld: true}}}}", "enabled"),
    ])
  func misspelt(sections: String, suggestion: String) {
    let repository = TestRepository(sections)
    #expect(repository.findings.map(\.code.rawValue) == ["FS1101"])
    #expect(repository.findings.map(\.location) == repository.marks)
    #expect(
      repository.findings.first.map { "\($0.message) \($0.remedy)".contains(suggestion) } == true)
  }

  @Test(
    "A field that lost its indentation is told where it belongs",
    arguments: [
      (
        "flags:\n  a:\n    environments: {}\n    off: x\n‸variants:\n      x: 1",
        "Indent it by 4 spaces, below flags.a"
      ),
      (
        "flags:\n  a:\n    environments: {}\n  ‸rules:\n    - serve: true",
        "Indent it by 4 spaces, below flags.a"
      ),
      ("flags:\n‸a:\n  environments: {}", "Indent it, below flags"),
      (
        "flags:\n  a:\n    environments: {}\n‸b:\n    environments: {}",
        "Indent it by 2 spaces, below flags"
      ),
      (
        "flags:\n  a:\n    environments: {}\n    rules:\n      - when: {b: c}\n‸serve: true",
        "Indent it by 8 spaces, below flags.a.rules[0]"
      ),
      // Both are known in the outer mapping, and mean something else there.
      (
        "experiments:\n  a:\n    control: x\n    traffic: 1%\n    variants: {x: 1, y: 1}\n"
          + "    environments: {}\n‸metrics:\n  primary: [m]\nflags: {}",
        "Indent it by 4 spaces, below experiments.a"
      ),
      (
        "experiments:\n  a:\n    control: x\n    variants: {x: 1, y: 1}\n    environments:\n"
          + "      production:\n        status: draft\n  ‸traffic: 1%",
        "Indent it by 4 spaces, below experiments.a"
      ),
    ])
  func lostIndentation(sections: String, remedy: String) {
    let repository = TestRepository(sections)
    #expect(repository.findings.map(\.code.rawValue) == ["FS1108"])
    #expect(repository.findings.map(\.location) == repository.marks)
    #expect(repository.findings.map(\.remedy) == [remedy])
  }

  @Test(
    "A field that is wrong for another reason keeps it",
    arguments: [
      // What stands before is in brackets, where indentation does not count.
      ("flags: {a: {environments: {}}}\n‸variants: {x: 1}", "FS1101"),
      ("segments:\n  a:\n    b: c\n‸foo: bar", "FS1101"),
      ("flags:\n  a:\n    environments: {}\n    rules: []\n‸rule: 1", "FS1101"),
      // The block of an environment has a phase too, but not this one.
      (
        "experiments:\n  a:\n    control: x\n    traffic: 1%\n    variants: {x: 1, y: 1}\n"
          + "    environments:\n      production:\n        status: draft\n    phase: ‸x",
        "FS1103"
      ),
      (
        "flags:\n  a:\n    environments: {}\n  rules:\n    environments: ‸1",
        "FS1103"
      ),
    ])
  func otherFault(sections: String, code: String) {
    let repository = TestRepository(sections)
    #expect(repository.findings.map(\.code.rawValue) == [code])
    #expect(repository.findings.map(\.location) == repository.marks)
  }

  @Test(
    "A rule of no known form is told what is too many or missing",
    arguments: [
      ("{key: k, when: {a: b}, serve: true}", "takes no key", "Remove `key`, or add `rollout`"),
      ("{when: {a: b}}", "answers nothing", "Add `serve`"),
      ("{}", "answers nothing", "Add `serve`"),
      ("{experiment: e, when: {a: b}}", "this one has `when`", "Remove `when`"),
      ("{experiment: e, key: k, rollout: 1%}", "has `key` and `rollout`", "Remove `key` and"),
      ("{serve: true, rollout: 5%}", "this rollout has no key", "Add a `key`"),
      ("{key: k, rollout: 5%}", "nothing that it serves", "Add `serve` with a variant"),
      ("{split: {true: 1}}", "this split has no key", "Add a `key`"),
      ("{key: k, split: {true: 1}, rollout: 5%}", "has no rollout", "Remove `rollout`"),
      ("{key: k, serve: true, split: {true: 1}}", "has `serve` and `split`", "Keep one"),
      ("{experiment: e, serve: true}", "has `experiment` and `serve`", "Keep one"),
    ])
  func rules(rule: String, message: String, remedy: String) {
    let findings = TestRepository("flags: {a: {environments: {}, rules: [\(rule)]}}").findings
    #expect(findings.map(\.code.rawValue) == ["FS2054"])
    #expect(findings.first?.message.contains(message) == true, "\(findings.map(\.described))")
    #expect(findings.first?.remedy.contains(remedy) == true, "\(findings.map(\.described))")
  }

  /// A whole experiment, of which one field is replaced.
  private static func experiment(_ field: String, _ value: String) -> String {
    var fields = [
      "traffic": "1%", "control": "b", "variants": "{b: 1, c: 1}", "environments": "{}",
    ]
    fields[field] = value
    let lines = fields.sorted { $0.key < $1.key }.map { "    \($0.key): \($0.value)" }
    return "experiments:\n  a:\n\(lines.joined(separator: "\n"))"
  }

  @Test(
    "Null or blank is an error where a value is required, never a default",
    arguments: ["null", "~", "''", "", "' '"],
    [
      "traffic", "control", "variants", "environments", "status", "phase", "schedule", "targeting",
      "force", "bucketBy", "salt", "id", "winner", "description", "hypothesis", "labels",
      "visibility", "revive", "reassign",
    ])
  func nullAndBlank(value: String, field: String) {
    let repository = TestRepository(Self.experiment(field, value))
    #expect(!repository.errorCodes.isEmpty, "\(field): \(value)")
    #expect(repository.resolved() == nil)
  }

  @Test(
    "Null is an error in a flag and in the workspace too",
    arguments: [
      "flags: {a: {environments: null}}", "flags: {a: null}", "flags: null", "owner: null",
      "flags: {a: {environments: {production: null}}}", "segments: {a: null}",
      "flags: {a: {environments: {}, enabled: null}}", "segments: {a: {b: null}}",
      "flags: {a: {environments: {}, rules: null}}", "segments: {a: {all: []}}",
      "flags: {a: {environments: {}, default: null}}", "segments: {a: {any: []}}",
      "flags: {a: {environments: {}, variants: {b: null}, off: b}}", "segments: {a: {}}",
      "segments: {a: {b: {in: []}}}", "segments: {a: {b: []}}", "segments: {a: {b: {}}}",
      "segments: {a: {segment: []}}", "flags: {a: {environments: {}, variants: {}, off: a}}",
    ])
  func nullInFlags(sections: String) {
    let codes = TestRepository(sections).findings.map(\.code.rawValue)
    #expect(!codes.isEmpty && codes.allSatisfy { $0.hasPrefix("FS11") }, "\(codes)")
  }

  @Test(
    "The workspace refuses reserved, repeated and missing environments",
    arguments: [
      "environments: [‸root]", "environments: [‸audit]", "environments: [a, ‸a]",
      "environments: ‸[]", "environments: [‸A]",
    ])
  func environments(field: String) {
    let repository = TestRepository([
      "flagstaff.yaml": "flagstaff: v1\nworkspace:\n  id: acme\n  \(field)"
    ])
    #expect(repository.findings.map(\.location) == repository.marks)
    #expect(repository.findings.count == 1)
  }

  @Test(
    "A key is lower-case letters, digits and . _ - between, at most 128 bytes",
    arguments: [
      ("a", true), ("0", true), ("a.b_c-d", true), ("a-", false), ("-a", false), ("A", false),
      ("ä", false), ("a b", false), (String(repeating: "a", count: 128), true),
      (String(repeating: "a", count: 129), false), ("a/b", false), ("..", false),
    ])
  func keys(key: String, isValid: Bool) {
    #expect(Key.isValid(key) == isValid)
    let definitions = TestRepository("segments: {'\(key)': {b: c}}").definitions()
    #expect(definitions.held.customers.isEmpty == isValid)
    #expect(
      TestRepository(["customers/\(key)/a.yaml": "flagstaff: v1"]).errorCodes.isEmpty
        == (isValid || key == "a/b"))
  }

  @Test("An empty file of the right version is fine, but for nothing being defined")
  func emptyFile() {
    #expect(TestRepository("").codes == ["FS2009 flagstaff.yaml"])
  }
}
