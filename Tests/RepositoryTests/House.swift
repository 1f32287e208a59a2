// The house as data: the rooms in the order of the design, what each may import, and what the
// checks of this target hold the repository to. Whoever adds a room, a library or a stage adds it
// here first. A line that names something that no longer exists is itself a violation.

enum House {
  /// A target below `Sources/` and the rooms that it may import by the design. What stands under
  /// the core may be imported by whoever may import what is built on it, because a member of a
  /// type is visible only where the type's own module is imported (`MemberImportVisibility`).
  struct Room {
    let name: String
    var imports: [String] = []
    /// The C library that is wrapped here and seen nowhere else.
    var library: String?
    /// Modules of other packages.
    var packages: [String] = []
    /// Modules of the platform that must not be imported; nil: all of them.
    var platformModulesBanned: [String]? = []
  }

  static let foundations = ["Foundation", "FoundationEssentials", "FoundationInternationalization"]

  /// From the top down. Imports point down this list only. Signing stands above Documents, where
  /// the design draws it below, since digests are written by Documents' hexadecimal.
  static let rooms: [Room] = [
    Room(
      name: "flagstaff",
      imports: [
        "FlagstaffServer", "FlagstaffController", "PostgresRegistry", "Origins", "SnapshotClient",
        "GitSource", "YAMLDocuments", "FlagstaffCore",
      ],
      packages: ["ArgumentParser", "Logging"]),
    Room(
      name: "FlagstaffServer", imports: ["FlagstaffController", "FlagstaffCore"],
      packages: ["Hummingbird", "HTTPTypes", "Logging", "NIOCore", "ServiceLifecycle"]),
    Room(
      name: "FlagstaffController",
      imports: [
        "PostgresRegistry", "Origins", "SnapshotClient", "GitSource", "YAMLDocuments",
        "FlagstaffCore",
      ],
      library: "CMalloc", packages: ["Logging", "Metrics", "ServiceLifecycle"]),
    Room(
      name: "PostgresRegistry", imports: ["FlagstaffCore"], library: "CLibPQ",
      packages: ["Subprocess", "SystemPackage"]),
    Room(
      name: "Origins", imports: ["FlagstaffCore"], library: "CZlib",
      packages: ["AsyncHTTPClient", "NIOCore", "NIOHTTP1"]),
    Room(name: "SnapshotClient", imports: ["FlagstaffEvaluation", "Signing"]),
    Room(
      name: "GitSource", imports: ["Documents"], library: "CLibGit2",
      packages: ["Subprocess", "SystemPackage"]),
    Room(name: "YAMLDocuments", imports: ["Documents"], library: "CLibYAML"),
    Room(
      name: "FlagstaffCore",
      imports: [
        "SSHSignatures", "JSONSchema", "FlagstaffEvaluation", "Signing", "Documents", "Schemas",
      ],
      platformModulesBanned: nil),
    Room(
      name: "SSHSignatures", imports: ["Signing", "Documents"],
      packages: ["Subprocess", "SystemPackage"], platformModulesBanned: foundations),
    Room(name: "JSONSchema", imports: ["Documents"], library: "CPCRE2"),
    Room(
      name: "FlagstaffEvaluation", imports: ["Documents"], platformModulesBanned: foundations),
    Room(name: "Signing", imports: ["Documents"], library: "COpenSSL"),
    Room(name: "Documents", platformModulesBanned: foundations),
    Room(name: "Schemas"),
  ]

  /// What may be imported by whoever may import a room that is built on it.
  static let groundRooms = [
    "SSHSignatures", "JSONSchema", "FlagstaffEvaluation", "Signing", "Documents", "Schemas",
  ]

  /// The benchmarks measure every room, and the bare libraries beside them as floors; the fuzzer
  /// tries what reads input. Nothing imports them.
  static let observers: Set = ["flagstaff-bench", "flagstaff-fuzz"]

  /// Programs that the build runs; they import no room.
  static let buildTools = ["schema-embedder": [], "EmbedSchemas": ["PackagePlugin"]]

  static let platformModules = [
    "Foundation", "FoundationEssentials", "FoundationInternationalization", "FoundationNetworking",
    "Glibc", "Musl", "Darwin", "Dispatch", "Synchronization", "Swift", "_Concurrency",
  ]

  /// Only these have a public surface.
  static let productRooms = ["FlagstaffEvaluation", "SnapshotClient"]

  /// The outputs of the core's stages: the type, and the file of the stage's entry point. Each
  /// must have a private initialiser there, so that skipping the stage does not compile.
  static let stageOutputs = [
    StageOutput(
      type: "ImportedDefinitions", path: stages + "0-Import/ImportedDefinitions.swift"),
    StageOutput(type: "CheckedFile", path: stages + "1-Definitions/CheckedFile.swift"),
    StageOutput(type: "Definitions", path: stages + "1-Definitions/Definitions.swift"),
    StageOutput(type: "ResolvedScope", path: stages + "1-Definitions/ResolvedScope.swift"),
    StageOutput(type: "Plan", path: stages + "3-Plan/Plan.swift"),
    StageOutput(type: "TrustPlan", path: stages + "3-Plan/TrustPlan.swift"),
    StageOutput(type: "AdmittedTrust", path: stages + "4-Approval/TrustVerdict.swift"),
    StageOutput(type: "AppliedTrust", path: stages + "5-Registry/AppliedTrust.swift"),
    StageOutput(type: "AdmittedPlan", path: stages + "4-Approval/Verdict.swift"),
    StageOutput(type: "AppliedScope", path: stages + "5-Registry/AppliedScope.swift"),
    StageOutput(type: "Publication", path: stages + "6-Snapshot/Publication.swift"),
    // A plan is committed only with a second opinion, which shares no code with the planner.
    StageOutput(type: "CheckedScope", path: stages + "7-Check/CheckedScope.swift"),
  ]

  private static let stages = "Sources/FlagstaffCore/"

  static let folderNamesBanned = ["utils", "helpers", "common", "manager", "impl", "misc"]

  static let topLevel = [
    "Package.swift", "Sources", "Tests", "schemas", "examples", ".ci", "README.md",
  ]

  /// Folders of `examples/` and `schemas/` that are exercised whole, and by which file.
  static let exercisedFolders = [
    "examples/ci": "Tests/FlagstaffTests/RecipeTests.swift",
    "examples/quickstart.golden": ".ci/run",
    "examples/starter": "Tests/FlagstaffTests/InitTests.swift",
    "examples/storefront.golden": "Tests/FlagstaffTests/StorefrontCommentTests.swift",
    "examples/storefront": "Tests/RepositoryTests/StorefrontTests.swift",
    "schemas/conformance": "Tests/FlagstaffEvaluationTests/ConformanceVectorTests.swift",
    "schemas/v1": "Tests/RepositoryTests/SchemaFileTests.swift",
  ]

  /// Targets without a test target of their own name, and why.
  static let testedElsewhere = [
    "flagstaff": "FlagstaffTests runs the program as its users do",
    "FlagstaffController": "FlagstaffTests drives it against real parts",
    "Schemas": "FlagstaffCoreTests checks what is embedded",
    "flagstaff-bench": "CI runs it; what it generates is validated there",
    "flagstaff-fuzz": "CI runs it for a minute",
    "schema-embedder": "every build runs it",
    "EmbedSchemas": "every build runs it",
  ]
}

/// A type that only its stage can make.
struct StageOutput {
  let type: String
  let path: String
}
