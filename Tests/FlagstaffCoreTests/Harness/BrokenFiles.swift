// Valid files, broken in every way that a hand, an editor or a disk breaks them. The valid ones are
// the storefront's, which uses every field; a test holds it to that.

import Documents
import FlagstaffCore
import Foundation
import TestHarness
import Testing
import YAMLDocuments

/// A valid file of the storefront.
struct SoundFile: Sendable {
  let path: String
  let role: FileRole
  let bytes: [UInt8]
  let root: Node

  private static let repository = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let schemas = repository.appending(path: "schemas/v1")

  /// Every definitions file, governance and the workspace, in the order of paths.
  static func all() throws -> [SoundFile] {
    let folder = repository.appending(path: "examples/storefront")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
    return try paths.compactMap { path in
      guard path.hasSuffix(".yaml"), !path.contains("/helm/"),
        case .success(let role) = Layout.role(of: path, hasCustomers: true)
      else { return nil }
      let bytes = [UInt8](try Data(contentsOf: folder.appending(path: path)))
      let root = try #require(YAMLReader.read(bytes, file: path).document?.root)
      return SoundFile(path: path, role: role, bytes: bytes, root: root)
    }
  }

  /// The schema that such a file has to meet.
  var schema: String {
    switch role {
    case .workspace: "workspace"
    case .governance: "governance"
    case .shared, .customer: "definitions"
    }
  }

  /// Documents of one definition each: as broken as the whole file would be, and quickly checked.
  var divided: [Node] {
    var documents: [Node] = []
    for section in root.mapping?.entries ?? [] where section.key != "flagstaff" {
      guard section.key != "workspace", let entries = section.value.mapping?.entries else {
        documents.append(.mapping([("flagstaff", .string("v1")), (section.key, section.value)]))
        continue
      }
      for entry in entries {
        let definition = Node.mapping([(entry.key, entry.value)])
        documents.append(.mapping([("flagstaff", .string("v1")), (section.key, definition)]))
      }
    }
    return documents
  }
}

enum BrokenFiles {
  /// What a value is replaced by: of every type, empty, blank and odd.
  private static let values: [Node] = [
    Node(.null), .string(""), .string(" "), .string("x"), .sequence([]), .sequence([Node(.null)]),
    .mapping([]), .mapping([("x", .integer(1))]), .integer(0), .integer(-1), .number(1.5),
    .boolean(true),
  ]

  /// A document with one value replaced, one field taken out or one renamed, for every place in it.
  static func swaps(of node: Node) -> [Node] {
    var result = values.filter { $0 != node }
    if let entries = node.mapping?.entries {
      for (place, entry) in entries.enumerated() {
        func with(_ replacement: [Mapping.Entry]) -> Node {
          var changed = entries
          changed.replaceSubrange(place...place, with: replacement)
          return Node(.mapping(Mapping(changed)))
        }
        result.append(with([]))
        result.append(with([Mapping.Entry(key: entry.key + "-x", value: entry.value)]))
        result += swaps(of: entry.value).map { with([Mapping.Entry(key: entry.key, value: $0)]) }
      }
    } else if let items = node.sequence {
      for place in items.indices {
        for swap in swaps(of: items[place]) {
          var changed = items
          changed[place] = swap
          result.append(.sequence(changed))
        }
      }
    }
    return result
  }

  /// One line taken out, for every line.
  static func lineDeletions(of bytes: [UInt8]) -> [[UInt8]] {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return lines.indices.map { place in
      var rest = lines
      rest.remove(at: place)
      return Array(rest.joined(separator: [UInt8(ascii: "\n")]))
    }
  }

  /// One to three bytes changed, added, taken out or swapped.
  static func edit(of bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    let marks = Array("\0\t\n\r \"#%&'*,-:>?@[]`{|}~0aé".utf8) + [0x80, 0xC0, 0xFF]
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &random) where bytes.count > 1 {
      let place = Int.random(in: bytes.indices, using: &random)
      let mark = marks.randomElement(using: &random) ?? 0
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[place] = mark
      case 1: bytes.insert(mark, at: place)
      case 2: bytes.remove(at: place)
      case 3: bytes[place] = UInt8.random(in: 0...255, using: &random)
      default: bytes.swapAt(place, Int.random(in: bytes.indices, using: &random))
      }
    }
    return bytes
  }
}
