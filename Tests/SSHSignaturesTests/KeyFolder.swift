// A temporary folder with private keys in files, and ssh-keygen run in it as a person would.

import Documents
import Foundation
import SSHSignatures
import TestHarness

/// A folder that goes away with its last reference.
final class KeyFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "flagstaff-keys-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  func write(_ bytes: [UInt8], to name: String, mode: Int = 0o600) throws -> String {
    let file = "\(path)/\(name)"
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    return file
  }

  /// The path of the private key of a seed.
  func key(_ seed: String) throws -> String {
    try write(SSHKeyPair(seed: seed).privateFile, to: seed)
  }

  /// A program named `ssh-keygen` that runs some lines of shell, in a folder of its own for PATH.
  func keygen(_ script: String) throws -> String {
    let folder = "\(path)/bin"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // By a child: a file that this process has open for writing cannot be run, and a child that is
    // started meanwhile would have it open too.
    let writer = try Agent.start(
      "sh",
      [
        "-c", "printf '%s' \"$1\" >\"$2\" && chmod 755 \"$2\"", "sh", "#!/bin/sh\n\(script)\n",
        "\(folder)/ssh-keygen",
      ])
    try Agent.wait(for: writer)
    return "\(folder):/usr/bin:/bin"
  }

  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")), as: UTF8.self)
  }
}

let keygen = SSHKeygen(environment: ["PATH": "/usr/bin:/bin"])
