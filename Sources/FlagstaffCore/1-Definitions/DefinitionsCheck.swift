// The checks of definitions against each other: identities, references, cycles. It walks the
// customers in key order and collects findings; it never stops at the first.

internal import Documents

struct DefinitionsCheck {
  private(set) var findings: [Finding] = []
  private(set) var customers: [String: CustomerDefinitions] = [:]
  private(set) var workspaceSource: WorkspaceSource?
  /// Who may do what; of use only where what all customers share has no findings.
  private(set) var trust: Trust?
  /// Known even where the workspace has findings, so that what it ignores is not reported beside
  /// them.
  private(set) var pathsIgnored: [IgnorePattern] = []
  var suggestions = Suggestions()
  private var shared: [String: SourceItem<SegmentSource>] = [:]
  /// What definitions of customers name, of segments and metrics.
  var used: Set<Identity> = []
  let hasCustomers: Bool
  private let files: [CheckedFile]
  /// Whether there is a file that may be the workspace under another name.
  private let isMisnamed: Bool
  /// Where each name was defined first: by customer, nil for shared/.
  private var places: [Owned: Location] = [:]
  /// Every id and salt of every customer, with the place where it was first given.
  private var salts: [Text: Location] = [:]
  /// Of the customer that is being checked.
  var conditions = ConditionTotal()
  /// The customers, nil for shared/, with a file that is no document.
  private var customersUnreadable: Set<String?> = []
  /// Those with a file of which something could not be used.
  private var customersIncomplete: Set<String?> = []

  /// Customers with a file of which nothing could be read.
  private(set) var customersUnread: Set<String> = []

  private struct Owned: Hashable {
    let customer: String?
    let identity: Identity
  }

  /// - Parameter missing: files that have something to say and are not among the others.
  init(_ files: [CheckedFile], missing: [String] = []) {
    self.files = files.sorted { $0.file.precedesInBytes($1.file) }
    hasCustomers = files.contains { Layout.isOfCustomers($0.file) }
    isMisnamed = missing.contains(Layout.workspaceMisnamed)
    let owners = Owners(hasCustomers: hasCustomers)
    customersIncomplete = Set(missing.map { owners.owner(of: $0) })
  }

  mutating func run() {
    readWorkspace()
    let kept = files.filter { file in !pathsIgnored.contains { $0.matches(file.file) } }
    var sharedMetrics: [String: SourceItem<MetricSource>] = [:]
    for file in kept where file.role == .shared {
      claim(file, customer: nil)
      for item in file.segments { shared[item.source.key] = item }
      for item in file.metrics { sharedMetrics[item.source.key] = item }
    }
    let shared = shared
    for file in kept {
      guard case .customer(let customer) = file.role else { continue }
      claim(file, customer: customer)
      add(file, to: customer)
    }
    let sharedSizes = checkSegments(shared, of: nil, using: [:])
    checkTotal()
    for customer in customers.keys.sorted(by: { $0.precedesInBytes($1) }) {
      customers[customer]?.sharedSegments = shared
      customers[customer]?.sharedMetrics = sharedMetrics
      if let definitions = customers[customer] {
        check(definitions, of: customer, using: sharedSizes)
      }
    }
    checkSharedUse(shared, sharedMetrics)
    checkTrust(kept)
  }

  private mutating func checkTrust(_ files: [CheckedFile]) {
    var check = TrustCheck(
      files.filter { $0.role == .governance }, workspace: workspaceSource, customers: customers,
      isWhole: files.allSatisfy(\.isValid), suggestions: suggestions)
    check.run()
    suggestions = check.suggestions
    findings += check.findings
    trust = check.trust
    checkOwners(of: files)
  }

  private mutating func readWorkspace() {
    if let file = files.first(where: { $0.role == .workspace }) {
      workspaceSource = file.workspace
      pathsIgnored = file.pathsIgnored
      return
    }
    guard !isMisnamed else {
      report(
        .noWorkspace, at: Location(file: Layout.workspaceMisnamed),
        "the repository has no workspace: a file of this name is not read",
        remedy: "Rename it to \(Layout.workspaceFile)")
      return
    }
    report(
      .noWorkspace, at: Location(file: Layout.workspaceFile), "the repository has no workspace",
      remedy: "Add \(Layout.workspaceFile) with `flagstaff: v1` and a `workspace` that has an"
        + " `id` and `environments`")
  }

