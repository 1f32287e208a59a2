// The comment of a pull request on the storefront, as in `examples/storefront.golden`: traffic of
// an experiment is raised while another customer is held by a mistake. Beside it stand questions
// that a reader who has seen nothing else should be able to answer from it, and the answers of one.
//
//   FLAGSTAFF_UPDATE_GOLDEN=1 swift test --skip-build --filter StorefrontCommentTests

import Documents
import Foundation
import Testing

@Suite("The comment on the storefront's raised traffic")
struct StorefrontCommentTests {
  private static let folder = ReviewCheck.repository.appending(path: "examples/storefront.golden")
  private static let golden = folder.appending(path: "raised-traffic.md")

  private static func comment() async throws -> String {
    let repository = try DefinitionsRepository.storefront()
    var installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    try repository.replace(
      "traffic: 20%", by: "traffic: 35%", in: "customers/northwind/checkout.yaml")
    try repository.replace(
      "when: {segment: assisted-shoppers}", by: "when: {segment: assisted-shopers}",
      in: "customers/lakeside/checkout.yaml")
    try repository.commit("Try the one-page checkout on 35% of shoppers")
    installation.variables["FLAGSTAFF_INSTANT"] = "2026-11-23T15:30:00Z"
    let ended = try installation.expect(3, "plan", "--format", "markdown")
    try await installation.discard()
    return ended.output
  }

  @Test("It is the golden one, byte for byte, and renders to code, tables and folds")
  func isGolden() async throws {
    let comment = try await Self.comment()
    if ProcessInfo.processInfo.environment["FLAGSTAFF_UPDATE_GOLDEN"] == "1" {
      try Data(comment.utf8).write(to: Self.golden)
    }
    #expect(try comment == String(contentsOf: Self.golden, encoding: .utf8))
    let page = try #require(try ReviewCheck.run("markdown", texts: [comment]).first)
    let tags = page["tags"]?.sequence?.compactMap(\.string) ?? []
    #expect(Set(["table", "details", "summary", "code", "h3", "ul"]).isSubset(of: tags))
    #expect(page["rows"]?.sequence?.compactMap(\.integer) == [3, 5])
  }

  @Test("Each question has an answer, and each quotation of an answer stands in the comment")
  func isAnswered() throws {
    let comment = try String(contentsOf: Self.golden, encoding: .utf8)
    let answers = try Self.lines("answers.md")
    let quotations = answers.compactMap { $0.wholeMatch(of: #/   > (.*)/#)?.output.1 }
    #expect(quotations.count > 10)
    for quotation in quotations { #expect(comment.contains(quotation), "\(quotation)") }
    func numbers(_ lines: [String]) -> [Int] {
      lines.compactMap { $0.prefixMatch(of: #/([0-9]+)\. /#).flatMap { Int($0.output.1) } }
    }
    let questions = try Self.lines("questions.md")
    #expect(numbers(questions) == numbers(answers) && numbers(questions).count == 9)
  }

  private static func lines(_ file: String) throws -> [String] {
    try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      .components(separatedBy: "\n")
  }
}
