// The folder in which Flagstaff keeps what belongs to one installation and to no repository. It is
// often made inside a working tree, so it hides itself from Git from its first moment on.

internal import Documents
internal import Signing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A state directory, by its absolute path with symbolic links resolved: two spellings of one
/// folder must lead to one database.
package struct StateDirectory: Sendable, Hashable {
  package let path: String

  /// Resolves the path; makes nothing. Parts that do not exist yet are taken as they are written.
  /// - Throws: `RegistryError` of code `privateDatabase` where a part is not a folder.
  package init(_ path: String) throws {
    var existing = path.hasPrefix("/") ? path : try Self.workingDirectory() + "/" + path
    var rest: [Substring] = []
    while true {
      if let resolved = realpath(existing, nil) {
        defer { free(resolved) }
        self.path = ([Substring(String(cString: resolved))] + rest.reversed())
          .joined(separator: "/").replacing("//", with: "/")
        return
      }
      guard errno == ENOENT, let slash = existing.lastIndex(of: "/") else {
        throw RegistryError.system("resolving the state directory \(path)")
      }
      let part = existing[existing.index(after: slash)...]
      guard part != ".." else {
        throw RegistryError(
          .privateDatabase, operation: "resolving the state directory \(path)",
          reason: "\(existing) leads back from a folder that does not exist")
      }
      if !part.isEmpty && part != "." { rest.append(part) }
      existing = slash == existing.startIndex ? "/" : String(existing[..<slash])
    }
  }

  /// Makes the folder and its `.gitignore`, where they are missing.
  /// - Throws: `RegistryError` of code `privateDatabase`.
  package func make() throws {
    var parents: [String] = []
    var next = path
    while !Self.isFolder(next), let slash = next.lastIndex(of: "/"), slash != next.startIndex {
      parents.append(next)
      next = String(next[..<slash])
    }
    for folder in parents.reversed() {
      // Started as root, the server runs as somebody else, who must be able to pass through.
      let mode: mode_t = geteuid() == 0 ? 0o711 : 0o700
      // Made, then given its mode whatever the umask is; one that another process made stays.
      guard mkdir(folder, 0o700) == 0 ? chmod(folder, mode) == 0 : errno == EEXIST else {
        throw RegistryError.system("making the state directory \(folder)")
      }
    }
    try ignoreEverything()
  }

  /// Written aside and linked into place: it is there whole or not at all, and one that somebody
  /// else wrote stays.
  private func ignoreEverything() throws {
    let target = path + "/.gitignore"
    guard access(target, F_OK) != 0 else { return }
    let suffix = Hexadecimal.string(Signing.randomBytes(count: 8))
    let aside = "\(target).\(suffix)"
    let operation = "writing \(target)"
    let descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o644))
    guard descriptor >= 0 else { throw RegistryError.system(operation) }
    defer { unlink(aside) }
    let written = write(descriptor, "*\n", 2)
    guard close(descriptor) == 0, written == 2 else { throw RegistryError.system(operation) }
    guard link(aside, target) == 0 || errno == EEXIST else { throw RegistryError.system(operation) }
  }

  private static func workingDirectory() throws -> String {
    guard let path = getcwd(nil, 0) else {
      throw RegistryError.system("finding the working directory")
    }
    defer { free(path) }
    return String(cString: path)
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
