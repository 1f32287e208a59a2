// How a snapshot's definitions are divided into parts of at most 256 KiB, each named by its digest
// (BYTES, *Parts*). A definition's place is a hash of its kind and key, so one changed definition
// changes one part, and the layout follows from the set alone.

package import Documents
package import Signing

/// The bytes of an object at the origin, named by their digest.
package struct PublishedObject: Hashable, Sendable {
  package let digest: Digest
  package let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    digest = Signing.sha256(bytes)
  }

  package var reference: ObjectReference {
    ObjectReference(digest: digest, length: bytes.count)
  }
}

/// How an object is named by another: digest and length of its bytes, not compressed.
package struct ObjectReference: Hashable, Sendable {
  package let digest: Digest
  package let length: Int

  package init(digest: Digest, length: Int) {
    self.digest = digest
    self.length = length
  }

  package var node: Node {
    .fields(["digest": .string(digest.hexadecimal), "length": .integer(length)])
  }

  /// Reads `{digest,length}`; nil where it is anything else.
  package init?(_ node: Node?) {
    guard let digest = node?["digest"]?.string.flatMap({ Digest(hexadecimal: $0) }),
      let length = node?["length"]?.integer, length >= 0
    else { return nil }
    self.init(digest: digest, length: length)
  }
}

extension PartLayout {
  /// The parts that an index names; none where the index is the only part.
  ///
  /// - Throws: `JSONError` where the bytes are no index of this format.
  package static func parts(ofIndex bytes: [UInt8]) throws(JSONError) -> [ObjectReference] {
    let index = try JSONReader.read(bytes)
    let parts = index["parts"]?.sequence ?? []
    let references = parts.compactMap { ObjectReference($0) }
    guard index["format"]?.integer == 1, references.count == parts.count else {
      throw JSONError(message: "this is no index of format 1", position: .start)
    }
    return references
  }
}

/// The parts and the index of a list of definitions.
package struct PartLayout: Sendable {
  /// In the order of their prefixes; empty where the index is the only part.
  package let parts: [PublishedObject]
  package let index: PublishedObject

  /// - Parameter definitions: sorted by (kind, key), each with its published canonical bytes.
  init(_ definitions: [(identity: Identity, bytes: [UInt8])]) {
    let placed = definitions.map { definition in
      let name = "\(definition.identity.kind.rawValue)/\(definition.identity.key)"
      return Placed(place: Signing.sha256(Array(name.utf8)).bytes, bytes: definition.bytes)
    }
    var found: [(prefix: String, object: PublishedObject)] = []
    Self.divide(placed, prefix: "", into: &found)
    if found.count == 1, found[0].prefix.isEmpty {
      parts = []
      index = found[0].object
    } else {
      parts = found.map(\.object)
      index = Self.index(found)
    }
  }

  private struct Placed {
    let place: [UInt8]
    let bytes: [UInt8]

    /// A bit of the place, from the most significant.
    func bit(_ index: Int) -> Bool { place[index / 8] & (0x80 >> UInt8(index % 8)) != 0 }
  }

  /// Divides by the next bit until each part fits or holds one definition. Empty sets are left
  /// out, save the whole set, whose part is the index of an empty snapshot.
  private static func divide(
    _ definitions: [Placed], prefix: String,
    into found: inout [(prefix: String, object: PublishedObject)]
  ) {
    let length = partBytes(definitions)
    if length <= Limits.partBytesMax || definitions.count <= 1 || prefix.utf8.count == 256 {
      guard !definitions.isEmpty || prefix.isEmpty else { return }
      found.append((prefix, PublishedObject(part(definitions, length: length))))
      return
    }
    let bit = prefix.utf8.count
    divide(definitions.filter { !$0.bit(bit) }, prefix: prefix + "0", into: &found)
    divide(definitions.filter { $0.bit(bit) }, prefix: prefix + "1", into: &found)
  }

  private static let opening = Array(#"{"definitions":["#.utf8)
  private static let closing = Array(#"],"format":1}"#.utf8)

  private static func partBytes(_ definitions: [Placed]) -> Int {
    definitions.reduce(opening.count + closing.count + max(0, definitions.count - 1)) {
      $0 + $1.bytes.count
    }
  }

  /// `{format:1,definitions}` in canonical order of keys.
  private static func part(_ definitions: [Placed], length: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(length)
    bytes += opening
    for (index, definition) in definitions.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += definition.bytes
    }
    bytes += closing
    return bytes
  }

  private static func index(_ parts: [(prefix: String, object: PublishedObject)])
    -> PublishedObject
  {
    let entries = parts.sorted { $0.prefix.precedesInBytes($1.prefix) }.map { part in
      Node.fields([
        "prefix": .string(part.prefix), "digest": .string(part.object.digest.hexadecimal),
        "length": .integer(part.object.bytes.count),
      ])
    }
    return PublishedObject(
      CanonicalJSON.bytes(.fields(["format": .integer(1), "parts": .sequence(entries)])))
  }
}
