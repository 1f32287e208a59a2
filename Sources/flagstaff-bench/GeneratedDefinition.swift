// The YAML of one generated definition. Its key, its type and its constructs follow from its index,
// so that every construct appears in every large enough customer; lists, numbers and prose are
// drawn. Prose fills a file up to about 5 KB, the size at which the product is measured.

/// One flag, experiment or segment of a customer.
struct GeneratedDefinition {
  enum Kind: String {
    case flag, experiment, segment
  }

  let customer: CustomerShape
  let kind: Kind
  let index: Int
  var random: SplitMix64

  /// The folder inside the customer's, and the file.
  var path: String { "\(area)/\(key).yaml" }

  /// The text of a file that holds this definition, and another beside it where one is given.
  func file(beside other: GeneratedDefinition? = nil) -> String {
    var text = YAMLText()
    text.line(0, "flagstaff: v1")
    text.line(0, "owner: \(Vocabulary.owners[index % Vocabulary.owners.count])")
    var all = [self]
    if let other { all.append(other) }
    for definition in all {
      var definition = definition
      text.line(0, "")
      text.line(0, "\(definition.kind.rawValue)s:")
      text.text += definition.body()
    }
    return text.text
  }

  private mutating func body() -> String {
    let bytesTarget = 4_150 + random.below(1_600)
    var structure = YAMLText()
    switch kind {
    case .flag: writeFlag(&structure)
    case .experiment: writeExperiment(&structure)
    case .segment: writeSegment(&structure)
    }
    var prose = YAMLText()
    let opening = kind == .segment ? "# " : ""
    let depth = kind == .segment ? 1 : 3
    repeat {
      prose.line(depth, opening + Vocabulary.sentence(&random, area: area))
    } while prose.text.utf8.count + structure.text.utf8.count < bytesTarget
    // A segment is its condition and nothing else, so its prose is a comment.
    if kind == .segment { return prose.text + "  \(key):\n" + structure.text }
    return "  \(key):\n    description: >-\n" + prose.text + structure.text
  }
}

extension GeneratedDefinition {
  private var area: String {
    customer.sharedSegments == 0 ? "audiences" : Vocabulary.areas[index % Vocabulary.areas.count]
  }

  private var key: String { Self.key(kind, index, isShared: customer.sharedSegments == 0) }

  private static func key(_ kind: Kind, _ index: Int, isShared: Bool = false) -> String {
    let subjects = Vocabulary.subjects
    let subject = subjects[(index * 7 + kind.rawValue.utf8.count) % subjects.count]
    let suffix = kind == .segment ? (isShared ? "everywhere" : "audience") : kind.rawValue
    return "\(subject)-\(suffix)-\(index)"
  }

  /// The variants of a flag and of the experiment that drives it; nil for a boolean.
  private var variants: [String]? {
    let isFlagless = kind == .experiment && customer.isFlagless(experiment: index)
    let isBoolean = index % 3 == 0 && !customer.isLarge && !isFlagless
    return isBoolean ? nil : Vocabulary.variants[index % Vocabulary.variants.count]
  }

  private var control: String { variants?.first ?? "false" }
  private var treatment: String { variants?.last ?? "true" }

  /// A segment that exists: mostly a shared one, every third time one of the customer's own.
  private func segment(_ draw: Int) -> String {
    if draw % 3 == 0, customer.segments > 0 { return Self.key(.segment, draw % customer.segments) }
    return Self.key(.segment, draw % customer.sharedSegments, isShared: true)
  }
}

extension GeneratedDefinition {
  private mutating func writeFlag(_ text: inout YAMLText) {
    text.line(
      2, "labels: {tier: \(random.pick(Vocabulary.tiers)), quarter: 2026-q\(index % 4 + 1)}")
    if index % 4 == 0 { text.line(2, "visibility: client") }
    if index % 6 == 0 { text.line(2, "bucketBy: accountId") }
    if let variants {
      text.line(2, "variants:")
      for variant in variants { writeValue(&text, 3, variant) }
      text.line(2, "off: \(control)")
      if index % 5 == 0 { text.line(2, "default: \(variants[1])") }
      if isObject { text.lines(2, Vocabulary.valueSchema) }
    }
    text.line(2, "environments:")
    text.line(3, index % 13 == 5 ? "production: {enabled: false}" : "production: {}")
    switch index % 7 {
    case 1: text.line(3, "staging: {default: \(treatment)}")
    case 2: text.line(3, "staging: {enabled: false}")
    case 3: text.line(3, "staging: {rules: [{serve: \(treatment)}]}")
    case 4: break
    default: text.line(3, "staging: {}")
    }
    writeRules(&text)
  }

