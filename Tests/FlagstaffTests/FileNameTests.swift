// Two files whose names are the same text for Swift and not for Git, in a folder and in a commit:
// each is read, however it is read.

import Foundation
import Testing

@Suite("Files whose names differ in bytes alone")
struct FileNameTests {
  @Test("Both are checked", arguments: [[], ["--head", "HEAD"]])
  func bothAreChecked(options: [String]) throws {
    let repository = try DefinitionsRepository()
    try repository.write(DefinitionsRepository.workspace, to: "flagstaff.yaml")
    for (name, key) in [("caf\u{e9}", "one"), ("cafe\u{301}", "two")] {
      try repository.write(
        "flagstaff: v1\nflags: {\(key): {environments: {nowhere: {}}}}\n",
        to: "customers/acme/\(name).yaml")
    }
    try repository.commit()
    let ended = try Running(
      Programs.flagstaff, ["validate", repository.path, "--format", "json"] + options,
      variables: Programs.variables, in: "/"
    ).wait()
    #expect(ended.output.components(separatedBy: "FS2010").count - 1 == 2, "\(ended)")
  }
}
