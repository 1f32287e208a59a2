// What an origin is told of trust: which version is in force, by which commit, and the digest of
// its forms. CI resolves the forms from Git and compares, so that no person is published. Like a
// scope's pointer it is a signed envelope and goes only forward.

package import Documents
package import Signing

package struct TrustPointer: Hashable, Sendable {
  package let workspace: String
  package let version: Int
  package let commit: String
  package let issued: Instant
  package let beginning: RegisteredTrust.Beginning
  /// `warn` or `enforce`, when the version was accepted.
  package let mode: ApprovalMode
  package let digest: Digest

  package static let payloadType = "application/vnd.flagstaff.trust.v1+json"

  package init(_ trust: RegisteredTrust) {
    workspace = trust.trust.workspace?.id ?? ""
    version = trust.version
    commit = trust.commit
    issued = trust.instant
    beginning = trust.beginning
    mode = trust.mode
    digest = trust.trust.digest
  }

  /// Reads a payload whose signature holds; nil for another format or shape.
  package init?(payload: [UInt8]) {
    guard let node = try? JSONReader.read(payload), node["format"]?.integer == 1,
      let workspace = node["workspace"]?.string, let version = node["version"]?.integer,
      version > 0, let commit = node["commit"]?.string,
      let issued = node["issued"]?.string.flatMap(Instant.init),
      let mode = node["mode"]?.string.flatMap(ApprovalMode.init),
      let beginning = node["beginning"]?.string.flatMap(RegisteredTrust.Beginning.init),
      let digest = node["digest"]?.string.flatMap({ Digest(hexadecimal: $0) })
    else { return nil }
    self.workspace = workspace
    self.version = version
    self.commit = commit
    self.issued = issued
    self.beginning = beginning
    self.mode = mode
    self.digest = digest
  }

  /// The canonical bytes that are signed.
  package var payload: [UInt8] {
    CanonicalJSON.bytes(
      .fields([
        "format": .integer(1), "workspace": .string(workspace), "version": .integer(version),
        "commit": .string(commit), "issued": .string(issued.description),
        "beginning": .string(beginning.rawValue),
        "mode": .string(mode.rawValue),
        "digest": .string(digest.hexadecimal),
      ]))
  }

  /// The trust that it tells of, with what its commit says.
  ///
  /// - Returns: nil where that is not what was accepted.
  package func trust(_ trust: Trust) -> RegisteredTrust? {
    guard trust.digest == digest else { return nil }
    return RegisteredTrust(
      trust, version: version, commit: commit, instant: issued, beginning: beginning, mode: mode)
  }

  /// A pointer replaces another only where its version is greater.
  package func isNewer(than other: TrustPointer) -> Bool { version > other.version }
}

extension OriginPath {
  /// The one object of trust.
  package static let trust = "v1/root/trust.json"
}
