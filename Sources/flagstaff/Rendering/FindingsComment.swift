// What `validate` found, as a comment in a pull request: who would be held, were it merged, and
// what is wrong. Like a plan's, it begins with a marker by which a bot finds it and replaces it.

internal import Documents
internal import FlagstaffCore

/// What `validate` found, as a comment.
struct FindingsComment {
  let findings: [Finding]
  let workspace: String?
  let definitions: Int
  let files: Int
  let held: Holding

  /// Customers and scopes that are named; beyond them they are counted.
  private static let namesMax = 20

  var text: String {
    let counted = "\(Plural.text(definitions, "definition")) in \(Plural.text(files, "file"))"
    let verdict = findings.isEmpty ? "no problems" : FindingText.count(findings)
    let page = MarkdownPage(
      top: """
        \(MarkdownMarker.text("validate", workspace))
        ### Flagstaff definitions: \(verdict)

        \(counted) were checked. \(consequence)


        """,
      blocks: [
        .init(parts: findings.map(FindingMarkdown.part), omission: FindingMarkdown.omission)
      ],
      bottom: "<sub>Made by `flagstaff validate`.</sub>\n", omission: { _ in "" })
    return page.text
  }
}

extension FindingsComment {
  /// Who would be held, were this merged.
  private var consequence: String {
    guard !held.isAll else {
      return "Were this merged, **every customer would be held** at what is applied now."
    }
    let all = held.customers.sorted() + held.scopes.sorted().map(\.description)
    guard !all.isEmpty else { return "" }
    let names = all.map { MarkdownText.code($0) }.listed(atMost: Self.namesMax)
    return "Were this merged, \(names) would be **held** at what is applied now;"
      + " everything else goes on."
  }
}
