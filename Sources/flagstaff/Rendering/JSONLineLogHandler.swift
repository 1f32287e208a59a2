// Logs as JSON, a line an entry, for whatever collects them. Everything is a string, since
// collectors disagree about the types of fields that change.

internal import Documents
internal import Foundation
internal import Logging

struct JSONLineLogHandler: LogHandler {
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    let now = Instant(secondsSince1970: Int(Date().timeIntervalSince1970))
    let entry = Node.fields([
      "time": .string(now.description), "level": .string(event.level.rawValue),
      "message": .string(event.message.description),
      "metadata": .mapping(
        all.sorted { $0.key.precedesInBytes($1.key) }.map { ($0.key, .string("\($0.value)")) }),
    ])
    FileHandle.standardError.write(Data(CanonicalJSON.bytes(entry) + [UInt8(ascii: "\n")]))
  }
}
