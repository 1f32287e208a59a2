// Limits at their boundary: what just fits is taken, and one more is refused or divided.

import Documents
import FlagstaffCore
import Testing

@Suite("Limits")
struct LimitTests {
  @Test("As many units as the limit may be forced to a variant, and not one more")
  func forcedUnits() throws {
    func validate(units: Int) throws -> Ended {
      let names = (0..<units).map { "unit-\($0)" }.joined(separator: ", ")
      let repository = try DefinitionsRepository([
        "flagstaff.yaml": DefinitionsRepository.workspace,
        "definitions/a.yaml": """
        flagstaff: v1
        experiments:
          e:
            traffic: 10%
            control: a
            variants: {a: {weight: 1, payload: 1}, b: {weight: 1, payload: 2}}
            environments: {production: {}}
            force: {b: [\(names)]}

        """,
      ])
      return try Running(
        Programs.flagstaff, ["validate", repository.path], variables: Programs.variables, in: "/"
      ).wait()
    }
    let fits = try validate(units: Limits.forcedUnitsMax)
    #expect(fits.code == 0, "\(fits)")
    let tooMany = try validate(units: Limits.forcedUnitsMax + 1)
    #expect(tooMany.code == 3, "\(tooMany)")
    #expect(
      tooMany.output.contains(
        "definitions/a.yaml:8:13: error FS2033: \(Limits.forcedUnitsMax + 1) units are forced"),
      "\(tooMany)")
  }

  @Test("A part is filled to its last byte; one more byte divides it")
  func partBytes() throws {
    func layout(_ filling: Int) throws -> PartLayout {
      try Publication.project(Self.state(filling: filling)).server
    }
    let empty = try layout(0)
    #expect(empty.parts.isEmpty)
    let filling = Limits.partBytesMax - empty.index.bytes.count
    let full = try layout(filling)
    #expect(full.parts.isEmpty)
    #expect(full.index.bytes.count == Limits.partBytesMax)
    let divided = try layout(filling + 1)
    #expect(divided.parts.count == 2)
    #expect(divided.parts.allSatisfy { $0.bytes.count < Limits.partBytesMax })
  }

  /// A scope of flags, the first of which has a value with so many more letters.
  private static func state(filling: Int) throws -> ScopeState {
    let instant = try #require(Instant("2026-11-23T12:00:00Z"))
    var definitions: [Identity: RegisteredDefinition] = [:]
    for number in 0..<16 {
      let letters = number % 2 == 0 ? filling / 8 : 0
      let rest = number == 0 ? filling % 8 : 0
      let definition = flag("flag-\(number)", value: String(repeating: "x", count: letters + rest))
      definitions[definition.identity] = RegisteredDefinition(
        definition, generation: 1, created: instant,
        recorded: .flag(RecordedFlag(steps: [], splits: [])))
    }
    return ScopeState(
      scope: ScopeID(environment: "production", customer: "acme"), version: 1,
      commit: String(repeating: "c", count: 40), instant: instant, definitions: definitions,
      tombstones: [:], rests: [])
  }

  private static func flag(_ key: String, value: String) -> ResolvedDefinition {
    ResolvedDefinition(
      Identity(.flag, key),
      form: .fields([
        "kind": .string("flag"), "key": .string(key), "bucketBy": .string("targetingKey"),
        "variants": .fields(["a": .string(value)]), "off": .string("a"), "default": .string("a"),
        "enabled": .boolean(true), "visibility": .string("server"), "rules": .sequence([]),
      ]), location: nil)
  }
}
