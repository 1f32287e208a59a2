// A comment that fits: its parts stand in the order of the page, and where not all of them may
// stay, the most important do. What is left out is counted and said, in its own block and at the
// end, so that a comment is never taken for the whole.

internal import Documents
internal import FlagstaffCore

struct MarkdownPage {
  /// What a part tells, the most important first.
  enum Kind: Int, CaseIterable {
    case approval, failed, held, wait, note, finding, change, later, detail

    /// How many parts there are, by what they tell.
    fileprivate func counted(_ count: Int) -> String {
      let noun =
        switch self {
        case .approval: count == 1 ? "line on approvals" : "lines on approvals"
        case .failed: count == 1 ? "scope that failed" : "scopes that failed"
        case .held: count == 1 ? "scope that is held" : "scopes that are held"
        case .wait: count == 1 ? "wait" : "waits"
        case .note: count == 1 ? "note" : "notes"
        case .finding: count == 1 ? "finding" : "findings"
        case .change: count == 1 ? "change" : "changes"
        case .later: count == 1 ? "scheduled change" : "scheduled changes"
        case .detail: count == 1 ? "fold of details" : "folds of details"
        }
      return "\(count) \(noun)"
    }

    /// How much of the page may be full while parts of this kind are chosen for the first time, so
    /// that none of them crowds out the others.
    fileprivate var firstLimit: Double {
      switch self {
      case .approval: 0.1
      case .failed: 0.15
      case .held: 0.2
      case .wait: 0.25
      case .note: 0.3
      case .finding: 0.4
      case .change: 0.7
      case .later: 0.8
      case .detail: 1
      }
    }
  }

  struct Part {
    let kind: Kind
    /// Among parts of its kind; the greatest stay.
    var weight = UserShare.none
    /// What a change and its detail have in common: a detail stays only where its change does.
    var subject: Int?
    let text: String
  }

  /// Parts under one heading.
  struct Block {
    var opening = ""
    var parts: [Part]
    var closing = ""
    /// Says what is left out of the block; nothing where the end of the page says it.
    var omission: (([Part]) -> String)?
  }

  /// `12 changes, 2 folds of details`: how many parts of each kind.
  static func counted(_ parts: [Part]) -> String {
    Kind.allCases.compactMap { kind in
      let count = parts.count { $0.kind == kind }
      return count > 0 ? kind.counted(count) : nil
    }.joined(separator: ", ")
  }

  private let top: String
  private let blocks: [Block]
  private let bottom: String
  /// Says what is left out of the whole page.
  private let omission: ([Part]) -> String
  /// The places of the parts that stay, by block.
  private var kept: [Set<Int>]
  private var length: Int

  /// - Parameters:
  ///   - top: always stays, and so does `bottom`.
  init(
    top: String, blocks: [Block], bottom: String, omission: @escaping ([Part]) -> String
  ) {
    self.top = top
    self.blocks = blocks
    self.bottom = bottom
    self.omission = omission
    kept = blocks.map { _ in [] }
    let all = blocks.flatMap(\.parts)
    length = [top, bottom, omission(all)].reduce(0) { $0 + $1.utf16.count }
    choose()
  }

  /// The page, no longer than it may be as long as top and bottom are not.
  var text: String {
    var text = top
    var left: [Part] = []
    for (block, kept) in zip(blocks, kept) {
      let missing = block.parts.indices.filter { !kept.contains($0) }.map { block.parts[$0] }
      left += missing
      guard !kept.isEmpty else { continue }
      text += block.opening
      for place in block.parts.indices where kept.contains(place) {
        text += block.parts[place].text
      }
      if !missing.isEmpty { text += block.omission?(missing) ?? "" }
      text += block.closing
    }
    return text + (left.isEmpty ? "" : omission(left)) + bottom
  }

  // MARK: What stays

  private struct Place {
    let block: Int
    let part: Int
  }

  private mutating func choose() {
    var subjects: Set<Int> = []
    for isFirst in [true, false] {
      for kind in Kind.allCases {
        let limit =
          isFirst ? Int(kind.firstLimit * Double(Limits.commentLengthMax)) : Limits.commentLengthMax
        for place in places(of: kind) where !kept[place.block].contains(place.part) {
          let part = blocks[place.block].parts[place.part]
          if kind == .detail, let subject = part.subject, !subjects.contains(subject) { continue }
          let cost = cost(of: place)
          // The next ones matter less, and would only hide that this one is missing.
          guard length + cost <= limit else { break }
          length += cost
          kept[place.block].insert(place.part)
          if kind == .change, let subject = part.subject { subjects.insert(subject) }
        }
      }
    }
  }

  /// Of one kind, the most important first; of the same weight, in the order of the page.
  private func places(of kind: Kind) -> [Place] {
    var found: [(place: Place, weight: UserShare)] = []
    for (block, content) in blocks.enumerated() {
      for (part, content) in content.parts.enumerated() where content.kind == kind {
        found.append((Place(block: block, part: part), content.weight))
      }
    }
    let order = found.indices.sorted {
      found[$0].weight == found[$1].weight ? $0 < $1 : found[$0].weight > found[$1].weight
    }
    return order.map { found[$0].place }
  }

  /// The first part of a block brings its heading, and room to say what is missing.
  private func cost(of place: Place) -> Int {
    let block = blocks[place.block]
    let own = block.parts[place.part].text.utf16.count
    guard kept[place.block].isEmpty else { return own }
    let omission = block.parts.count > 1 ? block.omission?(block.parts) ?? "" : ""
    return own + [block.opening, block.closing, omission].reduce(0) { $0 + $1.utf16.count }
  }
}

/// The first line of a comment, by which a bot finds the one to replace. It is stable: a comment of
/// the same workspace begins with the same line, whatever changes.
enum MarkdownMarker {
  /// - Parameter workspace: a key, in which nothing can end an HTML comment; nil where no workspace
  ///   could be read.
  static func text(_ command: String, _ workspace: String?) -> String {
    "<!-- flagstaff:\(command) workspace=\(workspace ?? "") -->"
  }
}
