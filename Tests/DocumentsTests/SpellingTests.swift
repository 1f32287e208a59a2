// The nearest known word, and none where no word is near.

import Documents
import Testing

@Suite("Suggestions")
struct SpellingTests {
  @Test(
    "A misspelling gets the nearest word, and only a near one",
    arguments: [
      ("trafic", "traffic"), ("varaints", "variants"), ("Flags", "flags"), ("flag", "flags"),
      ("targetting", "targeting"), ("owners", "owner"), ("x", nil), ("", nil),
      ("something-else", nil), ("of", "off"),
    ] as [(String, String?)])
  func suggestion(word: String, expected: String?) {
    let known = ["traffic", "variants", "flags", "targeting", "owner", "off", "environments"]
    #expect(Spelling.closest(to: word, among: known) == expected)
  }

  @Test(
    "What is not nearly a word may abbreviate one, or begin with one",
    arguments: [
      ("env", "environments"), ("desc", "description"), ("startDate", "start"),
      ("enviroments", "environments"),
      ("rollout-share", "rollout"), ("val", "valueSchema"), ("value", nil), ("de", nil),
      ("description2", "description"),
      ("start_at", "start"), ("zzz", nil),
    ])
  func likely(word: String, expected: String?) {
    let known = [
      "environments", "description", "start", "rollout", "valueSchema", "experiments-all",
    ]
    #expect(Spelling.likely(word, among: known) == expected)
  }
}
