// The audit secrets around a rotation. A server's database gives them as variables: the next one
// beside the present one, and afterwards the former ones as files, if anybody still has them.
// Beside a private database they are files of the state directory, and rotating moves them.

internal import Documents
package import FlagstaffCore
internal import Foundation
internal import Signing

extension Keys {
  package static let nextAuditVariable = "AUDIT_HMAC_SECRET_NEXT"
  /// Paths, separated by commas.
  package static let formerAuditVariable = "AUDIT_HMAC_SECRET_FORMER_FILES"
  private static let nextFile = "\(auditFile).next"
  private static let formerFilePrefix = "\(auditFile).former-"

  /// All secrets that an installation holds, and the one to rotate to, if there is one.
  ///
  /// - Parameters:
  ///   - present: the secret of `AUDIT_HMAC_SECRET`.
  ///   - stateDirectory: where generated secrets lie; nil where none are.
  static func keyring(
    _ present: AuditKey, from environment: [String: String], stateDirectory: String?
  ) throws -> (AuditKeyring, next: AuditKey?) {
    var others: [AuditKey] = []
    var next = try optionalSecret(nextAuditVariable, environment).map {
      try auditKey($0, named: nextAuditVariable)
    }
    for path in (environment[formerAuditVariable] ?? "").split(separator: ",") {
      let path = path.trimmingCharacters(in: .whitespaces)
      others.append(try auditKey(withoutNewline(try contents(path)), named: path))
    }
    if let stateDirectory, !isGiven(auditVariable, environment) {
      let names = try FileManager.default.contentsOfDirectory(atPath: stateDirectory).sorted()
      for name in names where name.hasPrefix(formerFilePrefix) && !name.contains(".tmp") {
        let path = "\(stateDirectory)/\(name)"
        others.append(try auditKey(withoutNewline(try contents(path)), named: path))
      }
      let path = "\(stateDirectory)/\(nextFile)"
      if next == nil, FileManager.default.fileExists(atPath: path) {
        next = try auditKey(withoutNewline(try contents(path)), named: path)
      }
    }
    return (AuditKeyring(present, [next].compactMap(\.self) + others), next)
  }

  static func auditKey(_ secret: [UInt8], named name: String) throws -> AuditKey {
    guard let key = AuditKey(secret: secret) else {
      throw failure(
        "\(name) has \(secret.count) bytes; it needs at least \(AuditKey.secretBytesMin). Make one"
          + " with `openssl rand -hex 32`")
    }
    return key
  }

  private static func isGiven(_ variable: String, _ environment: [String: String]) -> Bool {
    environment["\(variable)_FILE"] != nil || environment[variable].map { !$0.isEmpty } ?? false
  }

  private static func optionalSecret(
    _ variable: String, _ environment: [String: String]
  ) throws -> [UInt8]? {
    guard isGiven(variable, environment) else { return nil }
    return try secret(variable, environment, nil) { [] }
  }
}

extension Keys {
  /// Makes the secret to rotate to, beside a private database whose present one was made there too.
  /// One that a former, interrupted rotation made is kept.
  package static func prepareRotation(
    from environment: [String: String], stateDirectory: String, _ failpoints: Failpoints
  ) throws {
    guard !isGiven(auditVariable, environment), !isGiven(nextAuditVariable, environment) else {
      return
    }
    try write(newSecret(), to: "\(stateDirectory)/\(nextFile)")
    failpoints.hit("rotation.secret.written")
  }

  /// Puts the new secret in the place of the old one, which is kept beside it. Wherever this is
  /// interrupted, the state directory still has both.
  ///
  /// - Returns: where the former secret is kept; nil where the secrets are no files of ours.
  @discardableResult
  package static func finishRotation(
    to key: AuditKey, from former: AuditKey, stateDirectory: String, _ failpoints: Failpoints
  ) throws -> String? {
    let next = "\(stateDirectory)/\(nextFile)"
    guard FileManager.default.fileExists(atPath: next),
      try auditKey(withoutNewline(try contents(next)), named: next).identifier == key.identifier
    else { return nil }
    let present = "\(stateDirectory)/\(auditFile)"
    let kept = "\(stateDirectory)/\(formerFilePrefix)\(former.identifier)"
    guard link(present, kept) == 0 || errno == EEXIST else {
      throw failure("\(kept) cannot be written: \(String(cString: strerror(errno)))")
    }
    failpoints.hit("rotation.secret.kept")
    guard rename(next, present) == 0 else {
      throw failure("\(present) cannot be replaced: \(String(cString: strerror(errno)))")
    }
    failpoints.hit("rotation.secret.moved")
    return kept
  }

  static func newSecret() -> [UInt8] {
    Array((Hexadecimal.string(Signing.randomBytes(count: 32)) + "\n").utf8)
  }
}
