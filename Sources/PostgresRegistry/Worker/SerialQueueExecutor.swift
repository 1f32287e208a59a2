// libpq blocks. An executor over a serial queue of its own keeps its calls off Swift's cooperative
// threads, of which there are as many as cores. Dispatch's own such executor exists only on Darwin.

internal import Dispatch

/// Runs an actor's jobs on a serial queue, one after the other.
final class SerialQueueExecutor: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) {
    queue = DispatchQueue(label: label)
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let unowned = UnownedJob(job)
    queue.async { unowned.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }
}
