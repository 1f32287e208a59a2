// Snapshots and contexts that nobody thought of: every operator, every form of rule, groups that
// share a hash and keep a holdout, Unicode in keys, names and units, attributes of the wrong type,
// numbers in every spelling. They are made as JSON text, and are the same in every run of a seed.

import TestHarness

struct RandomSnapshots {
  /// A snapshot in one document, or as an index and its parts.
  struct Sample {
    var index: String
    var parts: [(digest: String, text: String)]
  }

  private var random: SeededGenerator

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  mutating func sample() -> Sample {
    var definitions = experiments()
    definitions += flags()
    if !chance(30) { return Sample(index: Self.part(definitions), parts: []) }
    let prefixes = chance(50) ? ["0", "1"] : ["0", "10", "11"]
    var groups = [[String]](repeating: [], count: prefixes.count)
    for definition in definitions { groups[number(0...(groups.count - 1))].append(definition) }
    let parts = groups.enumerated().map { place, group in
      (digest: String(repeating: "\(place)a", count: 32), text: Self.part(group))
    }
    let entries = zip(prefixes, parts).map { prefix, part in
      #"{"prefix":"\#(prefix)","digest":"\#(part.digest)","length":\#(part.text.utf8.count)}"#
    }
    let index = #"{"format":1,"parts":[\#(entries.joined(separator: ","))]}"#
    return Sample(index: index, parts: parts)
  }

  private static func part(_ definitions: [String]) -> String {
    #"{"definitions":[\#(definitions.joined(separator: ","))],"format":1}"#
  }