  /// Records who defines a name, and reports a second definition with both places.
  private mutating func claim(_ file: CheckedFile, customer: String?) {
    if file.isUnreadable { customersUnreadable.insert(customer) }
    if !file.isValid { customersIncomplete.insert(customer) }
    if !file.isValid, file.isEmpty, let customer { customersUnread.insert(customer) }
    for (identity, position) in file.names {
      let location = Location(file: file.file, position: position)
      let own = Owned(customer: customer, identity: identity)
      let first = places[own] ?? places[Owned(customer: nil, identity: identity)]
      guard let first else {
        places[own] = location
        continue
      }
      customersIncomplete.insert(customer)
      report(
        .duplicateIdentity, at: location, "the \(identity) is defined twice",
        remedy: "Rename one of the two, or remove it",
        notes: [.init("first defined here", at: first)])
    }
  }

  private mutating func add(_ file: CheckedFile, to customer: String) {
    // Taken out while it grows, so that it is not copied.
    var definitions = customers.removeValue(forKey: customer) ?? CustomerDefinitions()
    for item in file.experiments { definitions.experiments[item.source.key] = item }
    for item in file.flags { definitions.flags[item.source.key] = item }
    for item in file.segments { definitions.segments[item.source.key] = item }
    for item in file.groups { definitions.groups[item.source.key] = item }
    for item in file.metrics { definitions.metrics[item.source.key] = item }
    customers[customer] = definitions
  }

  /// Whether something of the name is defined, or might be: what a file that cannot be read would
  /// have defined nobody knows, and its own finding says enough.
  func isNamed(_ kind: Kind, _ key: String, in customer: String?) -> Bool {
    let identity = Identity(kind, key)
    return customersUnreadable.contains(nil) || customersUnreadable.contains(customer)
      || places[Owned(customer: customer, identity: identity)] != nil
      || places[Owned(customer: nil, identity: identity)] != nil
  }

  /// The segments that a customer may name, nil for shared/.
  func segmentNames(of customer: String?) -> [String] {
    let own = customer.flatMap { customers[$0]?.segments.keys }.map(Array.init) ?? []
    return own + shared.keys
  }

  /// Whether a customer may use more than was read.
  func isIncomplete(_ customer: String?) -> Bool { customersIncomplete.contains(customer) }

  /// Whether some customer, or shared/, may use more than was read.
  var isAnyIncomplete: Bool { !customersIncomplete.isEmpty }

  mutating func report(
    _ code: Finding.Code, at location: Location, _ message: String, remedy: String,
    notes: [Finding.Note] = []
  ) {
    findings.append(Finding(code, at: location, message, remedy: remedy, notes: notes))
  }
}

extension DefinitionsCheck {
  private mutating func check(
    _ definitions: CustomerDefinitions, of customer: String,
    using sharedSizes: [String: ConditionSize]
  ) {
    let before = findings.count
    let sizes = checkSegments(definitions.segments, of: customer, using: sharedSizes)
    for item in definitions.experiments.values {
      checkEnvironments(item.source.environments.map(\.name), of: item.file)
      let targetings = item.source.environments.map(\.settings.targeting)
      for targeting in [item.source.settings.targeting] + targetings {
        check(targeting, of: customer, in: item.file, using: sizes)
      }
      checkMetrics(of: item, in: definitions, customer: customer)
    }
    for item in definitions.flags.values {
      checkEnvironments(item.source.environments.map(\.name), of: item.file)
      for rules in [item.source.settings.rules] + item.source.environments.map(\.settings.rules) {
        for rule in rules ?? [] {
          check(rule.when, of: customer, in: item.file, using: sizes)
          check(rule, of: item, in: definitions, customer: customer)
        }
      }
      checkLiveExperiments(item, in: definitions)
      checkFlaglessNames(item, in: definitions)
    }
    checkGroups(definitions, of: customer)
    checkSalts(definitions, of: customer)
    // Beside a wrong name, what it was meant to name would be called unused.
    if findings[before...].contains(where: { $0.severity == .error }) {
      customersIncomplete.insert(customer)
    }
    checkUse(definitions, of: customer)
    checkTotal()
  }

  private mutating func checkEnvironments(_ names: [Reference], of file: String) {
    guard let workspace = workspaceSource else { return }
    for name in names where !workspace.environments.contains(name.key) {
      report(
        .unknownEnvironment, at: Location(file: file, position: name.position),
        "the workspace has no environment \(name.key)",
        remedy: suggestions.remedy(
          for: name.key, among: workspace.environments,
          otherwise: Suggestions.choice(workspace.environments)
            + ", or add it to \(Layout.workspaceFile)"))
    }
  }

