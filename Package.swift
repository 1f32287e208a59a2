// swift-tools-version: 6.2
import PackageDescription

// One package, many small targets: the rooms of the house. Imports point down; a test over the
// repository compares every import with the order written here.

let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .define("FAILPOINTS", .when(configuration: .debug)),
]

func room(
  _ name: String, _ dependencies: [Target.Dependency] = [], plugins: [Target.PluginUsage] = []
) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings, plugins: plugins)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [],
  resources: [Resource] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: exclude, resources: resources,
    swiftSettings: settings)
}

func library(_ name: String, pkgConfig: String, package: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

// Only in the build of `.ci/fuzz`: it links libFuzzer, with which no other build is made.
let fuzzer: [Target] =
  Context.environment["FLAGSTAFF_FUZZ"] == nil
  ? []
  : [
    .executableTarget(
      name: "flagstaff-fuzz",
      dependencies: ["YAMLDocuments", "JSONSchema", "FlagstaffCore", "Documents"],
      swiftSettings: settings)
  ]

let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let http = [
  Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client"),
  .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
]
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
  name: "flagstaff",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "flagstaff", targets: ["flagstaff"]),
    .library(name: "FlagstaffEvaluation", targets: ["FlagstaffEvaluation"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    // The C libraries: a module map and a shim header each.
    library("CLibGit2", pkgConfig: "libgit2", package: "libgit2-dev"),
    library("CLibYAML", pkgConfig: "yaml-0.1", package: "libyaml-dev"),
    library("CLibPQ", pkgConfig: "libpq", package: "libpq-dev"),
    library("COpenSSL", pkgConfig: "libcrypto", package: "libssl-dev"),
    library("CPCRE2", pkgConfig: "libpcre2-8", package: "libpcre2-dev"),
    library("CZlib", pkgConfig: "zlib", package: "zlib1g-dev"),
    .systemLibrary(name: "CMalloc"),

    // The program, from the ground up.
    room("Documents"),
    room("Signing", ["Documents", "COpenSSL"]),
    room("SSHSignatures", ["Documents", "Signing", subprocess, system]),
    room("Schemas", plugins: ["EmbedSchemas"]),
    room("FlagstaffEvaluation", ["Documents"]),
    room("JSONSchema", ["Documents", "CPCRE2"]),
    room(
      "FlagstaffCore",
      [
        "SSHSignatures", "JSONSchema", "FlagstaffEvaluation", "Documents", "Signing", "Schemas",
      ]),
    room("YAMLDocuments", ["Documents", "CLibYAML"]),
    room("GitSource", ["Documents", "CLibGit2", subprocess, system]),
    room("Origins", ["FlagstaffCore", "Documents", "CZlib"] + http),
    room(
      "PostgresRegistry",
      [
        "FlagstaffCore", "SSHSignatures", "FlagstaffEvaluation", "Documents", "Signing", "CLibPQ",
        subprocess, system,
      ]),
    room(
      "FlagstaffController",
      [
        "PostgresRegistry", "Origins", "GitSource", "YAMLDocuments", "FlagstaffCore",
        "SSHSignatures", "FlagstaffEvaluation", "Documents", "Signing", "CMalloc",
      ]),
    .executableTarget(
      name: "flagstaff",
      dependencies: [
        "FlagstaffController", "PostgresRegistry", "Origins", "GitSource", "YAMLDocuments",
        "FlagstaffCore", "SSHSignatures", "FlagstaffEvaluation", "Documents", "Signing", "Schemas",
        arguments, logging,
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "flagstaff-bench",
      dependencies: [
        "FlagstaffController", "PostgresRegistry", "GitSource", "YAMLDocuments", "FlagstaffCore",
        "FlagstaffEvaluation", "Documents", "SSHSignatures", "Signing", "CLibYAML", arguments,
      ],
      swiftSettings: settings),

    // `schemas/` becomes one static string of the target Schemas while it is built.
    .executableTarget(name: "schema-embedder", swiftSettings: settings),
    .plugin(
      name: "EmbedSchemas", capability: .buildTool(), dependencies: ["schema-embedder"],
      path: "Sources/EmbedSchemas"),

    // What tests of several rooms need.
    .target(
      name: "TestHarness", dependencies: ["Documents", "Signing"], path: "Tests/TestHarness",
      swiftSettings: settings),
    tests("DocumentsTests", ["Documents", "TestHarness"]),
    tests("SigningTests", ["Signing", "Documents"]),
    tests("SSHSignaturesTests", ["SSHSignatures", "Signing", "Documents", "TestHarness"]),
    tests("FlagstaffEvaluationTests", ["FlagstaffEvaluation", "Documents", "TestHarness"]),
    tests("JSONSchemaTests", ["JSONSchema", "Documents"]),
    tests("YAMLDocumentsTests", ["YAMLDocuments", "Documents", "TestHarness"]),
    tests(
      "FlagstaffCoreTests",
      [
        "FlagstaffCore", "SSHSignatures", "YAMLDocuments", "FlagstaffEvaluation", "JSONSchema",
        "Documents", "Signing", "Schemas", "TestHarness",
      ], exclude: ["Findings", "Approval/verdicts.golden"]),
    tests("GitSourceTests", ["GitSource", "Documents", "TestHarness"]),
    tests("OriginsTests", ["Origins", "FlagstaffCore", "Documents", "TestHarness"]),
    tests(
      "PostgresRegistryTests",
      ["PostgresRegistry", "FlagstaffCore", "SSHSignatures", "Documents", "Signing", "TestHarness"]),
    tests(
      "FlagstaffTests",
      [
        "FlagstaffController", "PostgresRegistry", "GitSource", "YAMLDocuments", "FlagstaffCore",
        "SSHSignatures", "FlagstaffEvaluation", "JSONSchema", "Documents", "Signing", "TestHarness",
      ], resources: [.copy("Golden")]),

    // The repository as a whole, against the design's list and the house style.
    tests("RepositoryTests", []),
  ] + fuzzer,
  swiftLanguageModes: [.v6]
)
