// Failures of a real file system: full, read-only, a file where a directory should be. Each leaves
// what was published as it was, and goes on once the cause is gone. Full and read-only disks are
// real ones, mounted in memory, which only the superuser may do.

import Documents
import Foundation
import Origins
import Testing

@Suite(.serialized)
struct OriginErrorTests {
  /// Whether this process may mount: asked by doing it once.
  private static let canMount: Bool = {
    guard let room = try? TemporaryDirectory(),
      let disk = try? MemoryDisk(at: room.path, byteCount: 65_536)
    else { return false }
    disk.unmount()
    return true
  }()

  @Test(
    "a full disk is said to be full, keeps what was published, and is no end",
    .enabled(if: canMount, "not allowed to mount a small disk: a full origin was not tested"))
  func full() throws {
    let room = try TemporaryDirectory()
    let disk = try MemoryDisk(at: room.path, byteCount: 65_536)
    defer { disk.unmount() }
    let origin = DirectoryOrigin(path: room.path)
    let small: [UInt8] = Array("small".utf8)
    try origin.putObject(small, at: "objects/small.json")
    _ = try origin.replacePointer(at: "latest.json", with: small) { _ in true }

    var random = SystemRandomNumberGenerator()
    let large = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    let error = #expect(throws: OriginError.self) {
      try origin.putObject(large, at: "objects/large.json")
    }
    #expect(error?.code == .full)
    #expect(error?.consequence == .retry)
    #expect(error?.description.contains("objects/large.json") == true)
    #expect(throws: OriginError.self) {
      try origin.replacePointer(at: "latest.json", with: large) { _ in true }
    }
    #expect(try origin.read("latest.json") == small)
    let names = try FileManager.default.contentsOfDirectory(atPath: room.path + "/objects")
    #expect(names.sorted() == ["small.json", "small.json.gz"])

    try disk.remount("size=4m")
    #expect(try origin.putObject(large, at: "objects/large.json"))
  }

  @Test(
    "a disk mounted read-only is not writable",
    .enabled(if: canMount, "not allowed to mount a small disk: a read-only origin was not tested"))
  func readOnly() throws {
    let room = try TemporaryDirectory()
    let disk = try MemoryDisk(at: room.path, byteCount: 65_536)
    defer { disk.unmount() }
    let origin = DirectoryOrigin(path: room.path)
    _ = try origin.replacePointer(at: "v1/latest.json", with: [1]) { _ in true }
    try origin.putObject([1], at: "v1/a.json")
    try disk.remount("ro")
    for path in ["v1/b.json", "v1/objects/b.json"] {
      let error = #expect(throws: OriginError.self) { try origin.putObject([1], at: path) }
      #expect(error?.code == .notWritable)
      #expect(error?.consequence == .stalled)
    }
    let error = #expect(throws: OriginError.self) {
      try origin.replacePointer(at: "v1/latest.json", with: [2]) { _ in true }
    }
    #expect(error?.code == .notWritable)
    // Nothing to write is no failure, and reading goes on.
    #expect(try !origin.putObject([1], at: "v1/a.json"))
    #expect(try origin.read("v1/latest.json") == [1])
  }

  @Test("a file where a directory should be is named as such")
  func notADirectory() throws {
    let room = try TemporaryDirectory()
    let file = room.path + "/file"
    try Data("mine".utf8).write(to: URL(filePath: file))
    for path in [file, file + "/below"] {
      let origin = DirectoryOrigin(path: path)
      let failures: [() throws -> Void] = [
        { try origin.putObject([1], at: "v1/a.json") },
        { _ = try origin.replacePointer(at: "latest.json", with: [1]) { _ in true } },
        { _ = try origin.read("latest.json") },
        { _ = try origin.names() },
      ]
      for failure in failures {
        let error = #expect(throws: OriginError.self) { try failure() }
        #expect(error?.code == .notADirectory)
        #expect(error?.consequence == .stalled)
        #expect(error?.description.contains(file) == true)
      }
    }
    #expect(try Data(contentsOf: URL(filePath: file)) == Data("mine".utf8))
  }

  @Test("a directory where an object should be is named as such")
  func directoryInTheWay() throws {
    let room = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: room.path + "/a.json", withIntermediateDirectories: false)
    let error = #expect(throws: OriginError.self) {
      try DirectoryOrigin(path: room.path).putObject([1], at: "a.json")
    }
    #expect(error?.code == .notADirectory)
  }

  @Test("a file larger than anything published is refused by its size, and an object put right")
  func tooLarge() throws {
    let room = try TemporaryDirectory()
    let origin = DirectoryOrigin(path: room.path)
    let path = room.path + "/a.json"
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
    try FileHandle(forWritingTo: URL(filePath: path))
      .truncate(atOffset: UInt64(Limits.snapshotBytesMax + 1))
    let error = #expect(throws: OriginError.self) { try origin.read("a.json") }
    #expect(error?.code == .tooLarge)
    #expect(try origin.putObject([1], at: "a.json"))
    #expect(try origin.read("a.json") == [1])
  }

  @Test("a path that leads out of the origin is a mistake of the program")
  func traversal() async {
    await #expect(processExitsWith: .failure) {
      _ = try DirectoryOrigin(path: "/tmp").read("../etc/passwd")
    }
    await #expect(processExitsWith: .failure) {
      _ = try DirectoryOrigin(path: "/tmp").read("/etc/passwd")
    }
    await #expect(processExitsWith: .failure) {
      _ = try DirectoryOrigin(path: "/tmp").read("a//b")
    }
  }
}
