// What changed between two commits: by our walk of both trees, which skips equal subtrees, and by
// the `git` command. The latter's time is mostly that of starting a process.

import ArgumentParser
import FlagstaffCore
import Foundation
import GitSource

struct TreeBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tree",
    abstract: "What changed between two commits, beside `git diff-tree`.")

  @OptionGroup var size: BenchmarkSize

  func run() async throws {
    try await Workplace.with(size) { try await Self.run(in: $0) }
  }

  static func run(in place: Workplace) async throws {
    try place.makeRepository()
    try place.changeOneFile("Changed by the benchmark of trees.")
    try place.commit("One file")
    let repository = try GitRepository(path: place.definitions.path(percentEncoded: false))
    let new = try repository.commit(ofRevision: "HEAD")
    let old = try repository.commit(ofRevision: "HEAD~1")
    var (walk, command, listing) = (Samples(), Samples(), Samples())
    for _ in 0..<place.size.turns {
      walk.append(
        try await Sample.measure {
          let found = try repository.changedFiles(from: old, to: new, under: Layout.roots)
          guard found.changes.count == 1 else { throw BenchmarkFailure("one file was changed") }
        })
      command.append(
        try await Sample.measure {
          try place.git("diff-tree", "-r", "--name-only", old.hexadecimal, new.hexadecimal)
        })
      listing.append(
        try await Sample.measure { _ = try repository.files(of: new, under: Layout.roots) })
    }
    Report.title("tree: one changed file of \(place.size.definitions) definitions")
    Report.line("git diff-tree, a process", "\(Report.number(command.milliseconds)) ms")
    Report.line("our walk", "\(Report.number(walk.milliseconds)) ms")
    Report.ratio("time of git diff-tree, to our walk's", command.seconds, to: walk.seconds)
    Report.line("listing all files of a commit", "\(Report.number(listing.milliseconds)) ms")
  }
}
