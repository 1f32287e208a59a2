// Who contributed, as a table of commits: what their parents have, what they have, and whether that
// is anybody's doing.

import FlagstaffCore
import Signing
import Testing

@Suite("Contributors")
struct ContributorsTests {
  private static func digest(_ text: Character) -> Digest? {
    text == "-" ? nil : Signing.sha256(Array("\(text)".utf8))
  }

  /// `!`: the definitions cannot be read; `-`: the definition is not there.
  private static func table(_ text: Character) -> [String: Digest]? {
    text == "!" ? nil : digest(text).map { ["flag": $0] } ?? [:]
  }

  /// The parents, for each but the first its merge bases, what the commit has, whether that
  /// contributes.
  private static let cases: [(parents: String, bases: [String], own: Character, Bool)] = [
    ("", [], "-", false), ("", [], "a", true), ("", [], "!", true),
    ("a", [], "a", false), ("a", [], "b", true), ("a", [], "-", true), ("-", [], "a", true),
    ("!", [], "a", true), ("a", [], "!", true),
    // Both sides alike.
    ("aa", ["b"], "a", false), ("aa", ["b"], "b", true), ("aa", [""], "a", false),
    // One side changed it: only that is no choice. Taking the other is what `ours` does.
    ("ab", ["a"], "b", false), ("ab", ["a"], "a", true), ("ab", ["b"], "a", false),
    ("ab", ["b"], "b", true), ("ab", ["a"], "c", true), ("a-", ["a"], "-", false),
    ("-a", ["-"], "a", false), ("-a", ["a"], "a", true),
    // Both changed it: any result is a choice.
    ("ab", ["c"], "a", true), ("ab", ["c"], "b", true), ("ab", ["c"], "c", true),
    // Several bases must agree.
    ("ab", ["aa"], "b", false), ("ab", ["ab"], "b", true), ("ab", ["ab"], "a", true),
    // Nothing in common: both came from nothing.
    ("a-", [""], "a", false), ("ab", [""], "a", true),
    ("ab", ["!"], "b", true), ("a!", ["a"], "a", true),
    // An octopus, in turn.
    ("aba", ["a", "a"], "b", false), ("aba", ["a", "a"], "a", true),
    ("abc", ["a", "a"], "c", true), ("aab", ["a", "a"], "b", false),
  ]

  @Test("A commit contributes where it is not what a merge of its parents gives", arguments: cases)
  func rule(parents: String, bases: [String], own: Character, contributes: Bool) {
    let note = CommitNote(
      id: "c", signer: .person("alice"), digests: Self.table(own),
      parents: parents.map(Self.table), bases: bases.map { $0.map(Self.table) })
    #expect(note.contributes(to: "flag") == contributes)
  }

  private func note(_ id: String, _ signer: CommitSigner, changes: Bool = true) -> CommitNote<
    String
  > {
    CommitNote(
      id: id, signer: signer, digests: Self.table(changes ? "b" : "a"), parents: [Self.table("a")],
      bases: [])
  }

  @Test("Members are known; who is not, raises by the commit; who changed nothing is neither")
  func people() {
    let contributors = Contributors(
      to: "flag",
      in: [
        note("1", .person("alice")), note("2", .nobody(why: "x")), note("3", .person("alice")),
        note("4", .uncertain("bob")), note("5", .person("carol"), changes: false),
        note("6", .nobody(why: "x"), changes: false),
      ])
    #expect(contributors.known == ["alice", "bob"])
    #expect(contributors.unknownCommits == ["2", "4"])
    #expect(contributors.commits == ["alice": "3", "bob": "4"])
    #expect(Contributors(to: "other", in: [note("1", .person("alice"))]) == .nobody)
  }
}
