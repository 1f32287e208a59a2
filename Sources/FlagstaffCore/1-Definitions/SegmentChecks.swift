// Checks conditions before anything is expanded: the segments that they name exist, none reaches
// itself, and none becomes too deep or too large once segments are replaced by their conditions.
// Sizes are counted a segment, not an expansion, so the check is linear however large the
// expansion would be.

internal import Documents

/// How large a condition is once its segments are inlined.
struct ConditionSize: Sendable {
  /// Levels of `all`, `any`, `not` and `segment` above the deepest comparison.
  private(set) var depth = 0
  /// Comparisons; no more than one above the limit is counted.
  private(set) var tests = 0

  var isTooLarge: Bool {
    depth > Limits.conditionDepthMax || tests > Limits.conditionTestsMax
  }

  /// The size of a condition without its segments, and how deep those stand, in their order.
  static func own(_ form: ConditionForm) -> (size: ConditionSize, segmentDepths: [Int]) {
    var size = ConditionSize()
    var depths: [Int] = []
    size.add(form, at: 0, &depths)
    return (size, depths)
  }

  private mutating func add(_ form: ConditionForm, at level: Int, _ segmentDepths: inout [Int]) {
    switch form {
    case .test: add(depth: level, tests: 1)
    case .segment: segmentDepths.append(level)
    case .not(let member): add(member, at: level + 1, &segmentDepths)
    case .all(let members, _), .any(let members, _):
      for member in members { add(member, at: level + 1, &segmentDepths) }
    }
  }

  /// The size of a condition, given those of the segments that it names. A name without a size is
  /// a finding of its own and counts as one comparison.
  init(of condition: ConditionSource, using sizes: [String: ConditionSize]) {
    self = condition.ownSize
    for (segment, level) in zip(condition.segments, condition.segmentDepths) {
      if let size = sizes[segment.key] {
        add(depth: level + 1 + size.depth, tests: size.tests)
      } else {
        add(depth: level, tests: 1)
      }
    }
  }

  private init() {}

  private mutating func add(depth: Int, tests: Int) {
    self.depth = max(self.depth, depth)
    self.tests = min(self.tests + tests, Limits.conditionTestsMax + 1)
  }
}

/// All conditions of a customer.
struct ConditionTotal {
  private(set) var tests = 0
  /// Where the condition with the most comparisons stands; of several the first.
  private(set) var largest: (tests: Int, location: Location)?

  mutating func add(_ size: ConditionSize, at location: Location) {
    tests += size.tests
    if let largest, (-largest.tests, largest.location) < (-size.tests, location) { return }
    largest = (size.tests, location)
  }
}

extension CustomerCheck {
  /// Checks all conditions together.
  mutating func checkTotal() {
    guard conditions.tests > Limits.customerTestsMax, let largest = conditions.largest else {
      return
    }
    report(
      .conditionTooLarge, at: largest.location,
      "all conditions together have \(conditions.tests) comparisons once their segments are"
        + " inlined; the limit is \(Limits.customerTestsMax), and this is the largest",
      remedy: "Name large segments in fewer places, or divide the customer")
  }

  /// Checks the segments, and takes note of the size of each that may be used.
  mutating func checkSegments() {
    let segments = definitions.segments
    let graph = SegmentGraph(segments.mapValues { $0.source.condition.segments.map(\.key) })
    for key in graph.cyclic {
      guard let item = segments[key] else { continue }
      checkReferences(item.source.condition, in: item.file)
      report(
        .segmentCycle, at: Location(file: item.file, position: item.source.position),
        "the segment \(key) refers to itself, by way of others or directly",
        remedy: "Remove one of the references")
    }
    for key in graph.ordered {
      guard let item = segments[key] else { continue }
      checkReferences(item.source.condition, in: item.file)
      let size = ConditionSize(of: item.source.condition, using: sizes)
      let location = Location(file: item.file, position: item.source.position)
      if size.isTooLarge {
        reportTooLarge("the segment \(key)", size, at: location)
      } else {
        conditions.add(size, at: location)
        sizes[key] = size
      }
    }
  }

