// `validate --watch`, as somebody uses it who edits: the program runs, files change under it, and
// each change is answered by what a new run of `validate` would say.

import Documents
import Foundation
import Testing

@Suite("validate --watch")
struct WatchTests {
  @Test("Every edit is answered by what a new run would find, and nothing else is said")
  func answersEdits() throws {
    let repository = try DefinitionsRepository.small()
    let watching = try Running(
      Programs.flagstaff, ["validate", repository.path, "--watch", "--format", "json"],
      variables: Programs.variables, in: "/")
    defer {
      watching.send(SIGTERM)
      _ = try? watching.wait()
    }
    let depot = "customers/globex/depot.yaml"
    let edits: [(name: String, edit: () throws -> Void)] = [
      ("a mistake", { try repository.replace("zone: A", by: "zone: {a: b}", in: depot) }),
      ("a file that is no YAML", { try repository.write("{", to: "customers/acme/new.yaml") }),
      ("its end", { try repository.remove("customers/acme/new.yaml") }),
      ("a new folder", { try repository.write("a: b\n", to: "customers/late/x.yaml") }),
      (
        "the mistake put right",
        { try repository.replace("zone: {a: b}", by: "zone: A", in: depot) }
      ),
      ("a stray file", { try repository.write("", to: "customers/acme/stray.yml") }),
    ]
    try expect(watching, as: repository, after: "the start")
    for (name, edit) in edits {
      try edit()
      try expect(watching, as: repository, after: name)
    }
    // Files that are no definitions change nothing.
    try repository.write("x", to: "README.md")
    try repository.write("x", to: "customers/acme/notes.txt")
    func answers() -> Set<Substring> { Set(watching.output.split(separator: "\n")) }
    let before = answers()
    usleep(300_000)
    #expect(answers() == before)
  }

  /// An edit of several steps may be answered after each; the last answer is the one that counts.
  private func expect(
    _ watching: Running, as repository: DefinitionsRepository, after name: String
  ) throws {
    let fresh = try Running(
      Programs.flagstaff, ["validate", repository.path, "--format", "json"],
      variables: Programs.variables, in: "/"
    ).wait()
    let deadline = ContinuousClock.now + .seconds(60)
    func last() -> Substring? { watching.output.split(separator: "\n").last }
    let expected = fresh.output.split(separator: "\n").last
    while last() != expected, ContinuousClock.now < deadline { usleep(10_000) }
    #expect(last() == expected, "\(name)")
  }
}
