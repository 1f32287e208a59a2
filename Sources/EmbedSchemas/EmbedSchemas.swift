// Runs schema-embedder before the target Schemas is compiled, and again whenever a file changes
// that it embeds: the schemas, and what `flagstaff init` writes. The program needs no file beside
// it, and cannot meet schemas of another version. The vectors for authors of SDKs, which stand
// beside `schemas/v1/`, stay outside.

import Foundation
import PackagePlugin

@main
struct EmbedSchemas: BuildToolPlugin {
  /// From the top of the package: files, and folders of which every file is embedded.
  private static let paths = ["schemas/v1", "examples/starter", "examples/ci/github-actions.yml"]

  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let top = context.package.directoryURL
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
    return [
      .buildCommand(
        displayName: "Embedding schemas and starter",
        executable: try context.tool(named: "schema-embedder").url,
        arguments: [top.path(percentEncoded: false), output.path(percentEncoded: false)]
          + Self.paths,
        inputFiles: Self.paths.flatMap { Self.files(top.appending(path: $0)) },
        outputFiles: [output])
    ]
  }

  private static func files(_ url: URL) -> [URL] {
    let inside = FileManager.default.enumerator(at: url, includingPropertiesForKeys: nil)?
      .compactMap { $0 as? URL }
      .filter { !$0.hasDirectoryPath }
    return inside.map { $0.isEmpty ? [url] : $0 } ?? [url]
  }
}
