// The secrets of an installation as they lie in its state directory, and what is left of them when
// another key is used.

import FlagstaffController
import Foundation
import Signing
import Testing

@Suite("Keys in the state directory")
struct KeysTests {
  @Test("The public key in the state directory is that of the key in use")
  func publicKeyFollows() throws {
    let folder = try Folder()
    func published() throws -> PublicKey {
      try Keys.publicKey(file: "\(folder.path)/\(Keys.publicFile)")
    }
    let generated = try Keys.load(from: [:], stateDirectory: folder.path)
    #expect(try published() == generated.signing.publicKey)
    let other = try PrivateKey(seed: [UInt8](repeating: 3, count: 32))
    let given = [Keys.signingVariable: String(decoding: try other.pem(), as: UTF8.self)]
    for _ in 0..<2 {
      let keys = try Keys.load(from: given, stateDirectory: folder.path)
      #expect(keys.signing.publicKey == other.publicKey)
      #expect(try published() == other.publicKey)
    }
    // And back: the generated private key was not touched.
    let again = try Keys.load(from: [:], stateDirectory: folder.path)
    #expect(again.signing.publicKey == generated.signing.publicKey)
    #expect(try published() == generated.signing.publicKey)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(names) == [Keys.auditFile, Keys.signingFile, Keys.publicFile])
  }

  @Test("Others may read the public key alone")
  func modes() throws {
    let folder = try Folder()
    let other = try PrivateKey(seed: [UInt8](repeating: 3, count: 32))
    _ = try Keys.load(from: [:], stateDirectory: folder.path)
    _ = try Keys.load(
      from: [Keys.signingVariable: String(decoding: try other.pem(), as: UTF8.self)],
      stateDirectory: folder.path)
    for (file, mode) in [(Keys.publicFile, 0o644), (Keys.signingFile, 0o600)] {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(file)")
      #expect(attributes[.posixPermissions] as? Int == mode, "\(file)")
    }
  }
}
