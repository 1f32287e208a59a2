// Named points at which a test ends the process by SIGKILL, to show that a crash at any of them is
// harmless. They exist in debug builds only. The list is the program's own; a test fails where a
// point of the list is never reached.

internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The failpoints of one process.
package final class Failpoints: Sendable {
  /// Every point of a pass, in the order in which it reaches them first.
  package static let names = [
    "apply.begun", "apply.scope.locked", "apply.rows.deleted", "apply.experiments.written",
    "apply.flags.written", "apply.groups.written", "apply.metrics.written",
    "apply.segments.written", "apply.tombstones.written", "apply.kills.written",
    "apply.chain.locked", "apply.events.written", "apply.evidence.kept", "apply.version.written",
    "apply.committed",
    "publish.begun", "origin.object.written", "origin.object.renamed", "publish.objects.put",
    "origin.pointer.locked", "origin.projection.written", "origin.projection.renamed",
    "origin.pointer.written", "origin.pointer.renamed", "publish.pointer.moved",
    "origin.checkpoint.written", "origin.checkpoint.named", "publication.recorded",
  ]

  /// The points of a pass that changes trust, beside the others.
  package static let trustNames = [
    "trust.version.written", "trust.events.written", "trust.committed", "trust.pointer.moved",
  ]

  /// The points of `flagstaff audit rotate`, which no pass reaches.
  package static let rotationNames = [
    "rotation.secret.written", "rotation.event.written", "rotation.committed",
    "rotation.secret.kept", "rotation.secret.moved",
  ]

  private let target: (name: String, occurrence: Int)?
  private let trace: String?
  private let hits = Mutex(0)

  /// - Parameters:
  ///   - target: `NAME` or `NAME@N`: where to die, the first or the N-th time it is reached.
  ///   - trace: a file to which the name of each point that is reached is appended, a line each.
  package init(target: String? = nil, trace: String? = nil) {
    let parts = target?.split(separator: "@", maxSplits: 1).map(String.init)
    self.target = parts.map { ($0[0], $0.count == 2 ? Int($0[1]) ?? 1 : 1) }
    self.trace = trace
  }

  /// Reached a point.
  package func hit(_ name: StaticString) {
    #if FAILPOINTS
      let name = name.description
      let isListed = [Self.names, Self.trustNames, Self.rotationNames].contains {
        $0.contains(name)
      }
      precondition(isListed, "the failpoint \(name) is not listed")
      if let trace { Self.append(name + "\n", to: trace) }
      guard let target, target.name == name else { return }
      let count = hits.withLock { hits in
        hits += 1
        return hits
      }
      if count == target.occurrence { kill(getpid(), SIGKILL) }
    #endif
  }

  private static func append(_ line: String, to path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode_t(0o600))
    guard file >= 0 else { return }
    _ = line.withCString { write(file, $0, strlen($0)) }
    close(file)
  }
}
