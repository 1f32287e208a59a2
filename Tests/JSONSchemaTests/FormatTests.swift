// Whether a format is checked is said by whoever compiles the schema, or by its meta-schema. What
// each format allows is tested by the official suite; here stands what the suite leaves out.

import Documents
import JSONSchema
import Testing

struct FormatTests {
  @Test("A format is an annotation unless the caller asks for its assertion")
  func policy() throws {
    let node = try JSONReader.read(#"{"format": "date"}"#)
    let annotated = try JSONSchema("s", among: ["s": node])
    let asserted = try JSONSchema("s", among: ["s": node], formats: .asserted)
    #expect(annotated.violations(of: .string("tomorrow")).isEmpty)
    #expect(asserted.violations(of: .string("2026-02-29")).map(\.code.rawValue) == ["FS1104"])
    #expect(asserted.violations(of: .string("2028-02-29")).isEmpty)
    #expect(asserted.violations(of: .integer(5)).isEmpty)
  }

  @Test(
    "Formats follow their standards",
    arguments: [
      ("email", "a@b.example", true), ("email", "a b@c", false), ("email", "a@b..c", false),
      ("email", "a@[IPv6:::1]", true), ("email", "a@[::1]", false), ("hostname", "a_b", false),
      ("uri", "https://example.com/a?b=c#d", true), ("uri", "example.com", false),
      ("uri", "https://example.com/ä", false), ("iri", "https://example.com/ä", true),
      ("uri-reference", "/checkout/%20", true), ("uri-reference", "/a b", false),
      ("uuid", "5b7d5f0e-0000-4000-8000-000000000000", true), ("uuid", "5b7d5f0e", false),
      ("duration", "P1Y2M3DT4H", true), ("duration", "P1Y3D", false), ("duration", "P", false),
      ("duration", "P1DT", false), ("duration", "P2W", true), ("duration", "P1W2D", false),
      ("date-time", "2026-11-23T09:00:00Z", true), ("date-time", "2026-11-23 09:00:00Z", false),
      ("json-pointer", "/a~1b", true), ("json-pointer", "a", false), ("ipv4", "1.2.3.04", false),
      ("regex", "^[a-z]+$", true), ("regex", "(?<=a+)b", true), ("regex", "a**", false),
      ("regex", #"\Z"#, false),
    ])
  func format(name: String, text: String, isAllowed: Bool) throws {
    let node = Node.fields(["format": .string(name)])
    let schema = try JSONSchema("s", among: ["s": node], formats: .asserted)
    #expect(schema.violations(of: .string(text)).isEmpty == isAllowed)
  }

  @Test(
    "Patterns follow ECMA-262",
    arguments: [
      ("^\\d$", "٣", false), ("^\\w$", "é", false), ("^a$", "a\n", false),
      ("^\\p{Letter}$", "é", true), ("^\\P{Letter}$", "é", false), ("^\\p{Lu}$", "É", true),
      ("^.$", "😀", true), ("^\\u0061$", "a", true), ("b", "abc", true),
      ("^[^]$", "x", true), ("^\\p{Script=Greek}$", "α", true), ("^.$", "\u{2028}", false),
      ("^\\s\\S$", "\u{feff}x", true), ("^[\\S]$", "\u{3000}", false), ("^[\\s_]+$", " _", true),
      ("^\\u{1F600}$", "😀", true), ("^\\uD83D\\uDE00$", "😀", true), ("\\uD83D", "😀", false),
      ("^\\v$", "\u{b}", true), ("^\\v$", "\n", false), ("^[[]$", "[", true),
      ("^[[:alpha:]]$", "a]", true), ("^\\x41\\cJ$", "A\n", true), ("^a{,2}$", "a{,2}", true),
      ("^(a)|b\\1$", "b", true), ("^(?<n>a)\\k<n>$", "aa", true), ("^\\-\\/$", "-/", true),
      ("^\\p{gc=digit}\\p{Assigned}$", "٣a", true), ("^[]", "", false), ("^\\0$", "\0", true),
    ])
  func dialect(pattern: String, text: String, matches: Bool) throws {
    let schema = try JSONSchema("s", among: ["s": .fields(["pattern": .string(pattern)])])
    #expect(schema.violations(of: .string(text)).isEmpty == matches)
  }

  @Test(
    "What ECMA-262 does not have is refused, though PCRE2 has it",
    arguments: [
      "(?P<n>a)", "(?i)a", "(?#x)", "(?>a)", "(?|a)", "(?R)", "(*FAIL)", "a++", "a*+", "\\A", "\\z",
      "\\Qa\\E", "\\h", "\\R", "\\K", "\\e", "(?(1)a)", "\\x4", "\\u00", "\\p", "\\c1", "a\\",
      "[\\1]",
      "\\1", "(?'n'a)",
    ])
  func notECMA(pattern: String) {
    #expect(throws: SchemaError.self) {
      try JSONSchema("s", among: ["s": .fields(["pattern": .string(pattern)])])
    }
  }
}
