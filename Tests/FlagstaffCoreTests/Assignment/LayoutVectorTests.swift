// The vectors of schemas/conformance/ranges.json, which the second implementation has worked out:
// whoever lays out buckets must come to the same ranges, or a change moves users who were told that
// they stay.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Foundation
import Testing

@Suite("Vectors of ranges")
struct LayoutVectorTests {
  private static func list(_ name: String) throws -> [Node] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "schemas/conformance/ranges.json")
    let root = try JSONReader.read(Array(Data(contentsOf: file)))
    return try #require(root[name]?.sequence)
  }

  @Test("Weights become the canonical layout")
  func layouts() throws {
    let vectors = try Self.list("layouts")
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
}
