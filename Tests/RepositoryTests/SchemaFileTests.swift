// The files of `schemas/v1`, before anybody reads them as schemas: each is JSON, says which dialect
// it is written in, and is known by an identifier that ends with its own path.

import Foundation
import Testing

@Suite("Schema files")
struct SchemaFileTests {
  @Test("Every schema names its dialect, and its identifier ends with its path")
  func schemasAreIdentified() throws {
    let repository = try Repository.current()
    let paths = repository.paths.filter {
      $0.hasPrefix("schemas/v1/") && $0.hasSuffix(".schema.json")
    }
    #expect(!paths.isEmpty)
    for path in paths {
      let object = try JSONSerialization.jsonObject(with: Data(repository.text(path).utf8))
      let schema = try #require(object as? [String: Any], "\(path) is no object")
      #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
      let identifier = try #require(schema["$id"] as? String, "\(path) has no $id")
      #expect(identifier.hasSuffix("/\(path)"), "\(path) is identified as \(identifier)")
    }
  }
}
