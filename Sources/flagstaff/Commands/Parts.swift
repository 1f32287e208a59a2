// Puts the parts of a command together from its options: database, secrets, source, origins. This
// is the only place that knows all rooms at once.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import Foundation
internal import GitSource
internal import PostgresRegistry
internal import SSHSignatures
internal import Signing

/// The registry of a command: a server's, or the private one, which is given back at the end.
struct RegistryAccess: Sendable {
  let worker: RegistryWorker
  let stateDirectory: StateDirectory
  /// Nil where DATABASE_URL names a server.
  let privateDatabase: PrivateDatabase?
  private let loadedKeys: Keys?

  /// What a command does to the registry.
  enum Use {
    /// Reads and writes; the schema is made or migrated first.
    case work
    /// Writes nothing, the schema included; a database without a registry reads as an empty one.
    case look
    /// The same by whoever has no secret.
    case lookWithoutSecrets
    /// Migrates alone, which needs no secret.
    case migrate
  }

  /// Connects. Secrets are loaded before anything is written, the schema included.
  private static func open(
    _ options: StateOptions, for use: Use, mayBePrivate: Bool,
    prepare: (StateDirectory) throws -> Void
  ) async throws -> RegistryAccess {
    let state = try StateDirectory(options.stateDir)
    let url = try databaseURL()
    try state.make()
    try prepare(state)
    let keys =
      use == .migrate || use == .lookWithoutSecrets
      ? nil : try Keys.load(from: Variables.all, stateDirectory: url == nil ? state.path : nil)
    var database: PrivateDatabase?
    if url == nil {
      guard mayBePrivate else {
        throw ValidationError(
          "DATABASE_URL is not set. Set it, or allow a private PostgreSQL with"
            + " --private-database.")
      }
      database = try PrivateDatabase(stateDirectory: options.stateDir)
      _ = try await database?.start()
    }
    let worker = RegistryWorker(url: url ?? database?.url ?? "")
    let access = RegistryAccess(
      worker: worker, stateDirectory: state, privateDatabase: database, loadedKeys: keys)
    do {
      try await worker.run { connection in
        if use == .look || use == .lookWithoutSecrets {
          try RegistrySchema.check(connection)
        } else {
          try RegistrySchema.prepare(connection)
        }
      }
    } catch {
      await access.close()
      throw error
    }
    return access
  }

  static func databaseURL() throws -> String? {
    if let url = Variables.all["DATABASE_URL"], !url.isEmpty { return url }
    guard let file = Variables.all["DATABASE_URL_FILE"] else { return nil }
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
      throw ValidationError("DATABASE_URL_FILE names \(file), which cannot be read.")
    }
    return text.trimmingCharacters(in: .newlines)
  }

  /// Runs a body with the registry, and closes it whatever happens.
  ///
  /// - Parameter prepare: what is to be done in the state directory before secrets are loaded.
  static func with<T: Sendable>(
    _ options: StateOptions, for use: Use = .work, mayBePrivate: Bool = true,
    prepare: (StateDirectory) throws -> Void = { _ in },
    _ body: (RegistryAccess) async throws -> T
  ) async throws -> T {
    let access = try await open(
      options, for: use, mayBePrivate: mayBePrivate, prepare: prepare)
    do {
      let value = try await body(access)
      await access.close()
      return value
    } catch {
      await access.close()
      throw error
    }
  }

  func close() async {
    await worker.close()
    _ = await privateDatabase?.release()
  }

  /// The secrets: generated only beside a private database.
  func keys() throws -> Keys {
    guard let loadedKeys else {
      throw ControllerError(
        .secret, operation: "loading the secrets", reason: "this command was given none")
    }
    return loadedKeys
  }
}

extension RepositoryOptions {
  private var wantedBranch: String? { branch ?? Variables.text("BRANCH") }

  /// The repository: read in place where it is a path, else through a mirror.
  func source(stateDirectory: String, progress: ProgressReporter) throws -> DefinitionsSource {
    let address = try RemoteAddress(repository)
    guard address.transport != .path else {
      return source(inPlace: address, progress: progress)
    }
    let fetch = Fetch(
      program: Program.path, mirror: Mirror(stateDirectory: stateDirectory, address: address),
      branch: wantedBranch, transport: gitTransport == .git ? .git : .libgit2,
      environment: Variables.all, deadlineSeconds: deadlineSeconds)
    return DefinitionsSource(
      address: address, branch: wantedBranch, fetch: fetch, progress: progress)
  }

  /// A repository of this machine.
  func source(inPlace address: RemoteAddress, progress: ProgressReporter) -> DefinitionsSource {
    DefinitionsSource(address: address, branch: wantedBranch, fetch: nil, progress: progress)
  }

  /// Where a plan reads from what was approved.
  func judging(
    _ source: DefinitionsSource, _ enforcement: Enforcement? = nil, isBreakingGlass: Bool = false
  ) -> JudgingSources {
    JudgingSources(
      source, verifier: SignatureVerifier(SSHKeygen(environment: Variables.all)),
      enforcement: enforcement, isBreakingGlass: isBreakingGlass)
  }

  private var deadlineSeconds: Int {
    Variables.text("FETCH_SECONDS").flatMap(Int.init).map {
      min(max(1, $0), Limits.fetchSecondsMax)
    }
      ?? Limits.fetchSecondsMax
  }
}

enum Program {
  /// The path of this executable, which is started again to fetch.
  static var path: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? Bundle.main.executablePath ?? CommandLine.arguments[0]
  }
}

extension ScopeOptions {
  var selection: ScopeSelection {
    ScopeSelection(environments: environments, customers: customers)
  }
}

/// What tests inject, in debug builds only: an instant instead of the clock, and a failpoint.
enum Injection {
  static var instant: Instant? {
    #if FAILPOINTS
      guard let text = Variables.text("INSTANT") else { return nil }
      guard let instant = Instant(text) else {
        preconditionFailure("FLAGSTAFF_INSTANT is no instant: \(text)")
      }
      return instant
    #else
      return nil
    #endif
  }

  /// Whether statements are signed that cannot count, as a program of somebody else would: for
  /// tests of what refuses them.
  static var signsAnything: Bool {
    #if FAILPOINTS
      return Variables.text("SIGN_ANYTHING") != nil
    #else
      return false
    #endif
  }

  static var failpoints: Failpoints {
    #if FAILPOINTS
      return Failpoints(
        target: Variables.text("FAILPOINT"), trace: Variables.text("FAILPOINT_TRACE"))
    #else
      return Failpoints()
    #endif
  }
}

extension RegistryAccess {
  /// The reconciler of a command's options.
  func reconciler(
    _ source: DefinitionsSource, _ scopes: ScopeOptions, _ origins: OriginOptions,
    _ approvals: ApprovalOptions, progress: ProgressReporter
  ) throws -> Reconciler {
    let keys = try keys()
    let failpoints = Injection.failpoints
    return Reconciler(
      source: source,
      registry: worker, publishers: try publishers(origins, failpoints), keys: keys.audit,
      verifier: SignatureVerifier(SSHKeygen(environment: Variables.all)),
      enforcement: approvals.enforcement, selection: scopes.selection,
      fixedInstant: Injection.instant, failpoints: failpoints, progress: progress)
  }

  /// What publishes to the origins of a command.
  func publishers(_ origins: OriginOptions, _ failpoints: Failpoints) throws -> [Publisher] {
    let key = try keys().signing
    return try origins.paths(stateDirectory: stateDirectory.path).map {
      Publisher(directory: $0, key: key, failpoints: failpoints)
    }
  }
}
