// What stands beside an export of the audit log: which events it has, what precedes them and how
// they end, and the digest of the file. It is signed, so whoever gets both files needs only the
// public key to tell that the export is what the controller's holder wrote, to the byte.

package import Documents
package import Signing

package struct ExportManifest: Hashable, Sendable {
  /// How events are written down.
  package enum Form: String, CaseIterable, Sendable {
    /// An event's exact bytes a line, so that the chain can be checked without the manifest too.
    case ndjson
    /// A line of titles, then the fields that tables can hold.
    case csv
  }

  package let workspace: String
  package let form: Form
  /// The first and the last event.
  package let first: Int
  package let last: Int
  /// The hash of the event before the first; 64 zeros where there is none.
  package let previous: Digest
  /// The hash of the last event.
  package let hash: Digest
  /// Bytes of the file, and their digest.
  package let bytes: Int
  package let digest: Digest
  /// The instant of the last event: the same export has the same manifest.
  package let time: Instant

  package static let payloadType = "application/vnd.flagstaff.export.v1+json"

  package init(
    workspace: String, form: Form, first: Int, last: Int, previous: Digest, hash: Digest,
    bytes: Int, digest: Digest, time: Instant
  ) {
    (self.workspace, self.form, self.first, self.last) = (workspace, form, first, last)
    (self.previous, self.hash, self.bytes) = (previous, hash, bytes)
    (self.digest, self.time) = (digest, time)
  }

  /// Reads a payload whose signature holds; nil for another format or shape.
  package init?(payload: [UInt8]) {
    func digest(_ node: Node?) -> Digest? { node?.string.flatMap { Digest(hexadecimal: $0) } }
    guard let node = try? JSONReader.read(payload), node["format"]?.integer == 1,
      let workspace = node["workspace"]?.string,
      let form = node["form"]?.string.flatMap(Form.init(rawValue:)),
      let first = node["first"]?.integer, let last = node["last"]?.integer,
      let previous = digest(node["previous"]), let hash = digest(node["hash"]),
      let events = node["events"]?.integer, events == last - first + 1, events > 0,
      let bytes = node["bytes"]?.integer, let whole = digest(node["digest"]),
      let time = node["time"]?.string.flatMap(Instant.init)
    else { return nil }
    self.init(
      workspace: workspace, form: form, first: first, last: last, previous: previous, hash: hash,
      bytes: bytes, digest: whole, time: time)
  }

  /// The canonical bytes that are signed.
  package var payload: [UInt8] {
    CanonicalJSON.bytes(
      .fields([
        "format": .integer(1), "workspace": .string(workspace), "form": .string(form.rawValue),
        "first": .integer(first), "last": .integer(last),
        "previous": .string(previous.hexadecimal), "hash": .string(hash.hexadecimal),
        "events": .integer(last - first + 1), "bytes": .integer(bytes),
        "digest": .string(digest.hexadecimal), "time": .string(time.description),
      ]))
  }

  package func sealed(with key: PrivateKey) throws(SigningError) -> [UInt8] {
    try DSSE.sealed(payload, type: Self.payloadType, key: key)
  }
}

/// Writes events down, each as a line.
package enum ExportLine {
  private static let titles = [
    "sequence", "instant", "environment", "customer", "version", "kind", "key", "generation",
    "classes", "actor_kind", "actor", "commit", "approved_by", "mode", "before", "after", "hash",
    "previous",
  ]

  /// What a file begins with.
  package static func header(_ form: ExportManifest.Form) -> [UInt8] {
    form == .csv ? Array((titles.joined(separator: ",") + "\r\n").utf8) : []
  }

  /// The line of an event, with its end.
  ///
  /// - Throws: `JSONError` where the bytes are none.
  package static func bytes(
    of event: AuditEvent, _ form: ExportManifest.Form
  ) throws(JSONError) -> [UInt8] {
    if form == .ndjson { return event.bytes + [UInt8(ascii: "\n")] }
    let body = try JSONReader.read(event.bytes, depthMax: Limits.storedDepthMax)
    func text(_ node: Node?) -> String {
      guard let node else { return "" }
      return node.string ?? CanonicalJSON.string(node)
    }
    func list(_ texts: [String?]) -> String { texts.compactMap(\.self).joined(separator: " ") }
    let approvals = body["approvals"]?.sequence ?? []
    let cells = [
      text(body["sequence"]), text(body["instant"]), text(body["environment"]),
      text(body["customer"]), text(body["version"]), text(body["subject"]?["kind"]),
      text(body["subject"]?["key"]), text(body["generation"]),
      list((body["classes"]?.sequence ?? []).map(\.string)), text(body["actor"]?["kind"]),
      text(body["actor"]?["id"]), text(body["commit"]),
      list(approvals.map { $0["person"]?.string }),
      text(body["mode"]), text(body["before"]), text(body["after"]), event.hash.hexadecimal,
      text(body["previous"]),
    ]
    return Array((cells.map(cell).joined(separator: ",") + "\r\n").utf8)
  }

  /// RFC 4180, section 2. What a spreadsheet would take for a formula gets an apostrophe before it.
  private static func cell(_ text: String) -> String {
    var text = text
    if let first = text.utf8.first, "=+-@\t\r".utf8.contains(first) { text = "'" + text }
    let needsQuotes = text.utf8.contains { ",\"\r\n".utf8.contains($0) }
    return needsQuotes ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
  }
}
