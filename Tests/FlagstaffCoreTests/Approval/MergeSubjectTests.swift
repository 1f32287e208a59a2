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
}
