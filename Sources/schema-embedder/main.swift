// Writes files into one Swift source file: one static string for all bytes, and a table of paths,
// from the top, and offsets. One literal compiles in seconds where an array of bytes takes minutes.
// Run by the plugin EmbedSchemas, as `schema-embedder TOP OUTPUT PATH…`; a path that is a folder
// stands for all files in it.

import Foundation

func fail(_ message: String, status: Int32) -> Never {
  FileHandle.standardError.write(Data("\(message)\n".utf8))
  exit(status)
}

/// The files of a path, from the top.
func files(at path: String, below top: URL) -> [String] {
  let url = top.appending(path: path)
  guard let inside = FileManager.default.subpaths(atPath: url.path(percentEncoded: false)),
    !inside.isEmpty
  else { return [path] }
  return inside.map { "\(path)/\($0)" }.filter { file in
    var isFolder: ObjCBool = false
    let place = top.appending(path: file).path(percentEncoded: false)
    return FileManager.default.fileExists(atPath: place, isDirectory: &isFolder)
      && !isFolder.boolValue
  }
}

let arguments = CommandLine.arguments
guard arguments.count > 3 else { fail("usage: schema-embedder TOP OUTPUT PATH…", status: 64) }
let top = URL(filePath: arguments[1], directoryHint: .isDirectory)
let paths = arguments[3...].flatMap { files(at: $0, below: top) }
  .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }

var table = ""
var text = ""
var offset = 0
for path in paths {
  let data = try Data(contentsOf: top.appending(path: path))
  guard let content = String(data: data, encoding: .utf8) else {
    fail("\(path) is not UTF-8", status: 1)
  }
  table += "  (path: \"\(path)\", start: \(offset), end: \(offset + data.count)),\n"
  text += content.unicodeScalars.map { $0.escaped(asASCII: true) }.joined()
  offset += data.count
}

let source = """
  // Written by schema-embedder; not to be edited.

  let embeddedFiles: [(path: String, start: Int, end: Int)] = [
  \(table)]

  let embeddedText: StaticString = "\(text)"

  """
try Data(source.utf8).write(to: URL(filePath: arguments[2]))
