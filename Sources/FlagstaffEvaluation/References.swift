// A list of objects that are asked without being retained. Taking a class out of an array counts a
// reference up and down again, atomically; an evaluation would spend half of its time on that. Here
// the list itself keeps its objects alive, so each can be lent for as long as a call takes.

/// Objects that live as long as the list.
struct References<Object: AnyObject & Sendable>: Sendable {
  /// Keeps every object alive.
  let all: [Object]
  private let lent: [Unmanaged<Object>]

  init(_ objects: [Object]) {
    all = objects
    lent = objects.map { Unmanaged.passUnretained($0) }
  }

  var count: Int { lent.count }

  /// Lends the object at a place to a body, which must not keep it.
  @inline(__always)
  func with<Result>(_ place: Int, _ body: (Object) -> Result) -> Result {
    lent[place]._withUnsafeGuaranteedRef { body($0) }
  }
}
