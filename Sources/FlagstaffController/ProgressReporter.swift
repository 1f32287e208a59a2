// How far long work has come. The controller reports; whoever runs it decides whether and where it
// is shown.

/// A place to report progress to.
package struct ProgressReporter: Sendable {
  private let show: @Sendable (_ activity: String, _ done: Int, _ total: Int) -> Void

  /// - Parameter show: called often; it must be quick.
  package init(
    _ show: @escaping @Sendable (_ activity: String, _ done: Int, _ total: Int) -> Void = {
      _, _, _ in
    }
  ) {
    self.show = show
  }

  package func report(_ activity: String, done: Int, of total: Int) {
    show(activity, done, total)
  }
}