  private mutating func check(
    _ rule: RuleSource, of flag: SourceItem<FlagSource>,
    in definitions: CustomerDefinitions, customer: String
  ) {
    guard case .experiment(let reference) = rule.outcome else { return }
    let location = Location(file: flag.file, position: reference.position)
    guard let experiment = definitions.experiments[reference.key] else {
      if !isNamed(.experiment, reference.key, in: customer) {
        report(
          .unknownExperiment, at: location, "there is no experiment \(reference.key)",
          remedy: suggestions.remedy(
            for: reference.key, among: Array(definitions.experiments.keys),
            otherwise: "Define it under `experiments` of this customer, or name another"))
      }
      return
    }
    if experiment.source.isFlagless {
      report(
        .flaglessInUse, at: location,
        "\(reference.key) answers by itself, since its variants carry payloads",
        remedy: "Remove the payloads, or the rule")
    }
    let own = Set(flag.source.variants.map { Text($0.key) })
    for variant in experiment.source.variants where !own.contains(Text(variant.key)) {
      report(
        .unknownVariant, at: location,
        "\(reference.key) may choose \(variant.key), which is no variant of \(flag.source.key)",
        remedy: "Add the variant to the flag, or rename it in the experiment",
        notes: [
          .init("named here", at: Location(file: experiment.file, position: variant.position))
        ])
    }
  }

  /// Two live experiments in one flag would have to share a group.
  private mutating func checkLiveExperiments(
    _ flag: SourceItem<FlagSource>, in definitions: CustomerDefinitions
  ) {
    for environment in flag.source.environments {
      let rules = environment.settings.rules ?? flag.source.settings.rules ?? []
      var live: (reference: Reference, group: String?)?
      for case .experiment(let reference) in rules.map(\.outcome) {
        guard let experiment = definitions.experiments[reference.key]?.source,
          let there = experiment.environments.first(where: { $0.name.key == environment.name.key }),
          (there.settings.status ?? experiment.settings.status) == .running
        else { continue }
        let group = experiment.group?.key
        if let first = live, first.reference.key != reference.key,
          group == nil || group != first.group
        {
          report(
            .twoLiveExperiments, at: Location(file: flag.file, position: reference.position),
            "\(flag.source.key) uses two running experiments in \(environment.name.key),"
              + " which may claim the same unit",
            remedy: "Put both into one exclusion group, or pause or complete one of the two",
            notes: [
              .init(
                "the first here",
                at: Location(file: flag.file, position: first.reference.position))
            ])
          break
        }
        live = (reference, group)
      }
    }
  }

  private mutating func checkFlaglessNames(
    _ flag: SourceItem<FlagSource>, in definitions: CustomerDefinitions
  ) {
    guard let experiment = definitions.experiments[flag.source.key], experiment.source.isFlagless
    else { return }
    report(
      .flaglessInUse, at: Location(file: flag.file, position: flag.source.position),
      "an experiment of this key answers by itself, so no flag may bear its key",
      remedy: "Rename the flag or the experiment",
      notes: [
        .init(
          "the experiment",
          at: Location(file: experiment.file, position: experiment.source.position))
      ])
  }

  private mutating func checkSalts(_ definitions: CustomerDefinitions, of customer: String) {
    let items = definitions.experiments.sorted { $0.key.precedesInBytes($1.key) }.map(\.value)
    for item in items {
      let id = item.source.id ?? Identifiers.experiment(item.source.key, of: customer)
      claim(id, named: "id", at: Location(file: item.file, position: item.source.position))
    }
    for item in definitions.groups.sorted(by: { $0.key.precedesInBytes($1.key) }).map(\.value) {
      let id = item.source.id ?? Identifiers.group(item.source.key, of: customer)
      claim(id, named: "id", at: Location(file: item.file, position: item.source.position))
    }
    for item in items {
      guard let salt = item.source.salt else { continue }
      claim(salt.key, named: "salt", at: Location(file: item.file, position: salt.position))
    }
  }

  private mutating func claim(_ text: String, named name: String, at location: Location) {
    guard let first = salts[Text(text)] else {
      salts[Text(text)] = location
      return
    }
    report(
      .duplicateSalt, at: location, "this \(name) is used already, as a salt or as an id",
      remedy: "Choose another: two hashes of one salt are not independent",
      notes: [.init("used here", at: first)])
  }
}
