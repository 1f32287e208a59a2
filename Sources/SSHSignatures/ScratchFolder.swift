// A folder of this process alone for what ssh-keygen reads from files. What is written there is no
// secret, but nobody else may exchange it between our writing and ssh-keygen's reading, so the
// folder has mode 0700 and a name that cannot be foretold.

internal import Documents
internal import SystemPackage

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A folder that goes away with its owner.
struct ScratchFolder: ~Copyable {
  let path: String

  /// - Parameter parent: an existing folder, in which it is made.
  /// - Throws: `storage`.
  init(in parent: String, _ operation: String) throws(SSHKeygenError) {
    // mkdtemp(3) wants six X at the end, and writes the name that it chose over them.
    var template = Array("\(parent)/flagstaff-signatures-XXXXXX".utf8CString)
    let path: String? = template.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress, mkdtemp(start) != nil else { return nil }
      return String(cString: start)
    }
    guard let path else {
      throw SSHKeygenError(
        .storage, operation: operation,
        reason:
          "no folder can be made in \(parent): \(Errno(rawValue: errno)). Name another with TMPDIR")
    }
    self.path = path
  }

  /// Writes a file that nobody else may read.
  ///
  /// - Throws: `storage`.
  static func write(
    _ bytes: [UInt8], to path: String, _ operation: String
  ) throws(SSHKeygenError) {
    do {
      let file = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
      try file.closeAfter { _ = try file.writeAll(bytes) }
    } catch {
      throw SSHKeygenError(.storage, operation: operation, reason: "\(path): \(error)")
    }
  }

  deinit {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        unlink("\(path)/\(name)")
      }
      closedir(folder)
    }
    rmdir(path)
  }
}
