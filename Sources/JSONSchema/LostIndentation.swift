// A key that lost its indentation stands in an outer mapping, where nobody knows it or where it
// means something else. Saying only that would have somebody remove it. The field before it shows
// where it was meant: one of the mappings that end there has a word for it, and does not have it
// yet.

internal import Documents

extension Explanation {
  /// A field of the current mapping, with the schema that is said for it.
  typealias Former = (entry: Mapping.Entry, schema: Int)

  /// What the current mapping knows of a field.
  enum Standing {
    case unknown
    /// It takes fields of any name, and this is one.
    case any
    case declared
  }

  /// Where a field belongs that stands in the current mapping.
  struct Home {
    let place: String
    /// The column of its other fields; nil where there is none yet.
    let column: UInt32?
  }

  /// Adds a field that lost its indentation.
  ///
  /// - Parameters:
  ///   - former: the field before it that stands where it should.
  /// - Returns: whether it did; otherwise nothing is added.
  mutating func addLostIndentation(
    _ entry: Mapping.Entry, standing: Standing, after former: Former?
  ) -> Bool {
    guard let former, let home = home(of: entry, standing: standing, after: former) else {
      return false
    }
    removeMissing(entry.key, in: home)
    let spaces = home.column.map { " by \(Violation.count(Int($0) - 1, "space"))" } ?? ""
    add(
      .lostIndentation,
      "the field '\(Violation.shortened(entry.key))' belongs in \(home.place), and is not indented"
        + " so",
      remedy: "Indent it\(spaces), below \(home.place)", at: entry.keyPosition)
    return true
  }

  /// Goes down the last fields of what stands before; the outermost that would take it is its home.
  private mutating func home(of entry: Mapping.Entry, standing: Standing, after former: Former)
    -> Home?
  {
    var steps: [Step] = [.key(former.entry.key)]
    var (node, schema) = (former.entry.value, former.schema)
    while steps.count <= Limits.depthMax, charge(16) {
      let offered = OfferedFields(by: schema, in: evaluation.program)
      switch node.value {
      case .null:
        let isTaken = takes(entry, standing, offered, isEmpty: true)
        return isTaken ? Home(place: place(below: steps), column: nil) : nil
      case .mapping(let mapping):
        guard let last = mapping.entries.last, let first = mapping.entries.first else { return nil }
        // In brackets indentation does not count.
        let isBlock = node.position == first.keyPosition
        if isBlock, first.keyPosition.column > entry.keyPosition.column,
          mapping.entry(entry.key) == nil,
          takes(entry, standing, offered, isEmpty: false)
        {
          return Home(place: place(below: steps), column: first.keyPosition.column)
        }
        guard let next = offered.schema(for: last.key, &evaluation) else { return nil }
        steps.append(.key(last.key))
        (node, schema) = (last.value, next)
      case .sequence(let nodes):
        guard let last = nodes.last, let next = offered.items else { return nil }
        steps.append(.index(nodes.count - 1))
        (node, schema) = (last, next)
      default:
        return nil
      }
    }
    return nil
  }

  /// Whether a mapping of these fields has a word for a field, or would take it under any name.
  /// What means something where it stands has to be right where it is said to belong.
  private mutating func takes(
    _ entry: Mapping.Entry, _ standing: Standing, _ offered: OfferedFields, isEmpty: Bool
  ) -> Bool {
    let isMapping = entry.value.mapping != nil
    if let declared = offered.declared(entry.key) {
      guard !isNever(declared) else { return false }
      switch standing {
      case .unknown: return true
      case .any where !isMapping: return true
      default: return (try? evaluation.isValidApart(entry.value, declared)) == true
      }
    }
    guard standing == .unknown, isMapping,
      let schema = offered.schema(for: entry.key, &evaluation), !isNever(schema)
    else { return false }
    return isEmpty || (try? evaluation.isValidApart(entry.value, schema)) == true
  }

  /// Takes back that a mapping lacks the field, or that it has no value at all.
  private mutating func removeMissing(_ field: String, in home: Home) {
    removeViolations {
      $0.path == home.place
        && ($0.missing?.hasSameBytes(as: field) == true
          || (home.column == nil && $0.code == .wrongType))
    }
  }
}
