// The last instant of each scope of a log that is being walked. Events of a version follow each
// other and share their scope, so the last one is kept at hand; the others are looked up.

internal import Documents

struct ScopeInstants {
  struct Moment {
    let instant: Instant
    let sequence: Int
  }

  private var moments: [[UInt8]: Moment] = [:]
  /// The scope of the last event, and its moment, which stands here alone.
  private var scope: [UInt8] = []
  private var moment: Moment?

  /// Moves a scope on to an event; what is of no scope counts as one.
  ///
  /// - Returns: the scope's former event, where that is later; nothing has moved then.
  mutating func move(
    environment: EventValue?, customer: EventValue?, to instant: Instant, at sequence: Int
  ) -> Moment? {
    if !isLast(environment, customer) {
      if let moment { moments[scope] = moment }
      scope = [environment, customer].flatMap { value in value.map { Array($0.text) } ?? [] }
      moment = moments[scope]
    }
    if let moment, moment.instant > instant { return moment }
    moment = Moment(instant: instant, sequence: sequence)
    return nil
  }

  /// The texts have quotes, so where one ends and the other begins is certain.
  private func isLast(_ environment: EventValue?, _ customer: EventValue?) -> Bool {
    let (first, second) = (environment?.text.count ?? 0, customer?.text.count ?? 0)
    guard moment != nil, first + second == scope.count else { return false }
    return scope.withUnsafeBufferPointer { scope in
      let head = UnsafeBufferPointer(rebasing: scope[..<first])
      let tail = UnsafeBufferPointer(rebasing: scope[first...])
      return (environment?.text.elementsEqual(head) ?? true)
        && (customer?.text.elementsEqual(tail) ?? true)
    }
  }
}
