// When a folder's files may stand in for its head: never where there is a history that cannot be
// read.

import Foundation
import Testing

@testable import GitSource

@Suite("A folder without history")
struct MissingHistoryTests {
  private static func isWithoutHistory(_ path: String) throws -> Bool {
    do throws(GitError) {
      _ = try GitRepository(path: path).head()
      return false
    } catch {
      return try RemoteAddress(path).isWithoutHistory(error)
    }
  }

  @Test("A folder that is no repository has none, nor has a repository without a commit")
  func without() throws {
    let repository = try TestRepository()
    #expect(try Self.isWithoutHistory(repository.path))
    let folder = repository.path + "/inside"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try FileManager.default.removeItem(atPath: repository.path + "/.git")
    #expect(try Self.isWithoutHistory(folder))
    try repository.write("x", to: "a.yaml")
    #expect(try Self.isWithoutHistory(repository.path))
  }

  @Test("A broken repository, a folder that is not there and a remote one are failures")
  func failures() throws {
    let repository = try TestRepository()
    try repository.write("x", to: "a.yaml")
    try repository.commit()
    #expect(try !Self.isWithoutHistory(repository.path))
    try FileManager.default.removeItem(atPath: repository.path + "/.git/HEAD")
    #expect(try !Self.isWithoutHistory(repository.path))
    #expect(try !Self.isWithoutHistory(repository.path + "/none"))
    let error = GitError(.noCommit, operation: "looking", reason: "there is none")
    #expect(try !RemoteAddress("https://git.example/x").isWithoutHistory(error))
  }
}
