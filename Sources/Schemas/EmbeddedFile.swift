// Files of the repository inside the program: a build-tool plugin writes them into one static
// string of this target, so that the program needs no file beside it. This file cuts that string
// into its documents again. The target is called after the schemas, which the core reads; what
// `flagstaff init` writes comes along, since it is made of them and one plugin embeds both.

/// A file, by its path below some folder.
package struct EmbeddedFile: Sendable {
  package let path: String
  package let bytes: [UInt8]

  /// The files below a folder of the repository, in the order of their paths.
  fileprivate static func all(below folder: String) -> [EmbeddedFile] {
    embeddedFiles.filter { $0.path.hasPrefix(folder) }.map { file in
      embeddedText.withUTF8Buffer { buffer in
        EmbeddedFile(
          path: String(file.path.dropFirst(folder.count)),
          bytes: Array(buffer[file.start..<file.end]))
      }
    }
  }
}

/// The schemas.
package enum EmbeddedSchema {
  /// By path below `schemas/`.
  package static let all = EmbeddedFile.all(below: "schemas/")
}

/// The files that `flagstaff init` writes.
package enum EmbeddedStarter {
  /// By path in the new repository. They are valid as they stand, for the workspace `starter` with
  /// the environments production and staging, so that tests check what users will get; `init` puts
  /// other names in their place.
  package static let files = EmbeddedFile.all(below: "examples/starter/")

  /// The recipe for GitHub Actions; nil where the build left it out, which a test excludes.
  package static let workflow = EmbeddedFile.all(below: "examples/ci/").first
}
