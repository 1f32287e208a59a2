// What looked like an approval and does not count. It is told with its reason, so that nobody
// wonders why an approval has no effect; names of others in it are shown with escapes.

/// Something that looked like an approval, and why it does not count.
package struct SetAside: Error, Hashable, Sendable {
  /// `the statement 3f2a…`, `the merge 09ab…`.
  package let what: String
  /// Follows it: `is signed by a key that nobody has`.
  package let why: String

  package init(what: String, why: String) {
    self.what = what
    self.why = why
  }
}
