// What the author of a schema probably meant by a keyword that the draft does not have. It is one
// letter off, or it is a keyword of another draft or of OpenAPI, where it does check something.

internal import Documents

enum Doubt {
  /// Known by editors, or marked as the author's own: it means to check nothing.
  static func isAnnotation(_ keyword: String) -> Bool {
    keyword.hasPrefix("x-") || annotations.contains(Text(keyword))
  }

  /// The keyword that was probably meant, or that has taken the place of this one.
  static func meant(by keyword: String) -> String? {
    successors[Text(keyword)] ?? Spelling.closest(to: keyword, among: names)
  }

  private static let names = KnownKeyword.byName.keys.map(\.string).sorted()

  private static let annotations: Set<Text> = [
    "markdownDescription", "enumDescriptions", "markdownEnumDescriptions", "defaultSnippets",
    "deprecationMessage", "errorMessage", "patternErrorMessage",
  ]

  private static let successors: [Text: String] = [
    "id": "$id", "$recursiveRef": "$dynamicRef", "$recursiveAnchor": "$dynamicAnchor",
    "additionalItems": "items", "divisibleBy": "multipleOf", "extends": "allOf",
    "disallow": "not", "nullable": "type", "example": "examples",
  ]
}
