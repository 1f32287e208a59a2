// The files of `flagstaff import`: what another system reads, in JSON or YAML, and the definitions
// file that it becomes. What is written is read back and checked first, so that the program never
// hands out a file that it would refuse.

internal import Documents
internal import FlagstaffCore
internal import Foundation
internal import YAMLDocuments

enum ForeignFile {
  /// What is wrong with a file that could not be read.
  struct Unreadable: Error {
    let findings: [Finding]
  }

  /// The document of a file; `-` is standard input.
  static func read(_ path: String) throws -> Result<Document, Unreadable> {
    let bytesMax = Limits.importedFileBytesMax
    let data: Data
    do {
      let file =
        path == "-" ? FileHandle.standardInput : try FileHandle(forReadingFrom: URL(filePath: path))
      data = try file.read(upToCount: bytesMax + 1) ?? Data()
    } catch {
      throw FileFailure("\(path) cannot be read: \(error.localizedDescription)")
    }
    guard data.count <= bytesMax else {
      throw FileFailure("\(path) is larger than the \(bytesMax) bytes that are allowed")
    }
    let name = path == "-" ? "standard input" : path
    return document(Array(data), named: name)
  }

  private static func document(_ bytes: [UInt8], named name: String)
    -> Result<Document, Unreadable>
  {
    let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
      let reading = YAMLReader.read(bytes, file: name)
      return reading.document.map { .success($0) }
        ?? .failure(Unreadable(findings: reading.findings))
    }
    do {
      return .success(Document(file: name, root: try JSONReader.read(bytes)))
    } catch {
      // A mapping of YAML may begin with a brace too.
      if let document = YAMLReader.read(bytes, file: name).document { return .success(document) }
      let finding = Finding(
        .foreignDocument, at: Location(file: name, position: error.position),
        "this is no JSON: \(error.message)", remedy: "Mend the text at the marked place")
      return .failure(Unreadable(findings: [finding]))
    }
  }

  /// A definitions file, with the line by which editors find the schema where it is there.
  ///
  /// - Throws: where the file would be refused, by its size for instance.
  static func text(_ definitions: Node, for path: String?) throws -> String {
    let text = (path.flatMap(schemaLine) ?? "") + (try YAMLWriter.text(definitions))
    let reading = YAMLReader.read(Array(text.utf8), file: path ?? "the file")
    guard let finding = reading.findings.first else { return text }
    throw FileFailure("the definitions would not be read: \(finding.message). \(finding.remedy)")
  }

  /// The comment that names the schema in `.flagstaff-schemas/` of a folder above a file.
  private static func schemaLine(_ path: String) -> String? {
    var folder = URL(filePath: path).standardizedFileURL.deletingLastPathComponent()
    var way = ""
    let schema = ".flagstaff-schemas/v1/definitions.schema.json"
    while true {
      if FileManager.default.fileExists(atPath: folder.appending(path: schema).path) {
        return "# yaml-language-server: $schema=\(way)\(schema)\n"
      }
      if folder.path == "/" { return nil }
      folder.deleteLastPathComponent()
      way += "../"
    }
  }
}
