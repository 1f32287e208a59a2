// What the tests of origins need of the machine: directories that go away, processes that hold
// locks and die, small disks.

import Foundation
import Origins

/// A directory that is removed with the value.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/origin-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    let file = URL(filePath: path + "/" + name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }
}

extension DirectoryOrigin {
  /// Puts one object; whether it, or its twin, was written.
  @discardableResult
  func putObject(_ bytes: [UInt8], at relativePath: String) throws(OriginError) -> Bool {
    try putObjects([(relativePath, bytes)]) > 0
  }
}

/// What must not change where nothing is written.
struct FileRecord: Equatable {
  let mode: Int
  let inode: Int
  let modified: Date
  let byteCount: Int

  init(_ path: String) throws {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    mode = (attributes[.posixPermissions] as? Int) ?? -1
    inode = (attributes[.systemFileNumber] as? Int) ?? -1
    modified = (attributes[.modificationDate] as? Date) ?? .distantPast
    byteCount = (attributes[.size] as? Int) ?? -1
  }
}

/// Another process that holds the lock of a file until it is killed.
final class LockHolder {
  private let process = Process()
  private let said = Pipe()

  /// Returns once the lock is held.
  init(_ path: String) throws {
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["flock", "--no-fork", path, "sh", "-c", "echo held; exec sleep 600"]
    process.standardOutput = said
    try process.run()
    _ = said.fileHandleForReading.availableData
  }

  func kill() {
    guard process.isRunning else { return }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  deinit {
    kill()
  }
}

/// A small disk in memory.
struct MemoryDisk {
  private let path: String

  init(at path: String, byteCount: Int) throws {
    self.path = path
    try Self.succeed("mount", "-t", "tmpfs", "-o", "size=\(byteCount)", "tmpfs", path)
  }

  func remount(_ options: String) throws {
    try Self.succeed("mount", "-o", "remount,\(options)", path)
  }

  func unmount() {
    try? Self.succeed("umount", path)
  }

  private static func succeed(_ words: String...) throws {
    struct Refused: Error {}
    if try run("/usr/bin/env", words).status != 0 { throw Refused() }
  }
}

/// Lines noted from anywhere.
final class Log: @unchecked Sendable {
  // Guarded by the lock.
  private var noted: [String] = []
  private let lock = NSLock()

  func append(_ line: String) {
    lock.withLock { noted.append(line) }
  }

  var lines: [String] { lock.withLock { noted } }
}

func run(_ program: String, _ arguments: String...) throws -> (status: Int32, output: String) {
  try run(program, arguments)
}

func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
  let process = Process()
  let output = Pipe()
  process.executableURL = URL(filePath: program)
  process.arguments = arguments
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  try process.run()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}
