// The schemas of definitions files as their readers meet them, in an editor: every property says
// what it is, and shows values that are valid. And the lists that both a schema and the code hold
// are the same.

import Documents
import FlagstaffCore
import JSONSchema
import Schemas
import Testing

/// A property of a schema, by its place.
struct SchemaProperty: Sendable, CustomTestStringConvertible {
  /// The schema's address with a JSON pointer as its fragment.
  let address: String
  let schema: Node

  var testDescription: String { address }

  static let files = ["definitions", "governance", "workspace"]

  /// By the address that they are known by.
  static let resources: [String: Node] = {
    var resources: [String: Node] = [:]
    for file in EmbeddedSchema.all {
      guard let node = try? JSONReader.read(file.bytes), let id = node["$id"]?.string else {
        continue
      }
      resources[id] = node
    }
    return resources
  }()

  static func id(_ file: String) -> String {
    "https://flagstaff.dev/schemas/v1/\(file).schema.json"
  }

  /// Every property at every level, and every definition.
  static let all: [SchemaProperty] = files.flatMap { file in
    resources[id(file)].map { properties(of: $0, at: id(file) + "#") } ?? []
  }

  private static func properties(of node: Node, at address: String) -> [SchemaProperty] {
    switch node.value {
    case .mapping(let mapping):
      mapping.entries.filter { $0.key != "examples" }.flatMap { entry -> [SchemaProperty] in
        let place = "\(address)/\(entry.key)"
        let named =
          ["properties", "$defs"].contains(entry.key)
          ? (entry.value.mapping?.entries ?? []).map {
            SchemaProperty(address: "\(place)/\($0.key)", schema: $0.value)
          } : []
        return named + properties(of: entry.value, at: place)
      }
    case .sequence(let nodes):
      nodes.enumerated().flatMap { properties(of: $1, at: "\(address)/\($0)") }
    default: []
    }
  }
}

@Suite("The documentation of schemas")
struct SchemaDocumentationTests {
  @Test("Every property has a title, a description and valid examples")
  func documentation() throws {
    #expect(SchemaProperty.all.count > 150)
    for property in SchemaProperty.all {
      let (title, description) = (property.schema["title"], property.schema["description"])
      #expect(title?.string?.isEmpty == false, "\(property.address) has no title")
      #expect(
        description?.string?.hasSuffix(".") == true, "\(property.address) is not described")
      let examples = property.schema["examples"]?.sequence ?? []
      #expect(!examples.isEmpty, "\(property.address) has no examples")
      let schema = try JSONSchema(property.address, among: SchemaProperty.resources)
      for example in examples {
        let violations = schema.violations(of: example).map(\.message)
        #expect(violations.isEmpty, "\(property.address): \(violations)")
      }
    }
  }

  @Test("Every schema says who it is, and refuses what it does not know")
  func strictness() {
    for file in SchemaProperty.files {
      let root = SchemaProperty.resources[SchemaProperty.id(file)]
      #expect(root?["title"]?.string != nil && root?["description"]?.string != nil)
      #expect(root?["additionalProperties"] == .boolean(false))
    }
    for property in SchemaProperty.all where property.schema["properties"] != nil {
      #expect(property.schema["additionalProperties"] != nil, "\(property.address)")
    }
  }

  private func list(_ file: String, _ path: String...) -> [String] {
    var node = SchemaProperty.resources[SchemaProperty.id(file)]
    for token in path { node = node?[token] }
    return (node?["enum"]?.sequence ?? []).compactMap(\.string)
  }

  @Test("Lists that schemas and code both hold are the same")
  func lists() {
    func inMatch(_ field: String) -> [String] {
      list("governance", "$defs", "match", "properties", field, "items")
    }
    #expect(inMatch("classes") == ChangeClass.allCases.map(\.rawValue).sorted())
    #expect(inMatch("kinds") == Kind.allCases.map(\.rawValue).sorted())
    #expect(
      list("workspace", "$defs", "role", "properties", "may", "items").sorted()
        == Permission.allCases.map(\.rawValue).sorted())
    #expect(
      list("definitions", "$defs", "metric", "properties", "aggregation").sorted()
        == Aggregation.allCases.map(\.rawValue).sorted())
  }
}
