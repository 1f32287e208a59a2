// Ed25519 against RFC 8032, and keys against the `openssl` command, in both directions.

import Documents
import Foundation
import Signing
import Testing

struct Ed25519Tests {
  /// RFC 8032, section 7.1, tests 1 to 3.
  static let vectors: [(seed: String, publicKey: String, message: String, signature: String)] = [
    (
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        + "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    ),
    (
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
        + "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    ),
    (
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1"
        + "8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    ),
  ]

  @Test("Keys and signatures are those of RFC 8032", arguments: vectors)
  func vector(seed: String, publicKey: String, message: String, signature: String) throws {
    let key = try PrivateKey(seed: bytes(seed))
    #expect(digits(key.publicKey.bytes) == publicKey)
    #expect(digits(try key.signature(of: bytes(message))) == signature)
    #expect(key.publicKey.verifies(signature: bytes(signature), of: bytes(message)))
    #expect(key.publicKey.identifier == Signing.sha256(bytes(publicKey)).hexadecimal)
  }

  @Test("A signature with any bit flipped, and one of a changed message, is refused")
  func tampered() throws {
    let key = try PrivateKey.generate()
    let message = Array("version 17".utf8)
    let signature = try key.signature(of: message)
    for bit in 0..<(signature.count * 8) {
      var changed = signature
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!key.publicKey.verifies(signature: changed, of: message))
    }
    for bit in 0..<(message.count * 8) {
      var changed = message
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!key.publicKey.verifies(signature: signature, of: changed))
    }
    #expect(!key.publicKey.verifies(signature: signature + [0], of: message))
    #expect(!key.publicKey.verifies(signature: [], of: message))
    #expect(!(try PrivateKey.generate()).publicKey.verifies(signature: signature, of: message))
  }

  @Test("Keys are read back from their PEM files")
  func roundTrip() throws {
    let key = try PrivateKey.generate()
    let read = try PrivateKey(pem: key.pem())
    #expect(read.publicKey == key.publicKey)
    #expect(try read.signature(of: [1, 2]) == key.signature(of: [1, 2]))
    #expect(try PublicKey(pem: key.publicKey.pem()) == key.publicKey)
    #expect(!"\(key)".contains("PRIVATE"))
    #expect("\(key)" == "Ed25519 key \(key.publicKey.identifier)")
  }

  @Test(
    "What is no key is refused, with a reason and without its content",
    arguments: ["", "secret", "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n"])
  func refusedPEM(text: String) {
    let privateError = #expect(throws: SigningError.self) {
      try PrivateKey(pem: Array(text.utf8))
    }
    let publicError = #expect(throws: SigningError.self) { try PublicKey(pem: Array(text.utf8)) }
    for error in [privateError, publicError] {
      #expect(error?.reason.isEmpty == false)
      #expect(error?.description.contains("secret") == false)
    }
  }

  @Test("Keys of another length are refused")
  func refusedLength() {
    #expect(throws: SigningError.self) { try PrivateKey(seed: [1, 2, 3]) }
    #expect(PublicKey(bytes: [UInt8](repeating: 1, count: 31)) == nil)
  }

  @Test("openssl reads our keys and verifies our signatures")
  func opensslReads() throws {
    try OpenSSL.inFolder { folder in
      let key = try PrivateKey.generate()
      let message = Array("to be signed".utf8)
      try Data(key.pem()).write(to: folder.appending(path: "key.pem"))
      try Data(key.publicKey.pem()).write(to: folder.appending(path: "public.pem"))
      try Data(message).write(to: folder.appending(path: "message"))
      try Data(key.signature(of: message)).write(to: folder.appending(path: "signature"))
      let derived = try OpenSSL.run(["pkey", "-in", "key.pem", "-pubout"], in: folder)
      #expect(derived.status == 0)
      #expect(try [UInt8](derived.output) == key.publicKey.pem())
      let verify = [
        "pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin", "-in", "message",
        "-sigfile", "signature",
      ]
      #expect(try OpenSSL.run(verify, in: folder).status == 0)
      try Data(message + [0]).write(to: folder.appending(path: "message"))
      #expect(try OpenSSL.run(verify, in: folder).status != 0)
    }
  }

  @Test("We read the keys of openssl, and refuse those of other kinds and encrypted ones")
  func opensslWrites() throws {
    try OpenSSL.inFolder { folder in
      func made(_ arguments: [String]) throws -> [UInt8] {
        let result = try OpenSSL.run(["genpkey"] + arguments + ["-out", "key.pem"], in: folder)
        #expect(result.status == 0)
        return [UInt8](try Data(contentsOf: folder.appending(path: "key.pem")))
      }
      let key = try PrivateKey(pem: made(["-algorithm", "ed25519"]))
      let printed = try OpenSSL.run(["pkey", "-in", "key.pem", "-pubout"], in: folder)
      #expect(try PublicKey(pem: [UInt8](printed.output)) == key.publicKey)
      for algorithm in ["x25519", "ed448"] {
        let other = try made(["-algorithm", algorithm])
        let error = #expect(throws: SigningError.self) { try PrivateKey(pem: other) }
        #expect(error?.reason == "it is not an Ed25519 key")
      }
      let encrypted = try made(["-algorithm", "ed25519", "-aes256", "-pass", "pass:secret"])
      #expect(throws: SigningError.self) { try PrivateKey(pem: encrypted) }
    }
  }
}

/// The `openssl` command, in a folder of its own.
enum OpenSSL {
  static func inFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "flagstaff-signing-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  static func run(_ arguments: [String], in folder: URL) throws -> (status: Int32, output: Data) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    process.currentDirectoryURL = folder
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, data)
  }
}
