// What `flagstaff init` writes, file by file. The templates are valid definitions themselves, for a
// workspace `starter` with the environments production and staging; where others are asked for,
// these few texts are replaced.

internal import FlagstaffCore
internal import Foundation
internal import Schemas

struct Starter {
  let workspace: String
  /// At least one.
  let environments: [String]

  /// Paths below the folder, in order.
  struct Written {
    var made: [String] = []
    var kept: [String] = []
  }

  /// A folder's name as a key; `definitions` where nothing of it can stand in one.
  static func key(for name: String) -> String {
    let characters = name.lowercased().utf8.map { byte in
      Key.isValid(String(decoding: [byte], as: UTF8.self)) || "._".utf8.contains(byte)
        ? byte : UInt8(ascii: "-")
    }
    let isEdge = { (byte: UInt8) in !Key.isValid(String(decoding: [byte], as: UTF8.self)) }
    let trimmed = characters.drop(while: isEdge).prefix(128).reversed().drop(while: isEdge)
    let key = String(decoding: Array(trimmed.reversed()), as: UTF8.self)
    return Key.isValid(key) ? key : "definitions"
  }

  /// Writes what does not exist yet.
  func write(to folder: URL) throws -> Written {
    var written = Written()
    // Where there are customers, definitions/ would be a second layout.
    let hasCustomers = exists(folder.appending(path: "customers"))
    for (path, bytes) in files.sorted(by: { $0.path < $1.path }) {
      if hasCustomers, path.hasPrefix("definitions/") { continue }
      if try OutputFile.write(bytes, to: folder.appending(path: path)) {
        written.made.append(path)
      } else {
        written.kept.append(path)
      }
    }
    return written
  }

  /// Whether anything bears the name, be it a link that leads nowhere.
  private func exists(_ url: URL) -> Bool {
    (try? FileManager.default.attributesOfItem(atPath: url.path)) != nil
  }

  private var files: [(path: String, bytes: Data)] {
    let templates = EmbeddedStarter.files.map {
      ($0.path, Data(adapted(String(decoding: $0.bytes, as: UTF8.self)).utf8))
    }
    let workflow = EmbeddedStarter.workflow.map {
      [(".github/workflows/flagstaff.yml", Data($0.bytes))]
    }
    let schemas = EmbeddedSchema.all.map { (".flagstaff-schemas/\($0.path)", Data($0.bytes)) }
    return templates + (workflow ?? []) + schemas
  }

  /// A template for this workspace: every environment but the first is what staging is there.
  private func adapted(_ template: String) -> String {
    let lines = template.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let text = String(line)
        .replacing("id: starter", with: "id: \(workspace)")
        .replacing("[production, staging]", with: "[\(environments.joined(separator: ", "))]")
        .replacing("[production]", with: "[\(environments[0])]")
      guard let start = text.firstRange(of: "{production: {}, staging: ") else { return text }
      let block = text[start.upperBound...].dropLast()
      let others = environments.dropFirst().map { ", \($0): \(block)" }.joined()
      return text[..<start.lowerBound] + "{\(environments[0]): {}\(others)}"
    }
    return lines.joined(separator: "\n")
  }
}
