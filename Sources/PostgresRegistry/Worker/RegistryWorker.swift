// The one place from which a connection is used in asynchronous code. The actor owns the connection
// and runs on a queue of its own, so that no `await` falls between a call of libpq and the reading
// of its answer, and no call blocks a cooperative thread.

/// Owns one connection, made when it is first needed and made anew after it was lost.
package actor RegistryWorker {
  private let executor = SerialQueueExecutor(label: "flagstaff.registry")
  private let url: String
  private var connection: PostgresConnection?

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Connects nothing yet.
  package init(url: String) {
    self.url = url
  }

  /// Runs `body` with the connection. Where a connection that had been idle turns out to be lost
  /// before the server began anything for it, `body` runs once more with a new one.
  /// - Throws: What `body` throws; `RegistryError` where no connection can be made.
  package func run<T: Sendable>(
    _ body: @Sendable (PostgresConnection) throws -> T
  ) async throws -> T {
    guard let idle = connection else { return try runFresh(body) }
    let begun = idle.transactionsBegun
    do {
      return try body(idle)
    } catch {
      guard idle.isBroken else { throw error }
      connection = nil
      guard idle.transactionsBegun == begun else { throw error }
      return try runFresh(body)
    }
  }

  /// Closes the connection, if there is one; the next `run` makes another.
  package func close() {
    connection = nil
  }

  private func runFresh<T>(_ body: (PostgresConnection) throws -> T) throws -> T {
    let fresh = try PostgresConnection(url: url)
    connection = fresh
    do {
      return try body(fresh)
    } catch {
      if fresh.isBroken { connection = nil }
      throw error
    }
  }
}
