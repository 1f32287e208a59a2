// The system account in which the private server runs. PostgreSQL refuses to run as root, so root
// hands it to an account without privileges; anybody else runs it as himself.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An account of the system, and whether commands must change to it.
struct Account: Sendable, Equatable {
  let name: String
  let user: uid_t
  let group: gid_t
  /// Set where this process is root.
  let isOther: Bool

  /// The account for a server whose files are in `folder`, or will be.
  /// - Throws: `RegistryError` of code `privateDatabase` where the files belong to somebody whom
  ///   this process cannot become.
  static func serving(folder: String) throws -> Account {
    let operation = "choosing the account of the private database"
    var status = stat()
    let owner = stat(folder, &status) == 0 ? status.st_uid : nil
    if geteuid() != 0 {
      guard owner == nil || owner == geteuid() else {
        throw RegistryError(
          .privateDatabase, operation: operation,
          reason: "\(folder) belongs to the user \(name(of: status.st_uid)); run flagstaff as that "
            + "user, or choose another --state-dir")
      }
      return Account(name: name(of: geteuid()), user: geteuid(), group: getegid(), isOther: false)
    }
    // What an account has begun, it goes on with.
    if let owner, owner != 0, let entry = getpwuid(owner) { return Account(other: entry.pointee) }
    for name in ["postgres", "nobody"] {
      if let entry = getpwnam(name), entry.pointee.pw_uid != 0 {
        return Account(other: entry.pointee)
      }
    }
    throw RegistryError(
      .privateDatabase, operation: operation,
      reason: "PostgreSQL does not run as root, and there is neither a user postgres nor nobody; "
        + "run flagstaff as another user")
  }

  private static func name(of user: uid_t) -> String {
    getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? String(user)
  }
}

extension Account {
  private init(other entry: passwd) {
    name = String(cString: entry.pw_name)
    user = entry.pw_uid
    group = entry.pw_gid
    isOther = true
  }

  /// What to run so that a program runs in this account.
  ///
  /// The change of account is left to `setpriv` (util-linux) rather than to swift-subprocess: in
  /// version 1.0.2 it calls glibc's setgroups, setgid and setuid in a child made by a bare clone3.
  /// These speak to all threads of the process, of which the child has none but believes it has
  /// many, and so now and then it waits for ever.
  func commandLine(_ program: String, _ arguments: [String]) -> [String] {
    guard isOther else { return [program] + arguments }
    return ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups", "--"]
      + [program] + arguments
  }

  /// Makes a folder that only this account can enter, or checks that it is one.
  /// - Throws: `RegistryError` of code `privateDatabase`.
  func makePrivateFolder(_ path: String) throws {
    let operation = "making the folder \(path)"
    if mkdir(path, 0o700) == 0 {
      guard !isOther || lchown(path, user, group) == 0 else {
        throw RegistryError.system(operation)
      }
      return
    }
    guard errno == EEXIST else { throw RegistryError.system(operation) }
    var status = stat()
    guard lstat(path, &status) == 0 else { throw RegistryError.system(operation) }
    // A process that was killed between making the folder and handing it over left it to root.
    if isOther, status.st_uid == 0, status.st_mode & S_IFMT == S_IFDIR {
      guard lchown(path, user, group) == 0 else { throw RegistryError.system(operation) }
      status.st_uid = user
    }
    guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == user, status.st_mode & 0o077 == 0
    else {
      throw RegistryError(
        .privateDatabase, operation: operation,
        reason: "it exists, but is not a folder of the user \(name) that nobody else can enter; "
          + "move it away")
    }
  }
}
