// A stack of elements whose upper part can be moved out as an array of exactly its size. Arrays
// that grow by themselves would cost several allocations a container, and taking slices of one
// would count references up and down; reading ten thousand files feels both.

/// Owns its memory; the elements below `count` are initialized, those above are not.
struct MovableStack<Element>: ~Copyable {
  private var base: UnsafeMutablePointer<Element>
  private var capacity: Int
  private(set) var count = 0

  /// - Parameter capacity: at least 1; doubled as needed.
  init(capacity: Int) {
    precondition(capacity > 0)
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }

  /// The element on top; there must be one.
  var top: Element {
    _read {
      precondition(count > 0)
      yield base[count - 1]
    }
    _modify {
      precondition(count > 0)
      yield &base[count - 1]
    }
  }

  mutating func append(_ element: consuming Element) {
    if count == capacity { grow() }
    (base + count).initialize(to: element)
    count += 1
  }

  mutating func removeTop() -> Element {
    precondition(count > 0)
    count -= 1
    return (base + count).move()
  }

  /// Moves out the elements from an index up.
  mutating func take(from start: Int) -> [Element] {
    precondition(start <= count)
    // Not `Array(unsafeUninitializedCapacity:)`, which looks up the element's type at run time.
    var taken: [Element] = []
    taken.reserveCapacity(count - start)
    for index in start..<count { taken.append((base + index).move()) }
    count = start
    return taken
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: base, count: count)
    base.deallocate()
    base = larger
    capacity *= 2
  }
}
