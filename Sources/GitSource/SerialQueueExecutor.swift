// An actor's own executor over a serial dispatch queue. Calls of libgit2 block, so they must not
// take a thread of the cooperative pool; and nothing else may run between a call and its error
// text, which a serial queue with synchronous jobs gives. (`DispatchSerialQueue` is one on Apple's
// systems alone.)

internal import Dispatch

final class SerialQueueExecutor: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) {
    queue = DispatchQueue(label: label)
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }
}
