// What was meant by a wrong name is looked for with a bound: where every name is wrong, the first
// get a suggestion, and the others a plain remedy.

import Documents
import FlagstaffCore
import Testing

@Suite("Suggestions of all files together")
struct SuggestionTests {
  @Test("Names are compared up to the limit")
  func limit() {
    let known = 4_000
    let fits = Limits.suggestionComparisonsMax / known
    let segments = ["bill: {x: 1}"] + (1..<known).map { "a-long-name-\($0): {x: 1}" }
    let rules = (0...fits).map { number in
      "      - {when: {segment: bil\(number % 10)}, serve: true}"
    }
    let repository = TestRepository([
      "customers/acme/a.yaml": "flagstaff: v1\nsegments:\n  "
        + segments.joined(separator: "\n  "),
      "customers/acme/b.yaml": "flagstaff: v1\nflags:\n  f:\n"
        + "    environments: {production: {}}\n    rules:\n" + rules.joined(separator: "\n"),
    ])
    let remedies = repository.findings.filter { $0.code.rawValue == "FS2012" }.map(\.remedy)
    #expect(remedies.count == fits + 1)
    #expect(remedies.count { $0.contains("Did you mean bill?") } == fits)
  }
}