  /// A context: most attributes are there, most of their right type.
  mutating func context() -> String {
    var members: [String] = []
    if chance(90) { members.append(#""targetingKey":\#(unit())"#) }
    if chance(60) { members.append(#""account":\#(unit())"#) }
    for attribute in RandomConditions.attributes where chance(75) {
      let value = chance(85) ? pick(attribute.values) : pick(RandomConditions.odd)
      members.append("\(attribute.name):\(value)")
    }
    return "{\(members.joined(separator: ","))}"
  }

  private mutating func unit() -> String {
    chance(80) ? #""user-\#(number(0...5_000))""# : pick(Self.units)
  }

  private static let units = [
    "42", "42.0", "4.2e1", "-7", "0", "-0", "-0.0", "9007199254740991", "9007199254740992",
    "1e300", "1.5", #""""#, "null", "true", #"["user-1"]"#, #"{"a":1}"#, #""qa-1""#, #""42""#,
    #""ünït""#, #""\u00fcn\u00eft""#, #""u\u0308n""#, #""日本語""#, #""🏴\u200d☠️""#,
    #""\ud83d\ude00""#, #""\u0000""#, #"" ""#, "12345678901234567890", "1e-7",
  ]
}

extension RandomSnapshots {
  mutating func chance(_ percent: Int) -> Bool { number(0...99) < percent }

  mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(random.next() >> 33) % range.count
  }

  mutating func pick<Element>(_ list: [Element]) -> Element { list[number(0...(list.count - 1))] }
}

extension RandomSnapshots {
  private static let experimentKeys = ["one", "two", "three", "größe-4", "absent"]
  private static let variants = ["a", "b", "ç"]

  /// Two that may share a group, and two that stand alone; the latter may be flagless.
  private mutating func experiments() -> [String] {
    let isGrouped = chance(50)
    let border = number(1...9_000)
    return (0...3).map { place in
      var traffic = ranges(1)
      if isGrouped, place < 2 {
        traffic = place == 0 ? "[[0,\(border)]]" : "[[\(border),9800]]"
      }
      let salt = isGrouped && place < 2 ? "group/" : "id-\(place)"
      return experiment(place, trafficSalt: salt, traffic: traffic)
    }
  }

  private mutating func experiment(
    _ place: Int, trafficSalt: String, traffic: String
  ) -> String {
    let names = Array(Self.variants.prefix(number(2...3)))
    let isFlagless = place > 1 && chance(35)
    let owned = dealt(names.count)
    let variants = zip(names, owned).map { name, ranges in
      let payload = isFlagless ? #","payload":\#(pick(RandomConditions.odd))"# : ""
      return #"{"key":"\#(name)","ranges":\#(ranges)\#(payload)}"#
    }
    let isLive = chance(80)
    var text = #"{"kind":"experiment","key":"\#(Self.experimentKeys[place])","id":"id-\#(place)""#
    text +=
      #","hash":1,"live":\#(isLive),"bucketBy":\#(bucketBy()),"trafficSalt":"\#(trafficSalt)""#
    text += #","traffic":\#(traffic),"salt":"id-\#(place)/1/","control":"\#(pick(names))""#
    text += #","variants":[\#(variants.joined(separator: ","))],"force":\#(force(names))"#
    if chance(50) { text += #","targeting":\#(condition(depth: 0))"# }
    if chance(isLive ? 5 : 40) { text += #","winner":"\#(pick(names))""# }
    if chance(15) {
      text += #","splitUrl":{"path":"/a","urls":{"\#(pick(names))":"https://b.example/ü"}}"#
    }
    return text + "}"
  }

  private mutating func bucketBy() -> String {
    chance(70) ? #""targetingKey""# : chance(80) ? #""account""# : #""größe.日本""#
  }

  private mutating func force(_ names: [String]) -> String {
    guard chance(40) else { return "{}" }
    let first = chance(50) ? #""qa-1","42","ünït""# : ""
    return #"{"\#(names[0])":[\#(first)],"\#(names[1])":["user-7","-7","日本語"]}"#
  }

  /// Ascending ranges, at most some, perhaps none.
  private mutating func ranges(_ countMax: Int) -> String {
    if chance(40) { return "[[0,10000]]" }
    return dealt(countMax)[0]
  }

  /// Ranges of several owners: pieces between random cuts, a few of which nobody owns.
  private mutating func dealt(_ count: Int) -> [String] {
    let cuts = Set((0...number(1...6)).map { _ in number(1...9_999) }).union([0, 10_000]).sorted()
    var owned = [[String]](repeating: [], count: count)
    for (from, to) in zip(cuts, cuts.dropFirst()) where !chance(10) {
      owned[number(0...(count - 1))].append("[\(from),\(to)]")
    }
    return owned.map { "[\($0.joined(separator: ","))]" }
  }
}

extension RandomSnapshots {
  private mutating func flags() -> [String] {
    let types = [
      ("number", ["1", "2.5", "-1e21"]), ("boolean", ["true", "false", "true"]),
      ("string", [#""x""#, #""""#, #""日\n""#]), ("object", [#"{"b":[],"a":null}"#, "{}", "{}"]),
      ("array", ["[]", "[1,[2]]", "[null]"]),
    ]
    return ["plain", "f-1", "f.2", "ключ"].map { key in
      let (type, values) = pick(types)
      let variants = zip(Self.variants, values).map { #""\#($0)":\#($1)"# }
      let rules = (0..<number(0...4)).map { rule($0, of: key) }
      var text = #"{"kind":"flag","key":"\#(key)","type":"\#(type)""#
      text += #","variants":{\#(variants.joined(separator: ","))}"#
      text += #","off":"\#(pick(Self.variants))","default":"\#(pick(Self.variants))""#
      text += #","enabled":\#(!chance(7)),"killed":\#(chance(4)),"bucketBy":\#(bucketBy())"#
      return text + #","rules":[\#(rules.joined(separator: ","))]}"#
    }
  }

  private mutating func rule(_ place: Int, of flag: String) -> String {
    let when = chance(50) ? #""when":\#(condition(depth: 0)),"# : ""
    let names = #""key":"r\#(place)","id":"\#(flag)/r\#(place)","#
    switch number(0...9) {
    case 0: return #"{\#(when)"serve":"\#(pick(Self.variants))"}"#
    case 1...3:
      let share = pick([0, 1, 2_500, 5_000, 9_999, 10_000])
      return #"{\#(names)\#(when)"share":\#(share),"serve":"\#(pick(Self.variants))"}"#
    case 4...6:
      let pieces = dealt(3)
      let split = zip(Self.variants, pieces).map { #"{"key":"\#($0)","ranges":\#($1)}"# }
      return #"{\#(names)\#(when)"split":[\#(split.joined(separator: ","))]}"#
    default:
      // The latter two may be flagless, which a rule must not use.
      let experiment = pick([0, 1, 4])
      let condition = chance(15) ? when : ""
      return #"{\#(condition)"experiment":"\#(Self.experimentKeys[experiment])"}"#
    }
  }

  mutating func condition(depth: Int) -> String {
    switch number(0...(depth > 2 ? 5 : 9)) {
    case 0...5:
      let attribute = pick(RandomConditions.attributes)
      let tests = chance(85) ? attribute.tests : pick(RandomConditions.attributes).tests
      let (name, operand) = pick(tests)
      return #"{"attribute":\#(attribute.name),"operator":"\#(name)","value":\#(operand)}"#
    case 6: return #"{"not":\#(condition(depth: depth + 1))}"#
    case let form:
      let members = (0..<number(1...3)).map { _ in condition(depth: depth + 1) }
      return #"{"\#(form < 8 ? "all" : "any")":[\#(members.joined(separator: ","))]}"#
    }
  }
}

/// Attributes, values and what may be asked of them, as JSON.
enum RandomConditions {
  static let attributes: [(name: String, values: [String], tests: [(String, String)])] = [
    (
      #""country""#, [#""US""#, #""CA""#, #""DE""#, #""us""#, #""""#, #""\u0055S""#],
      [
        ("equals", #""US""#), ("notEquals", #""DE""#), ("in", #"["CA","US"]"#),
        ("notIn", #"["DE"]"#), ("exists", "true"), ("exists", "false"), ("in", "[]"),
      ]
    ),
    (
      #""age""#,
      [
        "17", "18", "18.0", "1.8e1", "17.999999999999996", "-0.0", "9007199254740993", "1e300",
        "5e-324", "-18", "1E2", "0.1e1", "123456789012345678901234567890",
      ],
      [
        ("lessThan", "18"), ("lessOrEqual", "18"), ("greaterThan", "17.5"),
        ("greaterOrEqual", "18.0"), ("equals", "18"), ("notEquals", "1e2"), ("in", "[1,18,\"18\"]"),
        ("greaterThan", "9007199254740992"), ("lessThan", "5e-324"), ("contains", "18"),
      ]
    ),
    (
      #""version""#,
      [
        #""1.2.0""#, #""2.0.0-rc.1""#, #""2.0.0""#, #""1.10.0+x.y""#, #""1.2""#, #""01.2.0""#,
        #""1.2.0-alpha.10""#, #""1.2.0-alpha.9""#, #""1.2.0-alpha.beta""#, #""1.2.0-01""#,
        #""99999999999999999999.0.0""#,
      ],
      [
        ("semver", #"">=1.2.0 <2.0.0""#), ("semver", #""1.2.0""#), ("semver", #"">1.2.0-alpha.9""#),
        ("semver", #""<=1.2.0-alpha.beta""#), ("semver", #""=2.0.0+ignored""#),
        ("semver", #"">99999999999999999998.0.0""#), ("startsWith", #""1.""#),
      ]
    ),
    (
      #""email""#, [#""a@acme.example""#, #""b@other.example""#, #""A@ACME.EXAMPLE""#, #""@""#],
      [
        ("endsWith", #""@acme.example""#), ("startsWith", #""a""#), ("contains", #""@""#),
        ("contains", #""""#), ("endsWith", #""""#), ("notIn", #"["@",5,true]"#),
      ]
    ),
    (
      #""tags""#,
      [#"["beta"]"#, "[]", #"["a",5,true,null]"#, #"[["beta"]]"#, #""alphabeta""#, "[5.0]"],
      [
        ("contains", #""beta""#), ("contains", "5"), ("contains", "true"), ("exists", "true"),
        ("notEquals", #""beta""#),
      ]
    ),
    (
      #""signup""#,
      [
        #""2026-01-01T00:00:00Z""#, #""2025-12-31T23:59:59Z""#, #""2024-02-29T12:00:00Z""#,
        #""2025-02-29T12:00:00Z""#, #""2026-01-01T00:00:00+00:00""#, #""2026-01-01""#,
        #""0000-01-01T00:00:00Z""#, #""2026-01-01T00:00:60Z""#,
      ],
      [
        ("before", #""2026-01-01T00:00:00Z""#), ("after", #""2025-12-31T23:59:58Z""#),
        ("after", #""0000-01-01T00:00:00Z""#), ("before", #""9999-12-31T23:59:59Z""#),
      ]
    ),
    (
      #""größe.日本""#, [#""é""#, #""e\u0301""#, #""\u00e9""#, #""🏴\u200d☠️""#, #""日本語""#],
      [
        ("equals", #""é""#), ("notEquals", #""e\u0301""#), ("startsWith", #""e""#),
        ("endsWith", #""\u0301""#), ("contains", #""本""#), ("in", #"["é","🏴\u200d☠️"]"#),
        (
          "in",
          #"["a","b","c","d","e","f","g","h","é","日本語"]"#
        ),
      ]
    ),
  ]

  static let odd = [
    "null", "true", "false", "0", "-1", "1.5", "1e300", #""""#, #""5""#, #""true""#, "[]", "{}",
    #"["US"]"#, #"{"a":{"b":[1,null]}}"#, #""\u0000""#, "[[]]", #""18""#,
  ]
}