  private var isObject: Bool { variants != nil && (customer.isLarge || index % 3 == 2) }

  private mutating func writeValue(_ text: inout YAMLText, _ depth: Int, _ variant: String) {
    guard isObject else {
      return text.line(depth, "\(variant): \(area)-\(variant)-v\(index % 9 + 1)")
    }
    text.line(depth, "\(variant):")
    writeObject(&text, depth + 1, modules: customer.isLarge ? 7 : 2)
  }

  /// An object that meets `Vocabulary.valueSchema`.
  private mutating func writeObject(_ text: inout YAMLText, _ depth: Int, modules: Int) {
    text.line(depth, "layout: \(random.pick(Vocabulary.layouts))")
    text.line(depth, "columns: \(random.below(4) + 1)")
    text.line(depth, "timeoutMilliseconds: \(random.below(40) * 25 + 100)")
    text.line(depth, "lazyImages: \(random.below(2) == 0)")
    text.line(depth, "headline: \"\(random.pick(Vocabulary.headlines))\"")
    text.line(depth, "modules:")
    for module in 0..<modules {
      let subject = random.pick(Vocabulary.subjects)
      text.line(depth + 1, "- name: \(subject)-\(module)")
      text.line(depth + 2, "title: \"\(random.pick(Vocabulary.headlines))\"")
      text.line(depth + 2, "weight: 0.\(random.below(9) + 1)")
    }
  }

  private mutating func writeRules(_ text: inout YAMLText) {
    text.line(2, "rules:")
    text.line(3, "- {when: {segment: \(segment(index))}, serve: \(treatment)}")
    for rule in 0..<(2 + random.below(2)) {
      text.line(3, "- when:")
      let draw = random.below(100)
      Conditions.siblings(&text, 5, &random, count: 2, long: customer.isLarge)
      if draw % 4 == 0 {
        let others = Set([segment(1), segment(draw * 3 + 2)]).sorted()
        text.line(5, "not: {segment: [\(others.joined(separator: ", "))]}")
      }
      // Of several variants each is served, as in any flag that somebody looks after.
      let served = variants.map { $0[min(rule + 1, $0.count - 1)] }
      text.line(4, "serve: \(served ?? (rule == 0 ? control : treatment))")
    }
    if customer.hasExperiment(flag: index) {
      text.line(3, "- experiment: \(Self.key(.experiment, index))")
    }
    if index % 2 == 0 {
      text.line(3, "- key: share-of-\(Vocabulary.areas[index % Vocabulary.areas.count])")
      text.line(4, "when:")
      Conditions.nested(&text, 5, &random)
      text.line(4, "split:")
      text.line(5, "\"\(control)\": \(60 + random.below(30))")
      text.line(5, "\"\(treatment)\": \(10 + random.below(30))")
    }
    text.line(3, "- key: ramp")
    text.line(4, "serve: \(treatment)")
    guard index % 3 != 1 else { return text.line(4, "rollout: \(random.below(90) + 5).25%") }
    text.line(4, "rollout:")
    for (instant, share) in zip(Vocabulary.steps, ["2.5%", "10%", "33.33%", "100%"]) {
      text.line(5, "\(instant): \(share)")
    }
  }
}

