// Reads a file of contexts line by line, in memory that does not grow with the file. A line longer
// than a context may be is passed over while it is read, so that a file without line ends does no
// harm.

internal import Documents
internal import Foundation

/// The lines of a file that are not blank.
final class ContextLines {
  struct Line {
    /// From 1.
    let number: Int
    /// Nil where the line is longer than a context may be.
    let bytes: [UInt8]?
  }

  private enum Found {
    case line([UInt8])
    case tooLong
  }

  private let file: FileHandle
  private var number = 0
  private var buffer: [UInt8] = []
  private var offset = 0
  private var isAtEnd = false

  private static let chunkBytes = 64 * 1024

  /// - Parameters:
  ///   - name: a path, or `-` for standard input.
  ///   - option: the option that gave it, for the message where there is no such file.
  init(file name: String, option: String = "--contexts") throws {
    if name == "-" {
      file = .standardInput
      return
    }
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: name, isDirectory: &isDirectory),
      !isDirectory.boolValue, let file = FileHandle(forReadingAtPath: name)
    else { throw UsageError("\(option): \(name) is no file that can be read.") }
    self.file = file
  }

  /// The next line.
  ///
  /// - Parameter prepare: called before reading on, which may wait for whoever writes.
  func next(beforeReading prepare: () -> Void) throws -> Line? {
    while true {
      guard let found = try nextOfAny(prepare) else { return nil }
      number += 1
      switch found {
      case .tooLong: return Line(number: number, bytes: nil)
      case .line(let bytes):
        if bytes.contains(where: { ![0x20, 0x09, 0x0D].contains($0) }) {
          return Line(number: number, bytes: bytes)
        }
      }
    }
  }

  /// Up to the next line end, without it. What is longer than a context may be is skipped.
  private func nextOfAny(_ prepare: () -> Void) throws -> Found? {
    var searched = offset
    var isTooLong = false
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { offset = end + 1 }
        return found(buffer[offset..<end], isTooLong: isTooLong)
      }
      if isAtEnd {
        defer { offset = buffer.count }
        guard offset < buffer.count || isTooLong else { return nil }
        return found(buffer[offset...], isTooLong: isTooLong)
      }
      if buffer.count - offset > Limits.contextBytesMax {
        isTooLong = true
        offset = buffer.count
      }
      buffer.removeFirst(offset)
      offset = 0
      searched = buffer.count
      prepare()
      try readOn()
    }
  }

  private func found(_ bytes: ArraySlice<UInt8>, isTooLong: Bool) -> Found {
    isTooLong || bytes.count > Limits.contextBytesMax ? .tooLong : .line(Array(bytes))
  }

  private func readOn() throws {
    guard let chunk = try file.read(upToCount: Self.chunkBytes), !chunk.isEmpty else {
      isAtEnd = true
      return
    }
    buffer.append(contentsOf: chunk)
  }
}
