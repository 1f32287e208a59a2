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
    // A file that is saved as it was changes nothing, and neither do files that are no definitions.
    usleep(300_000)
    let before = watching.output
    let text = try String(contentsOfFile: repository.path + "/" + depot, encoding: .utf8)
    try repository.write(text, to: depot)
    try repository.write("x", to: "README.md")
    try repository.write("x", to: "customers/acme/notes.txt")
    usleep(300_000)
    #expect(watching.output == before)
  }

  @Test("In text, a line with the time stands before each answer, and another tells of the same")
  func times() throws {
    let repository = try DefinitionsRepository.small()
    let watching = try Running(
      Programs.flagstaff, ["validate", repository.path, "--watch"], variables: Programs.variables,
      in: "/")
    defer {
      watching.send(SIGTERM)
      _ = try? watching.wait()
    }
    func wait(for pattern: Regex<Substring>, _ count: Int) {
      let deadline = ContinuousClock.now + .seconds(60)
      while watching.errors.matches(of: pattern).count < count, ContinuousClock.now < deadline {
        usleep(10_000)
      }
      #expect(watching.errors.matches(of: pattern).count == count, "\(watching.errors)")
    }
    let time = /── [0-2][0-9]:[0-5][0-9]:[0-5][0-9] ─+\n/
    wait(for: time, 1)
    let depot = "customers/globex/depot.yaml"
    try repository.replace("zone: A", by: "zone: {a: b}", in: depot)
    wait(for: time, 2)
    let text = try String(contentsOfFile: repository.path + "/" + depot, encoding: .utf8)
    try repository.write("\(text)# the same\n", to: depot)
    wait(for: /[0-9] checked again, with the same result\n/, 1)
    wait(for: time, 2)
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
