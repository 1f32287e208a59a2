// The repository as the tests of this target see it: its files, tracked or new, and the text of
// those that are Swift. What Git ignores is not there. Checks are pure functions over these values,
// so that each of them can also be fed a bad sample.

import Foundation

/// A place that breaks a rule of the house.
struct Violation: Equatable, CustomStringConvertible {
  let path: String
  let line: Int
  let message: String

  var description: String { "\(path):\(line): \(message)" }
}

/// A file of text, with a second view of it that holds code only.
struct SourceFile: Sendable {
  /// From the top of the repository, with `/`.
  let path: String
  let text: String
  /// The text with comments and string literals blanked out; lines stay where they are.
  let code: String

  init(_ path: String, _ text: String) {
    self.path = path
    self.text = text
    code = CodeView.of(text)
  }

  /// The folder below `Sources/`; nil for files elsewhere.
  var target: String? {
    let parts = path.split(separator: "/")
    return parts.first == "Sources" && parts.count > 2 ? String(parts[1]) : nil
  }

  var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
  var codeLines: [Substring] { code.split(separator: "\n", omittingEmptySubsequences: false) }

  func violation(line: Int, _ message: String) -> Violation {
    Violation(path: path, line: line, message: message)
  }
}

struct Repository: Sendable {
  /// Every file, sorted by path.
  let paths: [String]
  /// The Swift files below `Sources/`.
  let sources: [SourceFile]

  /// The top of the repository.
  let root: URL

  /// The repository that this file stands in, read once a run.
  static func current() throws -> Repository { try loaded.get() }

  private static let loaded = Result { try Repository() }

  private init() throws {
    root = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let root = root
    let listed = try Self.list(root)
    // A tracked file that was just deleted is still listed.
    paths = listed.filter { FileManager.default.fileExists(atPath: root.appending(path: $0).path) }
    sources = try paths.filter { $0.hasPrefix("Sources/") && $0.hasSuffix(".swift") }
      .map { SourceFile($0, try String(contentsOf: root.appending(path: $0), encoding: .utf8)) }
  }

  /// The text of a file; empty where it is not text in UTF-8.
  func text(_ path: String) -> String {
    (try? String(contentsOf: root.appending(path: path), encoding: .utf8)) ?? ""
  }

  private struct ListingFailed: Error {
    let status: Int32
  }

  private static func list(_ root: URL) throws -> [String] {
    let git = Process()
    git.executableURL = URL(filePath: "/usr/bin/env")
    // A checkout may belong to another user than the one who runs the tests.
    git.arguments = [
      "git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
      "--exclude-standard",
    ]
    git.currentDirectoryURL = root
    let output = Pipe()
    git.standardOutput = output
    try git.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    git.waitUntilExit()
    guard git.terminationStatus == 0 else { throw ListingFailed(status: git.terminationStatus) }
    return Set(String(decoding: data, as: UTF8.self).split(separator: "\0").map(String.init))
      .sorted()
  }
}

/// A regular expression over a whole text, which answers with lines.
struct Pattern {
  private let expression: NSRegularExpression

  init(_ pattern: String) throws {
    expression = try NSRegularExpression(pattern: pattern, options: [.anchorsMatchLines])
  }

  /// The matches in order, each with the line, from 1, on which it begins, and its groups.
  func matches(in text: String) -> [(line: Int, groups: [String])] {
    let whole = text as NSString
    let found = expression.matches(in: text, range: NSRange(location: 0, length: whole.length))
    var line = 1
    var position = 0
    return found.map { match in
      let before = NSRange(location: position, length: match.range.location - position)
      line += whole.substring(with: before).utf8.count { $0 == UInt8(ascii: "\n") }
      position = match.range.location
      let groups = (0..<match.numberOfRanges).map { group in
        let range = match.range(at: group)
        return range.location == NSNotFound ? "" : whole.substring(with: range)
      }
      return (line, groups)
    }
  }
}
