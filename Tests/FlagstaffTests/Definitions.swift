// Real Git repositories of definitions: a tiny one that a test writes out, the storefront, and one
// of any size that `flagstaff-bench` generates. The size comes from FLAGSTAFF_TEST_DEFINITIONS and
// FLAGSTAFF_TEST_SCOPES.

import Foundation

struct DefinitionsRepository: Sendable {
  let folder: Folder

  var path: String { folder.path }

  /// An empty repository with the branch `main`.
  init() throws {
    folder = try Folder()
    try git("init", "--quiet", "--initial-branch=main")
  }

  /// A repository with the given files, committed.
  init(_ files: [String: String]) throws {
    try self.init()
    for (file, content) in files { try write(content, to: file) }
    try commit()
  }

  /// A clone.
  init(cloning address: String) throws {
    folder = try Folder()
    try git("clone", "--quiet", address, ".")
  }

  @discardableResult
  func git(_ arguments: String...) throws -> String {
    try Programs.command("git", arguments, in: path).trimmingCharacters(in: .newlines)
  }

  func write(_ content: String, to file: String) throws { try write(Data(content.utf8), to: file) }

  func write(_ content: Data, to file: String) throws {
    let url = URL(fileURLWithPath: path + "/" + file)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try content.write(to: url)
  }

  func remove(_ file: String) throws {
    try FileManager.default.removeItem(atPath: path + "/" + file)
  }

  /// Replaces text that has to be there.
  func replace(_ text: String, by other: String, in file: String) throws {
    let old = try String(contentsOfFile: path + "/" + file, encoding: .utf8)
    let new = old.replacingOccurrences(of: text, with: other)
    guard new != old else { throw ProgramFailure(description: "\(file) has no \(text)") }
    try write(new, to: file)
  }

  @discardableResult
  func commit(_ message: String = "Change") throws -> String {
    try git("add", "--all")
    try git("commit", "--quiet", "--allow-empty", "--message", message)
    return try git("rev-parse", "HEAD")
  }
}

// MARK: What is in it

extension DefinitionsRepository {
  static let workspace = """
    flagstaff: v1
    workspace:
      id: tests
      environments: [production, staging]

    """

  static let shop = """
    flagstaff: v1
    segments: {employees: {email: {endsWith: "@acme.example"}}}
    groups: {checkout: {holdout: 2%}}
    experiments:
      checkout-speed: # flagstaff:ignore FS2127 nobody measures a test
        status: running
        traffic: 10%
        group: checkout
        control: slow
        variants: {slow: 1, fast: 1}
        environments: {production: {}, staging: {}}
      checkout-v2: # flagstaff:ignore FS2127 nobody measures a test
        status: running
        traffic: 20%
        group: checkout
        targeting: {not: {segment: employees}}
        control: old
        variants: {old: 50, new: 50}
        environments: {production: {}, staging: {}}
    flags:
      checkout:
        visibility: client
        variants: {old: old, new: new}
        off: old
        environments: {production: {}, staging: {}}
        rules: [{experiment: checkout-v2}]
      banner:
        environments: {production: {}, staging: {default: true}}

    """

  static let depot = """
    flagstaff: v1
    flags:
      pick-by-light:
        environments: {production: {}, staging: {}}
        rules: [{when: {zone: A}, serve: true}]

    """

  /// Two customers in two environments.
  static func small() throws -> DefinitionsRepository {
    try DefinitionsRepository([
      "flagstaff.yaml": workspace, "customers/acme/shop.yaml": shop,
      "customers/globex/depot.yaml": depot,
    ])
  }

  static func storefront() throws -> DefinitionsRepository {
    let repository = try DefinitionsRepository()
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("examples/storefront").path
    try Programs.command("cp", ["-r", source + "/.", repository.path])
    try repository.commit()
    return repository
  }
}

// MARK: Generated

extension DefinitionsRepository {
  private static func number(_ variable: String, _ normal: Int) -> Int {
    ProcessInfo.processInfo.environment[variable].flatMap(Int.init) ?? normal
  }

  static let generatedDefinitions = number("FLAGSTAFF_TEST_DEFINITIONS", 300)
  static let generatedScopes = number("FLAGSTAFF_TEST_SCOPES", 12)

  /// The generator's repository with one more file in three customers, which `change` works on.
  static func generated() throws -> DefinitionsRepository {
    let repository = try DefinitionsRepository()
    let content = try Folder()
    try Programs.command(
      Programs.bench,
      [
        "generate", content.path + "/definitions", "--definitions", "\(generatedDefinitions)",
        "--scopes", "\(generatedScopes)", "--seed", "7",
      ])
    try Programs.command("cp", ["-r", content.path + "/definitions/.", repository.path])
    for customer in try repository.changedCustomers() {
      try repository.write(
        """
        flagstaff: v1
        flags:
          retired: {environments: {production: {enabled: false}, staging: {enabled: false}}}

        """, to: "customers/\(customer)/retired.yaml")
      try repository.write(shop, to: "customers/\(customer)/shop.yaml")
    }
    try repository.commit("First")
    return repository
  }

  /// The first three customers.
  private func changedCustomers() throws -> [String] {
    let all = try FileManager.default.contentsOfDirectory(atPath: path + "/customers").sorted()
    let large = all.filter { $0 == "meridian-marketplace" }
    return large + all.filter { !large.contains($0) }.prefix(2)
  }

  /// Commits a change of several scopes: two experiments' traffic, of which some rests then, a flag's rules, a definition
  /// that goes, and two that come.
  func changeSeveralScopes() throws {
    for customer in try changedCustomers() {
      try remove("customers/\(customer)/retired.yaml")
      let shop = "customers/\(customer)/shop.yaml"
      try replace("traffic: 20%", by: "traffic: 60%", in: shop)
      try replace("traffic: 10%", by: "traffic: 4%", in: shop)
      try replace("default: true", by: "default: false", in: shop)
      try write(
        """
        flagstaff: v1
        segments: {newcomers: {orders: {lessThan: 1}}}
        flags:
          welcome:
            environments: {production: {}, staging: {}}
            rules: [{when: {segment: newcomers}, serve: true}]

        """, to: "customers/\(customer)/welcome.yaml")
    }
    try commit("Second")
  }
}
