// How a definitions file is called from where a command runs. Findings name files from the root of
// the definitions, which in a larger repository is a folder of it; forges attach what they are told
// to paths from the root of the checkout, where CI runs its commands.

internal import Foundation
internal import GitSource

struct SourceRoot {
  /// Empty, or a path that ends with a slash.
  let prefix: String

  /// - Parameter folder: where the definitions stand, as the command was given it: a path, or an
  ///   address, whose files have no place here.
  init(_ folder: String) {
    guard (try? RemoteAddress(folder).transport) == .path else {
      prefix = ""
      return
    }
    let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath).standardized.path
    let there = URL(fileURLWithPath: folder).standardized.path
    // Elsewhere than below here, no prefix would make a path of this checkout.
    let base = here == "/" ? here : here + "/"
    prefix = there.hasPrefix(base) ? String(there.dropFirst(base.count)) + "/" : ""
  }

  func path(_ file: String) -> String { prefix + file }
}
