// PostgreSQL's own programs, as they are installed here. Debian keeps them off the PATH, one folder
// a major version. A cluster is served by the major version that made it, and by no other.

internal import Subprocess
internal import SystemPackage

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A folder with `initdb`, `pg_ctl` and `postgres` of one version.
struct Installation: Sendable, Equatable {
  let folder: String
  let majorVersion: Int

  /// All that are found: on the PATH first, then Debian's, newest first.
  static func all(
    path: String? = getenv("PATH").map { String(cString: $0) },
    versionsFolder: String = "/usr/lib/postgresql"
  ) async -> [Installation] {
    var folders = (path ?? "").split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    folders += names(in: versionsFolder).compactMap { Int($0) }.sorted(by: >)
      .map { "\(versionsFolder)/\($0)/bin" }
    var found: [Installation] = []
    for folder in folders where !found.contains(where: { $0.folder == folder }) {
      let programs = ["initdb", "pg_ctl", "postgres"].map { "\(folder)/\($0)" }
      guard programs.allSatisfy({ access($0, X_OK) == 0 }) else { continue }
      if let version = await majorVersion(of: folder) {
        found.append(Installation(folder: folder, majorVersion: version))
      }
    }
    return found
  }

  /// The one for a cluster made by `cluster`, or for a new cluster where that is nil.
  /// - Throws: `RegistryError` of code `privateDatabase`.
  static func choose(
    from all: [Installation], for cluster: Int?, data: String
  ) throws -> Installation {
    let operation = "looking for PostgreSQL"
    guard let first = all.first else {
      throw RegistryError(
        .privateDatabase, operation: operation,
        reason: "initdb, pg_ctl and postgres are neither on the PATH nor under "
          + "/usr/lib/postgresql; install PostgreSQL (on Debian: apt-get install postgresql), "
          + "or set DATABASE_URL")
    }
    guard let cluster else { return first }
    guard let match = all.first(where: { $0.majorVersion == cluster }) else {
      let versions = all.map { String($0.majorVersion) }.joined(separator: ", ")
      throw RegistryError(
        .privateDatabase, operation: operation,
        reason: "the data in \(data) were made by PostgreSQL \(cluster), and here is PostgreSQL "
          + "\(versions); install PostgreSQL \(cluster), or move the folder away to begin anew")
    }
    return match
  }

  private static func majorVersion(of folder: String) async -> Int? {
    let result = try? await Subprocess.run(
      .path(FilePath("\(folder)/postgres")), arguments: ["--version"],
      environment: .custom(["LC_ALL": "C"]), output: .string(limit: 1024))
    // "postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)"
    guard let output = result?.standardOutput,
      let match = output.firstMatch(of: #/\(PostgreSQL\) ([0-9]+)/#)
    else { return nil }
    return Int(match.1)
  }

  private static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) { name in
          name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names
  }
}
