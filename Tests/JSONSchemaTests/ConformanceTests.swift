// The official JSON Schema Test Suite, draft 2020-12, from the folder that `FLAGSTAFF_CONFORMANCE`
// names. Files whose keywords are implemented must pass whole; of others each group that is left
// out stands in a list, and must indeed be refused when it is compiled.

import Documents
import Foundation
import JSONSchema
import Testing

struct ConformanceTests {
  static let folder = ProcessInfo.processInfo.environment["FLAGSTAFF_CONFORMANCE"]
    .map { URL(filePath: $0).appending(path: "json-schema") }

  static let wholeFiles = [
    "allOf", "anyOf", "boolean_schema", "const", "default", "dependentRequired", "enum",
    "exclusiveMaximum", "exclusiveMinimum", "if-then-else", "infinite-loop-detection", "items",
    "maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength",
    "minProperties", "minimum", "multipleOf", "oneOf", "pattern", "patternProperties",
    "prefixItems", "properties", "propertyNames", "required", "type", "uniqueItems",
    "optional/bignum", "optional/float-overflow", "optional/no-schema",
    "optional/non-bmp-regex",
  ]

  /// Files of which some groups use what is not implemented. Each such group must be refused.
  static let partialFiles: [String: [String: String]] = [
    "additionalProperties": ["dependentSchemas with additionalProperties": "dependentSchemas"],
    "not": [
      "collect annotations inside a 'not', even if collection is disabled":
        "unevaluatedProperties"
    ],
    "ref": [
      "remote ref, containing refs itself": "the metaschema's $dynamicRef",
      "ref creates new scope when adjacent to keywords": "unevaluatedProperties",
      "refs with relative uris and defs": "$id below the root",
      "relative refs with absolute uris and defs": "$id below the root",
      "$id must be resolved against nearest parent, not just immediate parent":
        "$id below the root",
      "order of evaluation: $id and $ref": "$id below the root",
      "order of evaluation: $id and $anchor and $ref": "$id below the root",
      "order of evaluation: $id and $ref on nested schema": "$id below the root",
      "URN base URI with URN and anchor ref": "$anchor",
      "URN ref with nested pointer ref": "$id below the root",
      "ref to if": "$id below the root",
      "ref to then": "$id below the root",
      "ref to else": "$id below the root",
      "ref with absolute-path-reference": "$id below the root",
      "Recursive references between schemas": "$id below the root",
    ],
    "refRemote": [
      "anchor within remote ref": "$anchor",
      "base URI change": "$id below the root",
      "base URI change - change folder": "$id below the root",
      "base URI change - change folder in subschema": "$id below the root",
      "remote HTTP ref with nested absolute ref": "$id below the root",
      "Location-independent identifier in remote ref": "$anchor",
      "$ref to $ref finds detached $anchor": "$anchor",
    ],
  ]

  /// Files that are left out as wholes, and why.
  static let skippedFiles: [String: String] = [
    "anchor": "$anchor", "contains": "contains", "content": "content…",
    "defs": "the metaschema's $dynamicRef", "dependentSchemas": "dependentSchemas",
    "dynamicRef": "$dynamicRef", "format": "format", "maxContains": "contains",
    "minContains": "contains", "unevaluatedItems": "unevaluatedItems",
    "unevaluatedProperties": "unevaluatedProperties", "vocabulary": "$vocabulary",
  ]

  static let optionalSkipped = [
    "anchor", "cross-draft", "dependencies-compatibility", "dynamicRef", "ecmascript-regex",
    "format", "format-assertion", "id", "refOfUnknownKeyword", "unknownKeyword",
  ]

  static func json(_ url: URL) throws -> Node {
    try JSONReader.read([UInt8](Data(contentsOf: url)), depthMax: 200)
  }

  /// The schemas that the suite expects to be found at `http://localhost:1234/`.
  static func remotes(_ folder: URL) throws -> [String: Node] {
    var remotes: [String: Node] = [:]
    let root = folder.appending(path: "remotes")
    for path in try FileManager.default.subpathsOfDirectory(atPath: root.path)
    where path.hasSuffix(".json") {
      remotes["http://localhost:1234/" + path] = try? json(root.appending(path: path))
    }
    return remotes
  }

  struct Counts {
    var groups = 0
    var tests = 0
    var refused = 0
  }

  /// Runs one file; the groups of `unsupported` must be refused, all others must pass.
  static func run(
    _ file: String, in folder: URL, _ remotes: [String: Node], unsupported: [String: String] = [:]
  ) throws -> Counts {
    var counts = Counts()
    let url = folder.appending(path: "tests/draft2020-12/\(file).json")
    var left = Set(unsupported.keys)
    for group in try #require(json(url).sequence) {
      let name = try #require(group["description"]?.string)
      let root = try #require(group["schema"])
      let resources = remotes.merging(["test:root": root]) { first, _ in first }
      if left.remove(name) != nil {
        #expect(throws: SchemaError.self, "\(file): \(name)") {
          try JSONSchema("test:root", among: resources)
        }
        counts.refused += 1
        continue
      }
      let schema: JSONSchema
      do {
        schema = try JSONSchema("test:root", among: resources)
      } catch {
        Issue.record("\(file): \(name): \(error)")
        continue
      }
      counts.groups += 1
      for test in try #require(group["tests"]?.sequence) {
        let data = try #require(test["data"])
        let violations = schema.violations(of: data)
        let isExpected = test["valid"] == .boolean(true)
        #expect(
          violations.isEmpty == isExpected,
          "\(file): \(name): \(test["description"]?.string ?? "")")
        counts.tests += 1
      }
    }
    #expect(left.isEmpty, "\(file) has no groups of these names")
    return counts
  }

  @Test(
    "The official test suite passes",
    .enabled(
      if: folder != nil,
      "FLAGSTAFF_CONFORMANCE is not set, so the official JSON Schema tests did not run"))
  func suite() throws {
    let folder = try #require(Self.folder)
    let remotes = try Self.remotes(folder)
    var total = Counts()
    for (file, unsupported) in Self.wholeFiles.map({ ($0, [:]) }) + Array(Self.partialFiles) {
      let counts = try Self.run(file, in: folder, remotes, unsupported: unsupported)
      total.groups += counts.groups
      total.tests += counts.tests
      total.refused += counts.refused
    }
    print(
      "JSON Schema Test Suite: \(total.tests) tests in \(total.groups) groups of",
      "\(Self.wholeFiles.count) whole and \(Self.partialFiles.count) partial files;",
      "\(total.refused) groups refused as not supported;",
      "\(Self.skippedFiles.count) required and \(Self.optionalSkipped.count) optional left out")
  }

  @Test(
    "Every file of the official test suite is run or left out by name",
    .enabled(if: folder != nil, "FLAGSTAFF_CONFORMANCE is not set"))
  func everyFileIsNamed() throws {
    let folder = try #require(Self.folder).appending(path: "tests/draft2020-12")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
    let named = Set(Self.wholeFiles).union(Self.partialFiles.keys).union(Self.skippedFiles.keys)
    #expect(Set(names).subtracting(named) == [])
    let optional = try FileManager.default
      .contentsOfDirectory(atPath: folder.appending(path: "optional").path)
      .map { $0.hasSuffix(".json") ? String($0.dropLast(5)) : $0 }
      .filter { !named.contains("optional/" + $0) }
    #expect(Set(optional) == Set(Self.optionalSkipped))
  }
}
