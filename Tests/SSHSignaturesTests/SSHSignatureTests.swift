// Signatures as `ssh-keygen -Y sign` writes them, and everything that is nearly one. What is
// refused here reaches no process.

import Documents
import SSHSignatures
import Signing
import TestHarness
import Testing

@Suite("SSH signatures")
struct SSHSignatureTests {
  private static func field(_ text: String) -> [UInt8] { SSHKeyPair.field(Array(text.utf8)) }
  private static let magic: [UInt8] = Array("SSHSIG".utf8) + [0, 0, 0, 1]
  private static let keyBlob: [UInt8] =
    field("ssh-ed25519") + SSHKeyPair.field([UInt8](repeating: 9, count: 32))
  private static let inner: [UInt8] =
    field("ssh-ed25519") + SSHKeyPair.field([UInt8](repeating: 1, count: 64))

  private static func armor(_ blob: [UInt8]) -> String {
    "-----BEGIN SSH SIGNATURE-----\n\(lines(blob))\n-----END SSH SIGNATURE-----\n"
  }

  private static func lines(_ blob: [UInt8]) -> String {
    let digits = Array(DSSE.base64(blob).utf8)
    return stride(from: 0, to: digits.count, by: 70).map {
      String(decoding: digits[$0..<min($0 + 70, digits.count)], as: UTF8.self)
    }.joined(separator: "\n")
  }

  private static func blob(
    magic: [UInt8] = magic, key: [UInt8] = keyBlob, namespace: String = "git",
    reserved: [UInt8] = [], hash: String = "sha512", signature: [UInt8] = inner,
    behind: [UInt8] = []
  ) -> [UInt8] {
    magic + SSHKeyPair.field(key) + field(namespace) + SSHKeyPair.field(reserved) + field(hash)
      + SSHKeyPair.field(signature) + behind
  }

  private static let securityKey: [UInt8] =
    field("sk-ssh-ed25519@openssh.com") + SSHKeyPair.field([UInt8](repeating: 9, count: 32))
    + field("ssh:")

  private static func touched(_ flags: UInt8) -> [UInt8] {
    field("sk-ssh-ed25519@openssh.com") + SSHKeyPair.field([UInt8](repeating: 1, count: 64))
      + [flags, 0, 0, 0, 7]
  }

  @Test("What ssh-keygen writes is read, and written again byte for byte")
  func read() async throws {
    let folder = try KeyFolder()
    let made = try await keygen.sign(
      Array("text".utf8), in: .approval, with: .file(try folder.key("alice")))
    let signature = try SSHSignature(armored: made.armored)
    #expect(signature == made)
    #expect(signature.key.text == (try SSHKeyPair(seed: "alice").publicText))
    #expect(signature.namespace == "flagstaff-approval")
    #expect(signature.hash == .sha512)
  }

  @Test("Other spellings of the armor are the same signature")
  func spellings() throws {
    let usual = try SSHSignature(armored: Array(Self.armor(Self.blob()).utf8))
    let oneLineLess = String(Self.armor(Self.blob()).dropLast())
    #expect(try SSHSignature(armored: Array(oneLineLess.utf8)) == usual)
    let shortLines = Self.armor(Self.blob()).split(separator: "\n").flatMap { line in
      line.hasPrefix("-") ? [line] : [line.prefix(8), line.dropFirst(8)].filter { !$0.isEmpty }
    }
    let other = try SSHSignature(armored: Array(shortLines.joined(separator: "\n").utf8))
    #expect(other.armored == usual.armored)
  }

  private static let armors: [String] = [
    "", "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n",
    " " + armor(blob()), "x\n" + armor(blob()), armor(blob()) + "x", armor(blob()) + "\n",
    armor(blob()).replacing("\n", with: "\r\n"),
    armor(blob()).replacing("SSH SIGNATURE", with: "PGP SIGNATURE"),
  ]
  private static let notBase64: [String] = [
    armor(blob()) + armor(blob()),
    "-----BEGIN SSH SIGNATURE-----\n\(lines(blob()))\n\n-----END SSH SIGNATURE-----\n",
    "-----BEGIN SSH SIGNATURE-----\n \(lines(blob()))\n-----END SSH SIGNATURE-----\n",
    "-----BEGIN SSH SIGNATURE-----\n\(DSSE.base64(blob()))\n-----END SSH SIGNATURE-----\n",
    "-----BEGIN SSH SIGNATURE-----\n####\n-----END SSH SIGNATURE-----\n",
  ]
  private static let otherKinds: [[UInt8]] = [
    blob(magic: Array("SSHSIG".utf8) + [0, 0, 0, 2]),
    blob(magic: Array("SSHSIh".utf8) + [0, 0, 0, 1]),
    Array("SSHSIG".utf8),
  ]
  private static let notWhole: [[UInt8]] = [
    Array(blob().dropLast()), blob(behind: [0]), magic + [0xFF, 0xFF, 0xFF, 0xFF], magic,
    blob(signature: inner + [0]), blob(key: securityKey, signature: touched(1) + [0]),
    blob(key: securityKey, signature: Array(touched(1).dropLast())),
  ]
  private static let badKeys: [[UInt8]] = [
    blob(key: field("ssh-ed25519-cert-v01@openssh.com")), blob(key: field("ssh-dss")),
    blob(key: Array(keyBlob.dropLast())), blob(key: keyBlob + [0]), blob(key: []),
  ]
  private static let ofOtherTypes: [[UInt8]] = [
    blob(signature: field("ssh-rsa") + field("x")),
    blob(signature: field("ssh-ed25519") + field("")),
    blob(signature: field("webauthn-sk-ecdsa-sha2-nistp256@openssh.com") + field("x")),
    blob(signature: []),
  ]

  @Test(
    "What is not one whole signature is refused",
    arguments: [
      (armors, "two lines"), (notBase64, "base64"), (otherKinds.map(armor), "version 1"),
      (notWhole.map(armor), "cut off"), (badKeys.map(armor), "carries a key"),
      ([armor(blob(namespace: ""))], "no namespace"),
      ([armor(blob(reserved: [1]))], "reserved"),
      ([armor(blob(hash: "sha1")), armor(blob(hash: "md5"))], "another hash"),
      (ofOtherTypes.map(armor), "of the type"),
      ([armor(blob(key: securityKey, signature: touched(0)))], "touched"),
      ([armor(blob(signature: inner + [UInt8](repeating: 0, count: 16_384)))], "longer"),
    ])
  func refused(texts: [String], reason: String) {
    for text in texts {
      do {
        _ = try SSHSignature(armored: Array(text.utf8))
        Issue.record("\(text) was read")
      } catch {
        #expect(error.reason.contains(reason), "\(text): \(error.reason)")
      }
    }
  }

  @Test("A security key that somebody touched signs")
  func securityKeys() throws {
    let text = Self.armor(Self.blob(key: Self.securityKey, signature: Self.touched(1)))
    let signature = try SSHSignature(armored: Array(text.utf8))
    #expect(signature.key.algorithm == .securityKeyEd25519)
  }
}
