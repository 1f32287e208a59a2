// Crashes and other processes: real ones, killed where it hurts. Whatever they leave, no pointer
// goes back, no object is half, and the next run ends where an undisturbed one would.

import Foundation
import Origins
import Testing

struct DirectoryOriginCrashTests {
  private static let pointerPath = "v1/production/acme/latest.json"

  @Test("what a crashed process left is removed, what a living one writes is not")
  func leftovers() throws {
    let room = try TemporaryDirectory()
    let origin = DirectoryOrigin(path: room.path)
    let scope = room.path + "/v1/production/acme"
    try origin.putObject([1], at: "v1/production/acme/objects/a.json")
    let left = ["/.flagstaff-tmp-1", "/objects/.flagstaff-tmp-2"].map { scope + $0 }
    let living = scope + "/objects/.flagstaff-tmp-3"
    for path in left + [living] { try Data("half".utf8).write(to: URL(filePath: path)) }
    try Data("mine".utf8).write(to: URL(filePath: scope + "/notes.txt"))

    let writer = try LockHolder(living)
    _ = try origin.replacePointer(at: Self.pointerPath, with: [1]) { _ in false }
    for path in left { #expect(!FileManager.default.fileExists(atPath: path)) }
    #expect(FileManager.default.fileExists(atPath: living))
    #expect(FileManager.default.fileExists(atPath: scope + "/notes.txt"))
    #expect(try origin.names(in: "v1/production/acme/objects") == ["a.json", "a.json.gz"])

    writer.kill()
    _ = try origin.replacePointer(at: Self.pointerPath, with: [1]) { _ in false }
    #expect(!FileManager.default.fileExists(atPath: living))
  }

  @Test("putting objects tidies their directories, where no pointer ever comes too")
  func leftoversOfObjects() throws {
    let room = try TemporaryDirectory()
    let origin = DirectoryOrigin(path: room.path)
    try origin.putObject([1], at: "v1/audit/1.json")
    let left = room.path + "/v1/audit/.flagstaff-tmp-1"
    try Data("half".utf8).write(to: URL(filePath: left))
    try origin.putObject([1], at: "v1/audit/1.json")
    #expect(!FileManager.default.fileExists(atPath: left))
  }

  @Test("a pointer waits for the lock that another process holds, and asks only then")
  func otherProcess() async throws {
    let room = try TemporaryDirectory()
    let origin = DirectoryOrigin(path: room.path)
    _ = try origin.replacePointer(at: Self.pointerPath, with: [1]) { _ in true }
    let scope = room.path + "/v1/production/acme"
    let other = try LockHolder(scope + "/.flagstaff-lock")
    let path = scope + "/latest.json"
    let waiting = Task.detached {
      try origin.replacePointer(at: Self.pointerPath, with: [3]) { $0 == [2] }
    }
    try await Task.sleep(for: .milliseconds(200))
    #expect(try origin.read(Self.pointerPath) == [1])
    // The holder of the lock moves the pointer, then dies without giving the lock back.
    try Data([2]).write(to: URL(filePath: path))
    other.kill()
    #expect(try await waiting.value)
    #expect(try origin.read(Self.pointerPath) == [3])
  }

  @Test("of many writers at once none puts an older pointer over a newer one")
  func race() async throws {
    let room = try TemporaryDirectory()
    let origin = DirectoryOrigin(path: room.path)
    @Sendable func version(_ bytes: [UInt8]?) -> Int {
      bytes.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    }
    let accepted = try await withThrowingTaskGroup(of: Int?.self) { group in
      for number in (1...60).shuffled() {
        group.addTask {
          try origin.putObject(Array("\(number)".utf8), at: "v1/production/acme/objects/\(number)")
          let isReplaced = try origin.replacePointer(
            at: Self.pointerPath, with: Array("\(number)".utf8)
          ) { number > version($0) }
          // Whatever is there now is at least what was just put.
          #expect(version(try origin.read(Self.pointerPath)) >= number)
          return isReplaced ? number : nil
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(accepted.compactMap { $0 }.max() == 60)
    #expect(version(try origin.read(Self.pointerPath)) == 60)
    #expect(try origin.names(in: "v1/production/acme/objects").count == 120)
    let hidden = try FileManager.default.contentsOfDirectory(
      atPath: room.path + "/v1/production/acme/objects")
    #expect(hidden.count == 120)
  }

  @Test(
    "killed at any step, the next run completes, byte for byte, and leaves nothing behind",
    arguments: [
      "origin.object.written", "origin.object.renamed", "origin.pointer.locked",
      "origin.pointer.written", "origin.pointer.renamed",
    ])
  func killed(step: String) async throws {
    let room = try TemporaryDirectory()
    let undisturbed = try TemporaryDirectory()
    try Self.publish(to: DirectoryOrigin(path: undisturbed.path))
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = room.path as String, step = step as String] in
      let origin = DirectoryOrigin(path: path) { name in
        if "\(name)" == step { kill(getpid(), SIGKILL) }
      }
      try DirectoryOriginCrashTests.publish(to: origin)
    }
    // A pointer that is there names objects that are whole.
    let origin = DirectoryOrigin(path: room.path)
    if try origin.read(Self.pointerPath) != nil {
      #expect(try origin.read("v1/production/acme/objects/b.json") == Array("bb".utf8))
    }
    try Self.publish(to: origin)
    #expect(try Self.contents(room.path) == Self.contents(undisturbed.path))
  }

  private static func publish(to origin: DirectoryOrigin) throws {
    try origin.putObjects(
      ["a", "b"].map { ("v1/production/acme/objects/\($0).json", Array("\($0)\($0)".utf8)) })
    _ = try origin.replacePointer(at: pointerPath, with: Array("7".utf8)) {
      $0 != Array("7".utf8)
    }
  }

  private static func contents(_ path: String) throws -> [String: Data?] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: path)
    return Dictionary(
      uniqueKeysWithValues: names.map {
        ($0, FileManager.default.contents(atPath: path + "/" + $0))
      })
  }

  @Test("the steps of publishing are named in their order, with the file in each state")
  func checkpoints() throws {
    let room = try TemporaryDirectory()
    let log = Log()
    let pointer = room.path + "/" + Self.pointerPath
    let origin = DirectoryOrigin(path: room.path) { name in
      log.append("\(name) \(FileManager.default.fileExists(atPath: pointer))")
    }
    try origin.putObject([1], at: "v1/production/acme/objects/a.json")
    _ = try origin.replacePointer(at: Self.pointerPath, with: [1]) { _ in true }
    #expect(
      log.lines == [
        "origin.object.written false", "origin.object.renamed false",
        "origin.object.written false", "origin.object.renamed false",
        "origin.pointer.locked false", "origin.pointer.written false",
        "origin.pointer.renamed true",
      ])
  }
}
