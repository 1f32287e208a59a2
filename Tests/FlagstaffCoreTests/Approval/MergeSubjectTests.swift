// Messages of merges as git and forges write them: which of them say that they merge the branch
// that is followed. Those of pull requests must not, whatever the branch is called that they bring.

import FlagstaffCore
import Testing

@Suite("What a merge says that it merges")
struct MergeSubjectTests {
  @Test(
    "A pull of the followed branch is told from a merge into it",
    arguments: [
      ("Merge branch 'main'", true), ("Merge branch 'main' into feature", true),
      ("Merge branch 'main' of https://git.example/flags into feature", true),
      ("Merge branch 'main' of ../flags\n\nMore", true),
      ("Merge remote-tracking branch 'origin/main'", true),
      ("Merge remote-tracking branch 'origin/main' into feature", true),
      ("Merge branches 'feature' and 'main'", true),
      ("Merge branch 'feature', remote-tracking branch 'origin/main'", true),
      ("Merge remote-tracking branches 'origin/a' and 'origin/main' into mine", true),
      ("Merge remote-tracking branches 'origin/a', 'origin/main' and 'origin/b'", true),
      ("Merge remote-tracking branch 'origin/a', branch 'b/main' and tag 'c/main'", false),
      ("Merge branches 'a/main' and 'b/main'", false),
      ("Merge remote-tracking branch 'origin' into notes", true),
      ("Merge remote-tracking branch 'origin/HEAD'", true),
      ("Merge branch 'refs/heads/main' into notes", true),
      ("Merge branch 'feature'", false), ("Merge branch 'feature' into 'main'", false),
      ("Merge branch 'feature/main'", false), ("Merge branch 'main-2'", false),
      ("Merge remote-tracking branch 'origin/feature' into main", false),
      ("Merge pull request #1 from mallory/main", false),
      ("Merge it\n\nMerge branch 'main'", false),
      ("Merged in main (pull request #1)", false), ("Merge", false), ("", false),
    ])
  func subjects(message: String, expected: Bool) {
    #expect(MergeSubject.merges("main", Array(message.utf8)) == expected)
  }

  @Test(
    "A merge that names no branch is told, and one in somebody's own words is none of them",
    arguments: [
      ("Merge commit '09abcdef'", "a commit"), ("Merge commit '09ab' into notes", "a commit"),
      ("Merge commit '09ab' of https://git.example/flags\n\nMore", "a commit"),
      ("Merge commits '09ab' and '10bc'", "a commit"),
      ("Merge branch 'feature' and commit '09ab'", "a commit"),
      ("Merge branches 'a', 'b', commit '09ab' and tag 'c'", "a commit"),
      ("Merge tag 'tip'", "a tag"), ("Merge remote-tracking branch 'o/a' and tag 'b'", "a tag"),
      ("Merge ../hub", "a repository"), ("Merge /srv/hub into main", "a repository"),
      ("Merge https://git.example/flags", "a repository"), ("Merge HEAD", "a repository"),
      ("Merge git@git.example:flags into notes", "a repository"),
      ("Merge branch 'feature'", nil), ("Merge branches 'commit' and 'tag'", nil),
      ("Merge remote-tracking branch 'origin/feature' into main", nil),
      ("Merge pull request #1 from mallory/main", nil), ("Merge feature", nil),
      ("Merge feature/checkout", nil), ("Merge it: one page", nil), ("Merge", nil), ("", nil),
      ("Bring a commit 'x' in", nil), ("Merge the tag 'x' work", nil),
    ])
  func nameless(message: String, expected: String?) {
    #expect(MergeSubject.nameless(Array(message.utf8)) == expected)
  }

  @Test(
    "What a merge says that it merges into",
    arguments: [
      ("Merge branch 'feature' into notes", "notes"), ("Merge branch 'a' into 'main'\n", "main"),
      ("Merge commit '09ab' into b/c", "b/c"), ("Merge ../hub into notes\r\n", "notes"),
      ("Merge branch 'a into b' into c", "c"), ("Merge branch 'feature'", nil),
      ("Merge one page into the checkout", nil), ("Turn a into b", nil),
    ])
  func destinations(message: String, expected: String?) {
    #expect(MergeSubject.destination(Array(message.utf8)) == expected)
  }
}
