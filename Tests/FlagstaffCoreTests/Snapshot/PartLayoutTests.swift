// How a snapshot is divided into parts, against a second implementation that knows only the rule of
// BYTES: a trie over the bits of SHA-256, divided where a part would be too large. The layout must
// follow from the set alone, or two controllers would publish different bytes.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Signing
import TestHarness
import Testing

@Suite("Parts of a snapshot")
struct PartLayoutTests {
  /// A scope of flags whose values have the given lengths.
  static func state(_ lengths: [Int]) -> ScopeState {
    let instant = Instant(secondsSince1970: 0)
    var definitions: [Identity: RegisteredDefinition] = [:]
    for (place, length) in lengths.enumerated() {
      let identity = Identity(.flag, "f\(place)")
      let form = Node.fields([
        "kind": .string("flag"), "key": .string(identity.key), "off": .string("a"),
        "default": .string("a"), "enabled": .boolean(true), "bucketBy": .string("targetingKey"),
        "visibility": .string("server"), "rules": .sequence([]),
        "variants": .fields(["a": .string(String(repeating: "x", count: length))]),
      ])
      definitions[identity] = RegisteredDefinition(
        ResolvedDefinition(identity, form: form, location: nil), generation: 1, created: instant,
        recorded: .flag(RecordedFlag(steps: [], splits: [])))
    }
    return ScopeState(
      scope: ScopeID(environment: "production", customer: "acme"), version: 1, commit: "c",
      instant: instant, definitions: definitions, tombstones: [:],
      rests: [])
  }

  @Test("Parts of random scopes are those of an independent trie", arguments: 1...20)
  func equalsIndependent(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let most = [1_000, 60_000, 200_000, 300_000].randomElement(using: &random) ?? 1_000
    let lengths = (0..<Int.random(in: 1...24, using: &random)).map { _ in
      Int.random(in: 1...most, using: &random)
    }
    let layout = try Publication.project(Self.state(lengths)).server
    let objects = layout.parts.isEmpty ? [layout.index] : layout.parts
    var definitions: [Node] = []
    for object in objects {
      definitions += try JSONReader.read(object.bytes)["definitions"]?.sequence ?? []
    }
    #expect(Set(definitions.compactMap { $0["key"]?.string }).count == lengths.count)
    definitions.sort { ($0["key"]?.string ?? "") < ($1["key"]?.string ?? "") }
    let expected = Self.parts(of: definitions, prefix: "")
    #expect(objects.map(\.bytes) == expected.map(\.bytes))
    #expect(objects.allSatisfy { $0.digest == Signing.sha256($0.bytes) })
    guard expected.count > 1 else { return }
    let entries = expected.map { part in
      Node.fields([
        "prefix": .string(part.prefix), "length": .integer(part.bytes.count),
        "digest": .string(Signing.sha256(part.bytes).hexadecimal),
      ])
    }
    let index = Node.fields(["format": .integer(1), "parts": .sequence(entries)])
    #expect(layout.index.bytes == CanonicalJSON.bytes(index))
    #expect(expected.map(\.prefix) == expected.map(\.prefix).sorted())
    #expect(
      try PartLayout.parts(ofIndex: layout.index.bytes) == layout.parts.map(\.reference))
  }

  /// The parts of definitions that share a prefix: by whole groups, never by sizes added up.
  private static func parts(of definitions: [Node], prefix: String)
    -> [(prefix: String, bytes: [UInt8])]
  {
    let bytes = CanonicalJSON.bytes(
      .fields(["format": .integer(1), "definitions": .sequence(definitions)]))
    if definitions.isEmpty { return [] }
    if bytes.count <= 262_144 || definitions.count == 1 { return [(prefix, bytes)] }
    return ["0", "1"].flatMap { bit in
      let longer = prefix + bit
      return parts(
        of: definitions.filter { place($0).hasPrefix(longer) }, prefix: longer)
    }
  }

  private static func place(_ definition: Node) -> String {
    let name = "\(definition["kind"]?.string ?? "")/\(definition["key"]?.string ?? "")"
    return Signing.sha256(Array(name.utf8)).bytes.map { byte in
      let bits = String(byte, radix: 2)
      return String(repeating: "0", count: 8 - bits.count) + bits
    }.joined()
  }

  @Test("One changed definition changes one part and the index")
  func oneChange() throws {
    var lengths = Array(repeating: 60_000, count: 20)
    let before = try Publication.project(Self.state(lengths)).server
    lengths[7] -= 1
    let after = try Publication.project(Self.state(lengths)).server
    #expect(before.parts.count > 4)
    #expect(Set(before.parts).symmetricDifference(after.parts).count == 2)
    #expect(before.index != after.index)
  }

  @Test("A scope of several parts is read by the evaluator, and parts stand before indexes")
  func readsSeveralParts() throws {
    let publication = try Publication.project(
      Self.state(Array(repeating: 100_000, count: 8) + [400_000]))
    let parts = publication.server.parts
    #expect(parts.count > 2)
    #expect(publication.objects.map(\.digest).last == publication.server.index.digest)
    #expect(parts.filter { $0.bytes.count > 262_144 }.count == 1)
    let snapshot = try Snapshot(index: publication.server.index.bytes) { digest in
      try #require(parts.first { $0.digest.hexadecimal == digest }).bytes
    }
    #expect(snapshot.flagKeys.count == 9)
  }

  @Test("An empty scope is one part without definitions")
  func emptyScope() throws {
    let publication = try Publication.project(Self.state([]))
    #expect(
      String(decoding: publication.server.index.bytes, as: UTF8.self)
        == #"{"definitions":[],"format":1}"#)
    #expect(publication.server.parts.isEmpty && publication.client == nil)
  }

  @Test("A scope above the limit is refused with its size")
  func tooLarge() throws {
    let state = Self.state(Array(repeating: Limits.snapshotBytesMax / 8, count: 8))
    let error = #expect(throws: SnapshotTooLarge.self) { try Publication.project(state) }
    #expect(error?.description.contains("\(Limits.snapshotBytesMax)") == true)
    #expect((error?.bytes ?? 0) > Limits.snapshotBytesMax)
  }
}
