// Files that commands write where somebody asks for them. What is there already is kept unless it
// was asked for too, and nobody else's file is replaced between looking and writing.

internal import Foundation

enum OutputFile {
  /// Writes a file, and the folders above it.
  ///
  /// - Returns: false where something of the name exists, be it a link that leads nowhere, and is
  ///   not to be replaced.
  /// - Throws: `FileFailure`.
  static func write(_ bytes: Data, to file: URL, replacing: Bool = false) throws -> Bool {
    do {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try bytes.write(to: file, options: replacing ? [.atomic] : [.withoutOverwriting])
      return true
    } catch let error as CocoaError where error.code == .fileWriteFileExists {
      return false
    } catch {
      throw FileFailure("\(file.relativePath) cannot be written: \(error.localizedDescription)")
    }
  }
}

/// What stands in the way of reading or writing a file.
struct FileFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
