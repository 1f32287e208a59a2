// The example shop as an application with OpenFeature's provider for flagd meets it: from a commit
// through a reconciliation to flagd.json, valid by flagd's own schemas, and asked by the provider.
// Which flags are left out of it, and why, is part of what is tested.

import Documents
import FlagstaffCore
import Foundation
import Testing

extension StorefrontQuestion {
  /// More contexts whose answers follow from the shop's definitions without any hash.
  static let more = [
    Self("staging/northwind", "stock-badge", "{}", "true", ""),
    Self("production/northwind", "stock-badge", "{}", "false", ""),
    Self("staging/northwind", "search-ranking", "{}", #""reciprocal-rank-fusion""#, ""),
    Self(
      "production/northwind", "product-page-layout", #"{"targetingKey":"qa-desktop-1"}"#,
      #"{"columns":2,"gallery":"thumbnails","lazyImages":true,"ratings":"below"}"#, ""),
    Self(
      "staging/northwind", "product-page-layout", #"{"targetingKey":"qa-desktop-1"}"#,
      #"{"columns":1,"gallery":"wide","lazyImages":true,"ratings":"beside-title"}"#, ""),
    Self(
      "production/lakeside", "product-viewer", #"{"deviceId":"qa-phone-1","appVersion":"5.3.1"}"#,
      #"{"viewer":"room","zoom":1}"#, ""),
    Self(
      "staging/lakeside", "product-viewer", #"{"deviceId":"qa-phone-1","appVersion":"5.3.1"}"#,
      #"{"viewer":"picture","zoom":3}"#, ""),
    Self(
      "production/northwind", "search-suggestions", #"{"deviceMemoryGigabytes":1}"#, "false", ""),
    Self(
      "production/northwind", "search-suggestions",
      #"{"programmes":["beta"],"deviceMemoryGigabytes":1}"#, "true", ""),
    Self(
      "production/northwind", "search-suggestions",
      #"{"programmes":["beta"],"deviceMemoryGigabytes":1,"accountState":"suspended"}"#, "false",
      ""),
    Self("production/northwind", "receipt-headline", #"{"tier":"silver"}"#, #""money""#, ""),
    Self("production/northwind", "receipt-headline", #"{"orders":12}"#, #""points""#, ""),
    Self(
      "production/northwind", "receipt-headline",
      #"{"orders":12,"lastOrderAt":"2025-11-22T23:59:59Z"}"#, #""money""#, ""),
    Self(
      "production/northwind", "free-shipping-cents", #"{"tier":"gold","country":"DE"}"#, "3500",
      ""),
    Self("production/northwind", "free-shipping-cents", #"{"tier":"gold"}"#, "5000", ""),
    Self("staging/northwind", "free-shipping-cents", "{}", "3500", ""),
    Self("production/lakeside", "checkout-flow", "{}", #""one-page""#, ""),
    Self("production/lakeside", "checkout-flow", #"{"country":"DE"}"#, #""three-steps""#, ""),
    Self(
      "production/lakeside", "checkout-flow", #"{"country":"DE","consent":["address-lookup"]}"#,
      #""one-page""#, ""),
    Self("production/lakeside", "upgrade-notice", #"{"appVersion":"5.2.0"}"#, #""silent""#, ""),
    Self(
      "production/lakeside", "upgrade-notice", #"{"appVersion":"4.1.0","country":"JP"}"#,
      #""silent""#, ""),
    Self("staging/lakeside", "winter-theme", #"{"deviceId":"x"}"#, "true", ""),
    Self(
      "production/northwind", "recommendation-engine", #"{"sessionId":"s"}"#,
      #"{"model":"bestsellers-v7","products":8,"timeoutMilliseconds":120}"#, ""),
    Self("production/northwind", "payment-provider", #"{"cardCountry":"FR"}"#, #""stripe""#, ""),
    Self("production/northwind", "payment-provider", #"{"cardCountry":"DE"}"#, #""stripe""#, ""),
    Self("production/lakeside", "express-payment-button", "{}", "false", ""),
  ]
}

/// The shop, and the same with `flagd: {splits: native}`.
actor FlagdStorefronts {
  static let shared = FlagdStorefronts()

  private var task: Task<Installation, any Error>?

  func installation(native: Bool) async throws -> Installation {
    guard native else { return try await Storefront.shared.installation() }
    let prepared =
      task
      ?? Task {
        let repository = try DefinitionsRepository.storefront()
        try repository.replace(
          "workspace:\n", by: "workspace:\n  flagd: {splits: native}\n", in: "flagstaff.yaml")
        try repository.commit()
        let installation = try await Installation(repository)
        try installation.expect(0, "reconcile", "--quiet")
        return installation
      }
    task = prepared
    return try await prepared.value
  }
}

@Suite("The storefront by flagd")
struct FlagdStorefrontTests {
  private static let scopes = [
    "production/lakeside", "production/northwind", "staging/lakeside", "staging/northwind",
  ]

  private static func document(_ scope: String, _ installation: Installation) throws -> [UInt8] {
    let path = "\(installation.origin)/v1/\(scope)/flagd.json"
    return [UInt8](try #require(FileManager.default.contents(atPath: path)))
  }

  /// What `flagstaff snapshot flagd` says of a scope.
  private static func listed(_ scope: String, _ installation: Installation) throws -> Node {
    let parts = scope.split(separator: "/").map(String.init)
    let ended = try installation.expect(
      0, "snapshot", "flagd", "--environment", parts[0], "--customer", parts[1], "--format", "json")
    let output = try JSONReader.read(Array(ended.output.utf8.dropLast()), depthMax: 1_000)
    return try #require(output["scopes"]?.sequence?.first)
  }

  @Test(
    "flagd's provider gives the expected answers for every flag that it is given",
    arguments: [false, true])
  func expectedAnswers(native: Bool) async throws {
    let installation = try await FlagdStorefronts.shared.installation(native: native)
    var asked = 0
    for scope in Self.scopes {
      let questions = (StorefrontQuestion.all + StorefrontQuestion.more)
        .filter { $0.scope == scope }
      let answers = try FlagdProvider.answers(
        try Self.document(scope, installation), contexts: questions.map(\.context))
      for (place, question) in questions.enumerated() {
        let answer = answers.first { $0.context == place && $0.flag == question.flag }
        // With native splits nothing is left out of this shop's documents.
        guard native || answer != nil else { continue }
        #expect(answer?.value.map { CanonicalJSON.string($0) } == question.value, "\(question)")
        asked += 1
      }
    }
    #expect(asked >= (native ? 43 : 25), "\(asked) questions were asked")
  }

  @Test("Without native splits, whatever divides users now is left out and listed")
  func leftOut() async throws {
    let installation = try await FlagdStorefronts.shared.installation(native: false)
    var lines: [String] = []
    for scope in Self.scopes {
      let listed = try Self.listed(scope, installation)
      let document = try JSONReader.read(try Self.document(scope, installation), depthMax: 1_000)
      #expect(listed["document"] == document)
      let keys = listed["keys"]?.sequence?.compactMap(\.string) ?? []
      #expect(document["flags"]?.mapping?.entries.map(\.key) == keys)
      for omission in listed["leftOut"]?.sequence ?? [] {
        let codes = omission["reasons"]?.sequence?.compactMap { $0["code"]?.string } ?? []
        lines.append("\(scope) \(omission["key"]?.string ?? "") \(codes.joined(separator: ","))")
      }
    }
    #expect(lines == Self.leftOutWithoutSplits)
    let text = try installation.expect(0, "snapshot", "flagd", "--environment", "production")
    #expect(
      text.output.contains("production/northwind  version 1  flagd.json answers 6 of 11 keys"))
    #expect(text.output.contains("  search-suggestions  left out: the rollout \"ramp\" divides"))
  }

  private static let leftOutWithoutSplits = [
    "production/lakeside product-viewer hash", "production/lakeside upgrade-notice hash",
    "production/northwind checkout-flow hash", "production/northwind payment-provider hash",
    "production/northwind recommendation-engine hash",
    "production/northwind search-suggestions hash", "production/northwind size-advisor hash",
    "staging/lakeside express-payment-button hash", "staging/lakeside product-viewer hash",
    "staging/lakeside upgrade-notice hash", "staging/northwind checkout-flow hash",
    "staging/northwind product-page-layout hash", "staging/northwind recommendation-engine hash",
    "staging/northwind search-ranking hash", "staging/northwind search-suggestions hash",
  ]

  @Test("With native splits nothing of the shop is left out")
  func nothingLeftOut() async throws {
    let installation = try await FlagdStorefronts.shared.installation(native: true)
    for scope in Self.scopes {
      let listed = try Self.listed(scope, installation)
      #expect(listed["leftOut"]?.sequence?.count == 0)
      #expect(listed["splits"]?.string == "native")
    }
  }

  @Test(
    "Every document is valid by flagd's own schemas",
    .enabled(if: FlagdProvider.schemas != nil, "FLAGSTAFF_CONFORMANCE is not set"))
  func validDocuments() async throws {
    let schemas = try #require(FlagdProvider.schemas)
    var files: [String] = []
    for native in [false, true] {
      let installation = try await FlagdStorefronts.shared.installation(native: native)
      files += Self.scopes.map { "\(installation.origin)/v1/\($0)/flagd.json" }
    }
    let found = try FlagdProvider.violations(files, schemas: schemas)
    #expect(found.count == 8 && found.values.allSatisfy(\.isEmpty), "\(found)")
    // The checker does check: it refuses what flagd's own cases call wrong.
    let wrong = try FileManager.default.contentsOfDirectory(
      atPath: schemas + "/test/flags/negative"
    )
    .map { "\(schemas)/test/flags/negative/\($0)" }
    let refused = try FlagdProvider.violations(wrong, schemas: schemas)
    #expect(refused.count >= 8 && refused.values.allSatisfy { !$0.isEmpty }, "\(refused)")
  }
}
