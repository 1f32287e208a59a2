// The workspace that a folder belongs to, for commands that are run somewhere inside a definitions
// repository. A workspace file that cannot be used is passed over: `validate` says what is wrong.

internal import Documents
package import FlagstaffCore
internal import Foundation
internal import YAMLDocuments

extension Definitions.Workspace {
  /// The workspace of the nearest file, in a folder or above it; nil where there is none.
  package static func around(_ folder: String) -> Definitions.Workspace? {
    var folder = URL(filePath: folder).standardizedFileURL
    while true {
      let file = folder.appending(path: Layout.workspaceFile)
      if let data = try? Data(contentsOf: file),
        let document = YAMLReader.read(Array(data), file: Layout.workspaceFile).document,
        let workspace = Definitions.check([.check(document, as: .workspace)]).workspace
      {
        return workspace
      }
      if folder.path == "/" { return nil }
      folder.deleteLastPathComponent()
    }
  }
}
