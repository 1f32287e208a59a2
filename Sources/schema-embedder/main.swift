// Writes the files of a folder's subfolder into one Swift source file: one static string for all
// bytes, and a table of paths, from the folder, and offsets. One literal compiles in seconds where
// an array of bytes takes minutes. Run by the plugin EmbedSchemas, as
// `schema-embedder FOLDER SUBFOLDER OUTPUT`.

import Foundation

let arguments = CommandLine.arguments
guard arguments.count == 4 else {
  FileHandle.standardError.write(Data("usage: schema-embedder FOLDER SUBFOLDER OUTPUT\n".utf8))
  exit(64)
}
let folder = URL(filePath: arguments[1], directoryHint: .isDirectory)
let paths =
  (FileManager.default.enumerator(atPath: folder.path(percentEncoded: false))?
  .compactMap { $0 as? String } ?? [])
  .filter { $0.hasPrefix(arguments[2] + "/") && $0.hasSuffix(".json") }
  .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }

var table = ""
var text = ""
var offset = 0
for path in paths {
  let data = try Data(contentsOf: folder.appending(path: path))
  guard let content = String(data: data, encoding: .utf8) else {
    FileHandle.standardError.write(Data("\(path) is not UTF-8\n".utf8))
    exit(1)
  }
  table += "  (path: \"\(path)\", start: \(offset), end: \(offset + data.count)),\n"
  text += content.unicodeScalars.map { $0.escaped(asASCII: true) }.joined()
  offset += data.count
}

let source = """
  // Written by schema-embedder from `schemas/`; not to be edited.

  let embeddedFiles: [(path: String, start: Int, end: Int)] = [
  \(table)]

  let embeddedText: StaticString = "\(text)"

  """
try Data(source.utf8).write(to: URL(filePath: arguments[3]))
