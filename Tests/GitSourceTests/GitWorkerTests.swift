// The worker as the controller uses it: from many tasks at once.

import Foundation
import GitSource
import Testing

@Suite struct GitWorkerTests {
  @Test("A worker answers many tasks at once, each with its own answer or error")
  func manyTasks() async throws {
    let repository = try TestRepository()
    for index in 0..<20 { try repository.write("content \(index)", to: "shared/\(index).yaml") }
    try repository.commit()
    let worker = GitWorker(path: repository.path)
    let head = try await worker.head(ofBranch: nil)
    let files = try await worker.files(of: head, under: ["shared"]).files
    #expect(files.count == 20)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for round in 0..<50 {
        group.addTask {
          let file = files[round % files.count]
          let index = file.path.dropFirst("shared/".count).dropLast(".yaml".count)
          let contents = try await worker.blobs([file.blob])
          #expect(contents == [Array("content \(index)".utf8)])
          let error = await #expect(throws: GitError.self) {
            try await worker.head(ofBranch: "absent-\(round)")
          }
          #expect(error?.operation.contains("absent-\(round) ") == true)
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("A repository that comes later is found later")
  func laterRepository() async throws {
    let folder = try TemporaryFolder()
    let worker = GitWorker(path: folder.path)
    await #expect(throws: GitError.self) { try await worker.head(ofBranch: nil) }
    try command("git", ["init", "--quiet"], in: folder.path)
    try command("git", ["commit", "--quiet", "--allow-empty", "-m", "One"], in: folder.path)
    let head = try await worker.head(ofBranch: nil)
    #expect(try await worker.information(of: head).subject == "One")
  }

  @Test("A repository that was replaced is opened anew after one failure")
  func replacedRepository() async throws {
    let folder = try TemporaryFolder()
    let worker = GitWorker(path: folder.path + "/clone")
    for round in ["One", "Two"] {
      try command("rm", ["-rf", "clone"], in: folder.path)
      try command("git", ["init", "--quiet", "clone"], in: folder.path)
      let clone = folder.path + "/clone"
      try command("git", ["commit", "--quiet", "--allow-empty", "-m", round], in: clone)
      try command("git", ["repack", "-adq"], in: clone)
      let commit = try #require(
        CommitID(
          command("git", ["rev-parse", "HEAD"], in: clone).trimmingCharacters(in: .newlines)))
      _ = try? await worker.information(of: commit)
      #expect(try await worker.information(of: commit).subject == round)
    }
  }
}
