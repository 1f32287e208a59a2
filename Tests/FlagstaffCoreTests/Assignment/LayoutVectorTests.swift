// The vectors of ranges and identifiers in schemas/conformance, which the second implementation has
// worked out: whoever lays out buckets must come to the same ranges, or a change moves users who were
// told that they stay.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Foundation
import Testing

@Suite("Vectors of ranges and identifiers")
struct LayoutVectorTests {
  private static func list(_ name: String, of file: String) throws -> [Node] {
    let file = SecondImplementation.repository.appending(path: "schemas/conformance/\(file)")
    let root = try JSONReader.read(Array(Data(contentsOf: file)))
    return try #require(root[name]?.sequence)
  }

  @Test("Identifiers follow from names")
  func identifiers() throws {
    let vectors = try Self.list("identifiers", of: "identifiers.json")
    var kinds: Set<String> = []
    for vector in vectors {
      let customer = try #require(vector["customer"]?.string)
      let key = try #require(vector["key"]?.string)
      let kind = try #require(vector["kind"]?.string)
      kinds.insert(kind)
      let id: String? =
        switch kind {
        case "experiment": Identifiers.experiment(key, of: customer)
        case "flag": Identifiers.flag(key, of: customer)
        case "group": Identifiers.group(key, of: customer)
        case "segment": Identifiers.segment(key, of: customer)
        case "rule":
          Identifiers.rule(key, of: try #require(vector["flag"]?.string), customer)
        default: nil
        }
      if let id { #expect(vector["id"]?.string == id, "\(CanonicalJSON.string(vector))") }
    }
    #expect(kinds == ["experiment", "flag", "group", "metric", "rule", "segment"])
  }

  @Test("Weights become the canonical layout")
  func layouts() throws {
    let vectors = try Self.list("layouts", of: "ranges.json")
    #expect(!vectors.isEmpty)
    for vector in vectors {
      let weights = try #require(vector["weights"]?.mapping).entries
      let layout = CanonicalLayout(
        weights: weights.map { (key: $0.key, weight: $0.value.integer ?? 0) })
      let ranges = layout.segments.map { segment in
        let range = Node.sequence([.integer(segment.from), .integer(segment.to)])
        return (segment.key, Node.sequence(segment.from < segment.to ? [range] : []))
      }
      #expect(vector["ranges"] == .mapping(ranges), "\(CanonicalJSON.string(vector))")
    }
  }

  @Test("A change of weights moves the buckets that it should, and no others")
  func changes() throws {
    let vectors = try Self.list("changes", of: "ranges.json")
    #expect(!vectors.isEmpty)
    for vector in vectors {
      let former = try #require(vector["before"]?.mapping).entries
      let weights = try #require(vector["weights"]?.mapping).entries
      let found = Reassignment(
        from: try former.map { ($0.key, try #require(BucketRanges($0.value))) },
        to: weights.map { ($0.key, $0.value.integer ?? 0) })
      let after = found.variants.map { ($0.key, $0.ranges.node) }
      #expect(vector["after"] == .mapping(after), "\(vector["why"]?.string ?? "")")
      #expect(vector["moved"]?.integer == found.moved, "\(vector["why"]?.string ?? "")")
    }
  }
}
