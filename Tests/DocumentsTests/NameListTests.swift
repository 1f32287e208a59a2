// A list of names tells how many it leaves out.

import Documents
import Testing

@Suite("Names in one line")
struct NameListTests {
  @Test(
    "So many names are told, and the others counted",
    arguments: [
      ([], ""), (["a"], "a"), (["a", "b"], "a, b"), (["a", "b", "c"], "a, b and 1 more"),
      (["a", "b", "c", "d"], "a, b and 2 more"),
    ])
  func listed(names: [String], text: String) {
    #expect(names.listed(atMost: 2) == text)
  }
}
