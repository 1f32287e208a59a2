// A scope as its published bytes say it, without anybody's types in between. Documents are cut into
// the bytes of their definitions by counting brackets, so that what did not change is compared
// without being parsed; only what changed is read.

internal import Documents

/// The published definitions and the published state of one version.
struct ScopeBytes {
  /// What one element of a list of definitions is, and where.
  struct Element {
    let identity: Identity
    /// The digest of the form, in elements of the state.
    let digest: String
    let bytes: ArraySlice<UInt8>
  }

  /// What servers read.
  private(set) var published: [Identity: Element] = [:]
  /// What browsers read.
  private(set) var client: [Identity: Element] = [:]
  /// What is recorded of each definition.
  private(set) var entries: [Identity: Element] = [:]
  private(set) var tombstones: [Identity: Node] = [:]
  private(set) var rests: [Node] = []
  /// What is stopped, as it is recorded.
  private(set) var kills: [Identity: Node] = [:]
  /// Until when schedules were followed, where that is not the version's instant.
  private(set) var schedule: Instant?
  /// The pins, which no plan touches.
  private(set) var pins = Node.sequence([])

  /// Nothing: the scope before its first version.
  init() {}

  /// - Returns: nil where a document is no list of definitions, or has one twice.
  init?(_ publication: Publication) {
    guard let published = Self.elements(of: publication.server),
      let client = publication.client.map(Self.elements) ?? [:],
      let state = PublishedList(publication.state.bytes), let entries = Self.unique(state.elements),
      let tombstones = state.others["tombstones"]?.sequence,
      let rests = state.others["rests"]?.sequence,
      let kills = state.others["kills"]?.sequence, let pins = state.others["pins"]
    else { return nil }
    self.published = published
    self.client = client
    self.entries = entries
    self.rests = rests
    self.pins = pins
    schedule = state.others["schedule"]?.string.flatMap { Instant($0) }
    guard let tombstones = Self.byIdentity(tombstones), let kills = Self.byIdentity(kills) else {
      return nil
    }
    (self.tombstones, self.kills) = (tombstones, kills)
  }

  /// Nil where one is of nothing, or twice.
  private static func byIdentity(_ nodes: [Node]) -> [Identity: Node]? {
    var found: [Identity: Node] = [:]
    for node in nodes {
      guard let kind = node["kind"]?.string.flatMap(Kind.init), let key = node["key"]?.string,
        found.updateValue(node, forKey: Identity(kind, key)) == nil
      else { return nil }
    }
    return found
  }

  private static func elements(of layout: PartLayout) -> [Identity: Element]? {
    var all: [Element] = []
    for part in layout.parts.isEmpty ? [layout.index] : layout.parts {
      guard let list = PublishedList(part.bytes) else { return nil }
      all += list.elements
    }
    return unique(all)
  }

  private static func unique(_ elements: [Element]) -> [Identity: Element]? {
    let found = Dictionary(elements.map { ($0.identity, $0) }, uniquingKeysWith: { $1 })
    return found.count == elements.count ? found : nil
  }
}

extension ScopeBytes.Element {
  /// The element, parsed.
  var node: Node? { try? JSONReader.read(Array(bytes), depthMax: Limits.storedDepthMax) }

  func hasSameBytes(as other: ScopeBytes.Element) -> Bool { bytes == other.bytes }
}

/// `{"definitions":[…],…}` in canonical bytes.
private struct PublishedList {
  private(set) var elements: [ScopeBytes.Element] = []
  /// The other fields.
  private(set) var others = Node.mapping([])

  private static let opening = Array(#"{"definitions":["#.utf8)

  init?(_ bytes: [UInt8]) {
    guard bytes.starts(with: Self.opening) else { return nil }
    var scan = ElementScan(bytes, from: Self.opening.count)
    while let element = scan.next() {
      guard let kind = element.kind.flatMap(Kind.init), let key = element.key else { return nil }
      elements.append(
        .init(
          identity: Identity(kind, key), digest: element.digest ?? "", bytes: bytes[element.range]))
    }
    let rest = Array("{".utf8) + bytes.dropFirst(scan.position + 2)
    guard scan.isAtEnd, let others = try? JSONReader.read(rest) else { return nil }
    self.others = others
  }
}

/// Finds the end of each object of a list.
private struct ElementScan {
  struct Found {
    var range = 0..<0
    var kind: String?
    var key: String?
    var digest: String?
  }

  private let bytes: [UInt8]
  private(set) var position: Int

  init(_ bytes: [UInt8], from position: Int) {
    self.bytes = bytes
    self.position = position
  }

  var isAtEnd: Bool { position < bytes.count && bytes[position] == UInt8(ascii: "]") }

  /// The next object; nil at the end of the list and where there is none.
  mutating func next() -> Found? {
    if position < bytes.count, bytes[position] == UInt8(ascii: ",") { position += 1 }
    guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else { return nil }
    let start = position
    var found = Found()
    var name = ""
    var depth = 0
    repeat {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        let text = skipString()
        guard depth == 1 else { continue }
        let isName = position < bytes.count && bytes[position] == UInt8(ascii: ":")
        if isName { name = string(text) } else { found.take(name, string(text)) }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
      position += 1
    } while depth > 0 && position < bytes.count
    found.range = start..<position
    return depth == 0 ? found : nil
  }

  /// The place of the string's text; the position is left behind its closing quote.
  private mutating func skipString() -> Range<Int> {
    let start = position + 1
    position = start
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    let end = min(position, bytes.count)
    position = end + 1
    return start..<end
  }

  private func string(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }
}

extension ElementScan.Found {
  /// Keys, kinds and digests hold no character that JSON escapes.
  fileprivate mutating func take(_ name: String, _ value: String) {
    switch name {
    case "kind": kind = value
    case "key": key = value
    case "digest": digest = value
    default: break
    }
  }
}
