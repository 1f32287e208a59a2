// The two secrets of an installation: the one that authenticates audit events and the one that
// signs what is published. They come from variables or files, never from options. With a private
// database they are generated into the state directory, readable by their owner alone; with a
// server's database they must be given, since a second controller has to have the same.

internal import Documents
package import FlagstaffCore
internal import Foundation
internal import PostgresRegistry
package import Signing

package struct Keys: Sendable {
  package let audit: AuditKeyring
  /// The audit secret to rotate to; nil where none was given.
  package let nextAudit: AuditKey?
  package let signing: PrivateKey

  package static let auditVariable = "AUDIT_HMAC_SECRET"
  package static let signingVariable = "FLAGSTAFF_SIGNING_KEY"
  package static let auditFile = "audit-hmac-secret"
  package static let signingFile = "signing-key.pem"
  package static let publicFile = "signing-key.pub.pem"

  /// Loads the secrets.
  ///
  /// - Parameters:
  ///   - stateDirectory: where they are generated; nil where they must be given.
  /// - Throws: `ControllerError.secret`, saying which is missing or unusable and what to do.
  package static func load(from environment: [String: String], stateDirectory: String?) throws
    -> Keys
  {
    let present = try auditKey(
      try secret(
        auditVariable, environment, stateDirectory.map { "\($0)/\(auditFile)" }, make: newSecret),
      named: auditVariable)
    let (audit, next) = try keyring(
      present, from: environment, stateDirectory: stateDirectory)
    let pem = try secret(
      signingVariable, environment, stateDirectory.map { "\($0)/\(signingFile)" }
    ) {
      try PrivateKey.generate().pem()
    }
    let signing: PrivateKey
    do {
      signing = try PrivateKey(pem: pem)
    } catch {
      throw failure(
        "\(signingVariable) is no Ed25519 key in PEM: \(error.reason)."
          + " Make one with `flagstaff keys generate`")
    }
    if let stateDirectory {
      try replace("\(stateDirectory)/\(publicFile)", with: try signing.publicKey.pem())
    }
    return Keys(audit: audit, nextAudit: next, signing: signing)
  }

  /// Reads a public key for verifying, from a PEM file.
  package static func publicKey(file: String) throws -> PublicKey {
    func failure(_ reason: String) -> ControllerError {
      ControllerError(
        .secret, operation: "reading the public key",
        reason: "\(reason). Give --public-key FILE; the controller writes its own to"
          + " \(Keys.publicFile) of its state directory")
    }
    guard let data = FileManager.default.contents(atPath: file) else {
      throw failure("\(file) cannot be read: \(reason())")
    }
    do {
      return try PublicKey(pem: Array(data))
    } catch {
      throw failure("\(file) is no Ed25519 public key in PEM: \(error.reason)")
    }
  }

  /// Writes a new file that nobody else may read; one that exists stays as it is.
  ///
  /// - Returns: whether it was written.
  @discardableResult
  package static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o600) throws -> Bool
  {
    let aside = try aside(bytes, of: path, mode: mode)
    defer { unlink(aside) }
    if link(aside, path) == 0 { return true }
    guard errno == EEXIST else { throw failure("\(path) cannot be written: \(reason())") }
    return false
  }

  /// Puts a file that everybody may read in place of another, unless that has the same bytes: a
  /// public key that stays behind its private one refuses what was just published.
  private static func replace(_ path: String, with bytes: [UInt8]) throws {
    if let data = FileManager.default.contents(atPath: path), Array(data) == bytes { return }
    let aside = try aside(bytes, of: path, mode: 0o644)
    guard rename(aside, path) == 0 else {
      let reason = reason()
      unlink(aside)
      throw failure("\(path) cannot be written: \(reason)")
    }
  }

  /// Writes a new file beside a path, to be given its name by the caller.
  private static func aside(_ bytes: [UInt8], of path: String, mode: UInt32) throws -> String {
    let aside = "\(path).\(Hexadecimal.string(Signing.randomBytes(count: 8)))"
    let file = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard file >= 0 else { throw failure("\(path) cannot be written: \(reason())") }
    let written = bytes.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
    let isWhole = fchmod(file, mode) == 0 && written == bytes.count && fsync(file) == 0
    guard close(file) == 0, isWhole else {
      unlink(aside)
      throw failure("\(path) cannot be written")
    }
    return aside
  }
}

extension Keys {
  /// The bytes of a variable, of the file that `…_FILE` names, or of a generated file. A file
  /// loses one final newline.
  static func secret(
    _ variable: String, _ environment: [String: String], _ generated: String?,
    make: () throws -> [UInt8]
  ) throws -> [UInt8] {
    let fileVariable = "\(variable)_FILE"
    if let value = environment[variable], !value.isEmpty {
      guard environment[fileVariable] == nil else {
        throw failure("\(variable) and \(fileVariable) are both set. Set one of them")
      }
      return Array(value.utf8)
    }
    if let path = environment[fileVariable] { return withoutNewline(try contents(path)) }
    guard let generated else {
      throw failure(
        "\(variable) is missing. Set it, or \(fileVariable); every controller of a registry needs"
          + " the same")
    }
    if !FileManager.default.fileExists(atPath: generated) { try write(try make(), to: generated) }
    return withoutNewline(try contents(generated))
  }

  static func contents(_ path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw failure("\(path) cannot be read: \(reason())")
    }
    return Array(data)
  }

  static func withoutNewline(_ bytes: [UInt8]) -> [UInt8] {
    bytes.last == UInt8(ascii: "\n") ? Array(bytes.dropLast()) : bytes
  }

  static func failure(_ reason: String) -> ControllerError {
    ControllerError(.secret, operation: "loading the secrets", reason: reason)
  }

  private static func reason() -> String { String(cString: strerror(errno)) }
}