extension GeneratedDefinition {
  private mutating func writeExperiment(_ text: inout YAMLText) {
    text.line(2, "hypothesis: \(random.pick(Vocabulary.hypotheses))")
    text.line(2, "labels: {tier: \(random.pick(Vocabulary.tiers)), review: q\(index % 4 + 1)}")
    if index % 9 == 2 { text.line(2, "bucketBy: accountId") }
    if index % 12 == 7 { text.line(2, "salt: adopted-\(key)-\(random.below(1_000_000))") }
    writeStatus(&text)
    text.line(2, "traffic: \(5 + random.below(90)).5%")
    text.line(2, "targeting:")
    Conditions.siblings(&text, 3, &random, count: 3, long: customer.isLarge)
    if index % 3 == 0 { Conditions.nested(&text, 3, &random) }
    text.line(3, "not: {segment: \(segment(index * 5 + 1))}")
    let names = variants ?? ["false", "true"]
    let primary = index % 2 == 0 ? "conversion" : "revenue"
    text.line(2, "metrics: {primary: [\(primary)], guardrails: [errors]}")
    text.line(2, "control: \(control)")
    text.line(2, "variants:")
    // In quotes wherever it is a key, since other readers of YAML take `true` for no string.
    for (place, name) in names.enumerated() {
      let weight = place == 0 ? 50 : 10 + random.below(40)
      guard customer.isFlagless(experiment: index) else {
        text.line(3, "\"\(name)\": \(weight)")
        continue
      }
      text.line(3, "\"\(name)\":")
      text.line(4, "weight: \(weight)")
      text.line(4, "payload:")
      writeObject(&text, 5, modules: customer.isLarge ? 9 : 2)
    }
    if index % 4 == 1 {
      text.line(2, "force:")
      text.line(3, "\"\(control)\": [qa-\(index)-1, qa-\(index)-2]")
      text.line(3, "\"\(treatment)\": [qa-\(index)-3]")
    }
    writeExperimentEnvironments(&text)
  }

  private func writeStatus(_ text: inout YAMLText) {
    switch index % 10 {
    case 5:
      text.line(2, "status: running")
      text.line(2, "schedule: {start: 2027-02-01T09:00:00Z, end: 2027-03-15T09:00:00Z}")
    case 6:
      text.line(2, "status: paused")
      text.line(2, "phase: 3")
    case 7:
      text.line(2, "status: completed")
      text.line(2, "schedule: {start: 2026-03-02T09:00:00Z, end: 2026-05-11T09:00:00Z}")
      text.line(2, "winner: \(treatment)")
    case 8:
      text.line(2, "status: draft")
    case 9:
      text.line(2, "status: running")
      text.line(2, "schedule: {start: 2026-10-05T09:00:00Z, end: 2027-06-28T09:00:00Z}")
      text.line(2, "winner: \(control)")
    default:
      text.line(2, "status: running")
      text.line(2, "phase: \(index % 3 + 1)")
    }
  }

  private func writeExperimentEnvironments(_ text: inout YAMLText) {
    text.line(2, "environments:")
    text.line(3, "production: {}")
    switch index % 5 {
    case 0: text.line(3, "staging: {traffic: 100%}")
    case 1: text.line(3, "staging: {force: {\"\(treatment)\": [staging-\(index)]}}")
    case 2: text.line(3, "staging: {status: running, targeting: {platform: [web, ios, android]}}")
    case 3: text.line(3, "staging: {status: running, traffic: 50%, phase: 4}")
    default: break
    }
  }

  private mutating func writeSegment(_ text: inout YAMLText) {
    if customer.sharedSegments == 0 {
      // Shared segments stay small: they are compiled into every definition that names them.
      return Conditions.siblings(&text, 2, &random, count: 2, long: false)
    }
    text.line(2, "any:")
    text.line(3, "- all:")
    text.line(
      5, "- segment: \(Self.key(.segment, index % customer.sharedSegments, isShared: true))")
    text.line(5, "- accountId:")
    text.line(7, "in: \(Conditions.accounts(&random, count: 30, depth: 7))")
    text.line(3, "- any:")
    text.line(5, "- postalCode: \(Conditions.postalCodes(&random, count: 24, depth: 6))")
    text.line(5, "- email: {endsWith: \"@\(Vocabulary.subjects[index % 20]).example\"}")
    text.line(3, "- all:")
    for _ in 0..<2 {
      text.line(5, "-")
      Conditions.siblings(&text, 6, &random, count: 2, long: false)
    }
  }
}
