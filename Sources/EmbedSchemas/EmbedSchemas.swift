// Runs schema-embedder over `schemas/v1/` before the target Schemas is compiled, and again whenever
// a file there changes. The program needs no file beside it, and cannot meet schemas of another
// version. The vectors for authors of SDKs, which stand beside `v1/`, stay outside.

import Foundation
import PackagePlugin

@main
struct EmbedSchemas: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let folder = context.package.directoryURL.appending(path: "schemas")
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
    let version = "v1"
    let files = FileManager.default.enumerator(
      at: folder.appending(path: version), includingPropertiesForKeys: nil)?
      .compactMap { $0 as? URL }
      .filter { $0.pathExtension == "json" }
    return [
      .buildCommand(
        displayName: "Embedding schemas",
        executable: try context.tool(named: "schema-embedder").url,
        arguments: [
          folder.path(percentEncoded: false), version, output.path(percentEncoded: false),
        ],
        inputFiles: files ?? [],
        outputFiles: [output])
    ]
  }
}
