// The folder `schemas/` inside the program: a build-tool plugin writes its files into one static
// string of this target, so that the program needs no file beside it. This file cuts that string
// into its documents again.

/// A file of `schemas/`, by its path below that folder.
package struct EmbeddedSchema: Sendable {
  package let path: String
  package let bytes: [UInt8]

  /// All files, in the order of their paths.
  package static let all: [EmbeddedSchema] = embeddedFiles.map { file in
    embeddedText.withUTF8Buffer { buffer in
      EmbeddedSchema(path: file.path, bytes: Array(buffer[file.start..<file.end]))
    }
  }

  /// The file of a path; nil where there is none.
  package static func named(_ path: String) -> EmbeddedSchema? {
    all.first { $0.path == path }
  }
}
