// Verifying a long audit log, beside what OpenSSL needs to authenticate as many bytes in pieces of
// the events' own size. The log is signed as the program signs it, with forms of generated
// definitions, and half of its events are changes; it is written by COPY and read from a real
// PostgreSQL.
//
// A second floor is the reading alone: COPY of the same rows, of which nothing is looked at.

import ArgumentParser
import Documents
import FlagstaffController
import FlagstaffCore
import Foundation
import PostgresRegistry
import Signing

struct AuditBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Verifying a long audit log, beside HMAC-SHA256 of the same bytes.")

  @OptionGroup var size: BenchmarkSize

  static let eventsDefault = 1_000_000

  @Option(help: "Events of the log.")
  var events = Self.eventsDefault

  func run() async throws {
    let events = events
    try await Workplace.with(size) { try await Self.run(in: $0, events: events) }
  }

  static func run(in place: Workplace, events: Int) async throws {
    try place.makeRepository()
    try await BenchmarkRegistry.with(place) { registry in
      let reconciler = try registry.reconciler(of: place)
      try PassBenchmark.require(try await reconciler.reconcile(), changed: true)
      let mean = try await LongLog.extend(to: events, registry)
      var (reading, verifying, peak, floors) = (Samples(), Samples(), 0, [Double]())
      for _ in 0..<place.size.turns {
        floors.append(try OpenSSLSpeed.bytesPerSecond(pieces: mean))
        reading.append(
          try await Sample.measure {
            let count = try await registry.worker.run { connection in
              var count = 0
              try connection.transaction(isReadOnly: true) { transaction in
                try transaction.forEachStoredEvent { _ in count += 1 }
              }
              return count
            }
            guard count == events else { throw BenchmarkFailure("\(count) events were read") }
          })
        PeakMemory.reset()
        verifying.append(
          try await Sample.measure {
            let check = AuditCheck(trusting: .secrets(registry.auditKeys), [])
            let outcome = try await registry.worker.run {
              try check.run($0, now: Instant(secondsSince1970: 0))
            }
            guard outcome.failure == nil, outcome.last == events else {
              throw BenchmarkFailure("the log does not verify: \(outcome)")
            }
          })
        peak = max(peak, PeakMemory.mebibytes ?? 0)
      }
      report(events: events, mean: mean, floors, reading, verifying, peak: peak)
    }
  }

  private static func report(
    events: Int, mean: Int, _ floors: [Double], _ reading: Samples, _ verifying: Samples,
    peak: Int
  ) {
    let floor = floors.sorted()[floors.count / 2]
    let rate = Double(mean * events) / verifying.seconds
    Report.title("audit verify: \(events) events of \(mean) bytes")
    Report.line("openssl, HMAC-SHA256 at that size", "\(Report.number(floor / 1e6)) MB/s")
    Report.line("COPY of the rows alone", "\(Report.number(reading.seconds)) s")
    Report.line("the verification", "\(Report.number(verifying.seconds)) s")
    Report.line("  of it, this process computes", "\(Report.number(verifying.processorSeconds)) s")
    Report.line("  a second", "\(Report.number(rate / 1e6)) MB")
    Report.line("its share of openssl's", "\(Report.number(rate / floor))  (target: 0.33)")
    Report.line("most memory held", "\(peak) MiB")
  }
}

/// Makes a log long.
private enum LongLog {
  /// Rows of one statement.
  private static let rowsMax = 20_000

  /// Appends events until there are as many as wanted.
  ///
  /// - Returns: how many bytes an event has on average.
  static func extend(to count: Int, _ registry: BenchmarkRegistry) async throws -> Int {
    let key = registry.auditKeys.first
    return try await registry.worker.run { connection in
      try connection.transaction { transaction in
        let first = try transaction.auditEvents(after: 0)
        var records = try first.compactMap { try record(of: $0) }
        var versions: [ScopeID: Int] = [:]
        var head = try transaction.chainHead(locking: true)
        let start = head.sequence
        guard !records.isEmpty, count > start else {
          throw BenchmarkFailure("--events has to be above \(start), which the repository makes")
        }
        var bytes = 0
        // A statement may not take long, so that a pass never waits for one.
        while head.sequence < count {
          let end = min(count, head.sequence + rowsMax)
          try transaction.copyIn(
            table: "audit_events", columns: ["sequence", "bytes", "hash", "mac"]
          ) { rows in
            while head.sequence < end {
              let (turn, place) = (head.sequence - start).quotientAndRemainder(
                dividingBy: records.count)
              let record = next(&records[place], turn: turn, &versions)
              let event = AuditEvent(record, after: head, key: key)
              rows.int(event.sequence)
              rows.bytes(event.bytes)
              rows.bytes(event.hash.bytes)
              rows.bytes(event.mac)
              try rows.endRow()
              bytes += event.bytes.count
              head = event.head(key: key.identifier)
            }
          }
        }
        try transaction.run(
          "UPDATE audit_chain SET sequence = \(head.sequence), hash = \(head.hash.bytes)")
        return bytes / (count - start)
      }
    }
  }

  /// The next event of a definition: of four, two change it, one deletes it, one brings it back.
  private static func next(
    _ record: inout AuditRecord, turn: Int, _ versions: inout [ScopeID: Int]
  ) -> AuditRecord {
    if let scope = record.scope {
      let version = max(versions[scope] ?? 0, record.version ?? 0) + 1
      (versions[scope], record.version) = (version, version)
    }
    record.generation = record.generation.map { $0 + 1 }
    record.before = turn % 4 == 3 ? nil : record.after
    var told = record
    if turn % 4 == 2 { told.after = nil }
    return told
  }

  private static func record(of event: AuditEvent) throws -> AuditRecord? {
    let body = try JSONReader.read(event.bytes, depthMax: Limits.storedDepthMax)
    guard let instant = body["instant"]?.string.flatMap({ Instant($0) }),
      let environment = body["environment"]?.string, let customer = body["customer"]?.string,
      let kind = body["subject"]?["kind"]?.string, let key = body["subject"]?["key"]?.string
    else { return nil }
    var record = AuditRecord(
      instant: instant, workspace: body["workspace"]?.string ?? "",
      classes: (body["classes"]?.sequence ?? []).compactMap(\.string), subject: (kind, key),
      mode: .ungated)
    record.scope = ScopeID(environment: environment, customer: customer)
    record.version = body["version"]?.integer
    record.commit = body["commit"]?.string
    record.generation = body["generation"]?.integer
    record.after = body["after"]
    return record
  }
}

/// What the `openssl` command says of itself.
private enum OpenSSLSpeed {
  static func bytesPerSecond(pieces: Int) throws -> Double {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "openssl", "speed", "-mr", "-seconds", "3", "-bytes", "\(pieces)", "-hmac", "sha256",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    // It measures until an alarm rings, which a thread of a pool would block for its children.
    var alarm = sigset_t()
    sigemptyset(&alarm)
    sigaddset(&alarm, SIGALRM)
    pthread_sigmask(SIG_UNBLOCK, &alarm, nil)
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    // `+F:22:hmac(sha256):1494000000.00`: the last field is bytes a second.
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
    guard let line = lines.last(where: { $0.hasPrefix("+F:") }),
      let rate = line.split(separator: ":").last.flatMap({ Double($0) })
    else { throw BenchmarkFailure("`openssl speed` says nothing that can be read") }
    return rate
  }
}