  /// Checks the condition of a rule, or targeting.
  mutating func check(_ condition: ConditionSource?, in file: String) {
    guard let condition else { return }
    checkReferences(condition, in: file)
    let size = ConditionSize(of: condition, using: sizes)
    let location = Location(file: file, position: condition.position)
    if size.isTooLarge {
      reportTooLarge("this condition", size, at: location)
    } else {
      conditions.add(size, at: location)
    }
  }

  private mutating func checkReferences(_ condition: ConditionSource, in file: String) {
    for reference in condition.segments where !isNamed(.segment, reference.key) {
      report(
        .unknownSegment, at: Location(file: file, position: reference.position),
        "there is no segment \(reference.key)",
        remedy: suggestions.remedy(
          for: reference.key,
          among: Array(definitions.segments.keys) + Array(definitions.sharedSegments.keys),
          otherwise: "Define it under `segments`, here or in shared/, or name another"))
    }
  }

  private mutating func reportTooLarge(
    _ subject: String, _ size: ConditionSize, at location: Location
  ) {
    let reason =
      size.depth > Limits.conditionDepthMax
      ? "is nested deeper than \(Limits.conditionDepthMax) levels"
      : "has more than \(Limits.conditionTestsMax) comparisons"
    report(
      .conditionTooLarge, at: location, "\(subject) \(reason) once its segments are inlined",
      remedy: "Name fewer segments in it, or write lists with `in` instead of many conditions")
  }
}

/// Which segments refer to which, taken apart by Tarjan's algorithm. Nothing recurses: a chain of
/// segments may be as long as a repository allows.
struct SegmentGraph {
  /// The segments that do not reach themselves, each after those that it refers to.
  private(set) var ordered: [String] = []
  /// The segments that reach themselves.
  private(set) var cyclic: [String] = []

  private let keys: [String]
  private let targets: [[Int]]
  private var numbers: [Int?]
  private var lowest: [Int]
  private var isOpen: [Bool]
  private var stack: [Int] = []
  private var next = 0

  /// - Parameter edges: for each segment, the keys that it names; keys of others are passed over.
  init(_ edges: [String: [String]]) {
    keys = edges.keys.sorted { $0.precedesInBytes($1) }
    let places = Dictionary(uniqueKeysWithValues: zip(keys, keys.indices))
    targets = keys.map { key in (edges[key] ?? []).compactMap { places[$0] } }
    numbers = Array(repeating: nil, count: keys.count)
    lowest = Array(repeating: 0, count: keys.count)
    isOpen = Array(repeating: false, count: keys.count)
    for start in keys.indices where numbers[start] == nil { visit(start) }
  }

  private mutating func visit(_ start: Int) {
    var path = [(node: start, target: 0)]
    open(start)
    while let (node, target) = path.last {
      if target < targets[node].count {
        path[path.count - 1].target += 1
        let other = targets[node][target]
        if let number = numbers[other] {
          if isOpen[other] { lowest[node] = min(lowest[node], number) }
        } else {
          open(other)
          path.append((other, 0))
        }
      } else {
        path.removeLast()
        if let parent = path.last?.node { lowest[parent] = min(lowest[parent], lowest[node]) }
        if lowest[node] == numbers[node] { close(node) }
      }
    }
  }

  private mutating func open(_ node: Int) {
    numbers[node] = next
    lowest[node] = next
    next += 1
    stack.append(node)
    isOpen[node] = true
  }

  /// Takes a component off the stack; it is a cycle where it has several members, or one that
  /// names itself.
  private mutating func close(_ root: Int) {
    var members: [Int] = []
    while let node = stack.popLast() {
      isOpen[node] = false
      members.append(node)
      if node == root { break }
    }
    if members.count > 1 || targets[root].contains(root) {
      cyclic += members.map { keys[$0] }
    } else {
      ordered.append(keys[root])
    }
  }
}
