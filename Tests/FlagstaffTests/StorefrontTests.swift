// The example shop from commit to answer: it is reconciled, and contexts whose answers follow from
// its definitions without any hash are evaluated from what was published and verified.

import Documents
import Foundation
import Testing

/// A question to a published snapshot, and what the definitions say.
struct StorefrontQuestion: Sendable, CustomTestStringConvertible {
  let scope: String
  let flag: String
  let context: String
  /// The value as JSON.
  let value: String
  let reason: String

  var testDescription: String { "\(scope) \(flag) \(context)" }

  init(_ scope: String, _ flag: String, _ context: String, _ value: String, _ reason: String) {
    self.scope = scope
    self.flag = flag
    self.context = context
    self.value = value
    self.reason = reason
  }

  private static let northwind = "production/northwind"
  private static let lakeside = "production/lakeside"

  static let all = [
    // No unit, so no experiment.
    Self(northwind, "checkout-flow", "{}", #""three-steps""#, "DEFAULT"),
    Self(northwind, "maintenance-banner", #"{"targetingKey":"u"}"#, "false", "DISABLED"),
    Self("staging/northwind", "payment-provider", "{}", #""adyen""#, "TARGETING_MATCH"),
    Self(
      northwind, "payment-provider", #"{"accountId":"a","cardCountry":"FR"}"#, #""stripe""#,
      "TARGETING_MATCH"),
    // The experiment is over; its winner goes to everybody who meets its targeting.
    Self(northwind, "receipt-headline", #"{"tier":"gold"}"#, #""points""#, "TARGETING_MATCH"),
    Self(northwind, "receipt-headline", #"{"tier":"tin"}"#, #""money""#, "DEFAULT"),
    Self(northwind, "free-shipping-cents", #"{"tier":"platinum"}"#, "0", "TARGETING_MATCH"),
    Self(
      northwind, "free-shipping-cents", #"{"tier":"gold","country":"CH"}"#, "5000", "DEFAULT"),
    Self(
      northwind, "search-suggestions", #"{"email":"x@storefront.example"}"#, "true",
      "TARGETING_MATCH"),
    Self(
      northwind, "recommendation-engine", #"{"sessionId":"qa-session-1"}"#,
      #"{"model":"two-tower-v2","products":8,"timeoutMilliseconds":250}"#, "TARGETING_MATCH"),
    // Paused: everybody falls through.
    Self(northwind, "search-ranking", #"{"targetingKey":"u"}"#, #""bm25""#, "DEFAULT"),
    Self(lakeside, "checkout-flow", #"{"channel":"phone"}"#, #""guided""#, "TARGETING_MATCH"),
    Self(lakeside, "checkout-flow", #"{"country":"FR"}"#, #""three-steps""#, "TARGETING_MATCH"),
    Self(lakeside, "checkout-flow", #"{"country":"US"}"#, #""one-page""#, "DEFAULT"),
    Self(
      lakeside, "product-viewer", #"{"deviceId":"qa-phone-1"}"#, #"{"viewer":"room","zoom":1}"#,
      "TARGETING_MATCH"),
    Self(lakeside, "upgrade-notice", #"{"appVersion":"3.9.0"}"#, #""wall""#, "TARGETING_MATCH"),
    // Not before the first of December.
    Self(lakeside, "winter-theme", #"{"deviceId":"d"}"#, "false", "DEFAULT"),
  ]
}

actor Storefront {
  static let shared = Storefront()

  private var task: Task<Installation, any Error>?

  func installation() async throws -> Installation {
    let prepared =
      task
      ?? Task {
        let installation = try await Installation(DefinitionsRepository.storefront())
        try installation.expect(0, "reconcile", "--quiet")
        return installation
      }
    task = prepared
    return try await prepared.value
  }
}

@Suite("The storefront")
struct StorefrontTests {
  @Test("What is published answers as the definitions say", arguments: StorefrontQuestion.all)
  func answers(_ question: StorefrontQuestion) async throws {
    let installation = try await Storefront.shared.installation()
    let parts = question.scope.split(separator: "/").map(String.init)
    let ended = try installation.expect(
      0, "evaluate", "--environment", parts[0], "--customer", parts[1], "--flag", question.flag,
      "--context", question.context, "--format", "json")
    let answer = try JSONReader.read(Array(ended.output.utf8.dropLast()))
    let value = try #require(answer["value"])
    #expect(CanonicalJSON.string(value) == question.value)
    #expect(answer["reason"]?.string == question.reason)
  }

  @Test("A flag that is not there, a scope that is not there, and no scope are errors")
  func nothingToAnswer() async throws {
    let installation = try await Storefront.shared.installation()
    let unknown = try installation.expect(
      1, "evaluate", "--environment", "staging", "--customer", "lakeside", "--flag", "nope")
    #expect(unknown.output.contains("FLAG_NOT_FOUND"), "\(unknown)")
    let nowhere = try installation.expect(1, "evaluate", "--customer", "nobody", "--flag", "nope")
    #expect(nowhere.errors.contains("no such scope is published"), "\(nowhere)")
    let several = try installation.expect(64, "evaluate", "--flag", "checkout-flow")
    #expect(several.errors.contains("Several scopes are published"), "\(several)")
  }

  @Test("An answer is refused where the signature is another's")
  func anotherKey() async throws {
    let installation = try await Storefront.shared.installation()
    let key = installation.folder.path + "/stranger-\(UInt32.random(in: 0 ... .max)).pem"
    try installation.expect(0, "keys", "generate", key)
    let ended = try installation.expect(
      1, "evaluate", "--environment", "staging", "--customer", "lakeside", "--flag", "winter-theme",
      "--public-key", key.replacing(".pem", with: ".pub.pem"))
    #expect(ended.errors.contains("latest.json"), "\(ended)")
  }

  @Test(
    "Client-visible flags, and no others, stand in what browsers read",
    arguments: [
      (
        "production/northwind",
        [
          "checkout-flow", "maintenance-banner", "search-suggestions", "size-advisor",
          "stock-badge",
        ]
      ),
      ("staging/lakeside", ["checkout-flow", "express-payment-button", "winter-theme"]),
    ])
  func clientIndex(_ scope: String, _ expected: [String]) async throws {
    let installation = try await Storefront.shared.installation()
    let envelope = try installation.document("v1/\(scope)/latest.json")
    let payload = try #require(envelope["payload"]?.string.flatMap { Data(base64Encoded: $0) })
    let pointer = try JSONReader.read(Array(payload))
    func flags(_ name: String) throws -> [String] {
      let digest = try #require(pointer[name]?["digest"]?.string)
      let index = try installation.document("v1/\(scope)/objects/\(digest).json")
      let definitions = try #require(index["definitions"]?.sequence)
      return definitions.filter { $0["kind"]?.string == "flag" }.compactMap { $0["key"]?.string }
    }
    #expect(try flags("clientIndex").sorted() == expected)
    #expect(try Set(flags("index")).isStrictSuperset(of: expected))
  }

  @Test("What is published has no prose")
  func noProse() async throws {
    let installation = try await Storefront.shared.installation()
    let tree = try installation.originTree()
    for path in tree.keys where path.contains("/objects/") && path.hasSuffix(".json") {
      let data = FileManager.default.contents(atPath: installation.origin + "/" + path)
      let text = String(decoding: data ?? Data(), as: UTF8.self)
      for secret in ["hypothesis", "description", "owner", "labels"] {
        #expect(!text.contains("\"\(secret)\":"), "\(path) holds \(secret)")
      }
    }
  }
}

extension Installation {
  /// A document that is published at the origin.
  fileprivate func document(_ path: String) throws -> Node {
    let data = try #require(FileManager.default.contents(atPath: "\(origin)/\(path)"))
    return try JSONReader.read(Array(data))
  }
}
