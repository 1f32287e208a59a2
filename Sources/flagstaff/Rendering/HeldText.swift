// Who is held by mistakes, and who goes on: one line, for a check of files and for a pass alike.
// It is there only where somebody is held, and names few scopes and counts many.

internal import Documents
internal import FlagstaffCore

enum HeldText {
  private static let namesMax = 8

  /// `held: production/lakeside, staging/lakeside; going on: 2 scopes`; nil where nobody is held.
  static func line(held: [ScopeID], goingOn: [ScopeID]) -> String? {
    guard !held.isEmpty else { return nil }
    let names = held.map(\.description).listed(atMost: namesMax)
    let others = goingOn.isEmpty ? "none" : Plural.text(goingOn.count, "scope")
    return "held: \(Visible.text(names)); going on: \(others)"
  }
}
