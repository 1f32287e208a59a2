// The workspace that is there already: in a folder that `init` writes to, or around a file that
// `import` writes. It is read as far as it can be; whoever needs all of it runs `validate`.

internal import Documents
package import FlagstaffCore
package import Foundation
internal import YAMLDocuments

package struct SurroundingWorkspace {
  /// The workspace's own folder.
  package let folder: URL
  /// Nil where the file cannot be read as a workspace.
  package let workspace: Definitions.Workspace?

  /// The workspace of a folder; nil where it has no workspace file.
  package init?(of folder: URL) {
    let file = folder.appending(path: Layout.workspaceFile)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    self.folder = folder
    let bytes = (try? Data(contentsOf: file)).map { Array($0) }
    let document = bytes.flatMap { YAMLReader.read($0, file: Layout.workspaceFile).document }
    workspace = document.flatMap {
      Definitions.check(RepositoryFiles([.check($0, as: .workspace)])).workspace
    }
  }

  /// The nearest workspace of a folder and those above it.
  package init?(around folder: URL) {
    var folder = folder.standardizedFileURL
    while true {
      if let found = SurroundingWorkspace(of: folder) {
        self = found
        return
      }
      if folder.path == "/" { return nil }
      folder.deleteLastPathComponent()
    }
  }

  /// Why a file of definitions cannot stand at a path; nil where it can.
  package func objection(to file: URL) -> String? {
    let (top, path) = (folder.standardizedFileURL.path, file.standardizedFileURL.path)
    guard path.hasPrefix(top == "/" ? top : top + "/") else { return nil }
    let name = String(path.dropFirst(top == "/" ? 1 : top.count + 1))
    let hasCustomers = hasFiles(below: "customers")
    let place = hasCustomers ? "customers/<customer>/" : "definitions/"
    switch Layout.role(of: name, hasCustomers: hasCustomers || Layout.isOfCustomers(name)) {
    case .success(.customer):
      guard Layout.isOfCustomers(name), !hasCustomers, hasFiles(below: "definitions") else {
        return nil
      }
      return "a workspace has customers/ or definitions/, not both, and this one has definitions/"
    case .success(.shared): return "shared/ holds segments and metrics, no flags; write to \(place)"
    case .success(.governance): return "governance/ holds no flags; write to \(place)"
    case .success(.workspace): return "that is the workspace's own file; write to \(place)"
    case .failure(let reason):
      let finding = reason.finding(at: name)
      guard reason == .elsewhere else { return "\(finding.message). \(finding.remedy)" }
      return "the workspace around it reads no definitions there; write to \(place)"
    }
  }

  private func hasFiles(below name: String) -> Bool {
    let files = FileManager.default.enumerator(atPath: folder.appending(path: name).path)
    return files?.contains { ($0 as? String)?.hasSuffix(".yaml") ?? false } ?? false
  }
}
