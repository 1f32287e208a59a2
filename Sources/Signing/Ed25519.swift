// Ed25519 keys (RFC 8032) for what is published: pointers and checkpoints. Keys are PEM files
// (PKCS#8 and SubjectPublicKeyInfo), so that `openssl` reads and makes them too. A key is known by
// the SHA-256 of its raw 32 public bytes.

internal import COpenSSL
internal import Documents

/// What OpenSSL refused to do. It never contains key material.
package struct SigningError: OperationFailure {
  package let operation: String
  package let reason: String

  /// Drains OpenSSL's error queue, so that no later call reports this one's errors.
  fileprivate static func last(_ operation: String) -> SigningError {
    var reasons: [String] = []
    while case let code = ERR_get_error(), code != 0 {
      var buffer = [CChar](repeating: 0, count: 256)
      ERR_error_string_n(code, &buffer, buffer.count)
      let text = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      reasons.append(String(decoding: text, as: UTF8.self))
    }
    return SigningError(
      operation: operation, reason: reasons.last ?? "OpenSSL gave no reason")
  }
}

/// The public half: verifies.
package struct PublicKey: Hashable, Sendable {
  /// The raw 32 bytes.
  package let bytes: [UInt8]

  package init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// Reads a PEM file (`BEGIN PUBLIC KEY`).
  package init(pem: [UInt8]) throws(SigningError) {
    guard let bio = BIO_new_mem_buf(pem, Int32(pem.count)) else {
      throw .last("reading a public key")
    }
    defer { BIO_free(bio) }
    guard let key = PEM_read_bio_PUBKEY(bio, nil, nil, nil) else {
      throw .last("reading a public key")
    }
    defer { EVP_PKEY_free(key) }
    self.bytes = try rawPublicBytes(key)
  }

  /// SHA-256 of the raw bytes, the `keyid` of signatures.
  package var identifier: String { Signing.sha256(bytes).hexadecimal }

  package func pem() throws(SigningError) -> [UInt8] {
    guard let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count) else {
      throw .last("writing a public key")
    }
    defer { EVP_PKEY_free(key) }
    return try written("writing a public key") { PEM_write_bio_PUBKEY($0, key) }
  }

  package func verifies(signature: [UInt8], of message: [UInt8]) -> Bool {
    guard signature.count == 64,
      let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count),
      let context = EVP_MD_CTX_new()
    else { return false }
    defer {
      EVP_MD_CTX_free(context)
      EVP_PKEY_free(key)
      ERR_clear_error()
    }
    guard EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else { return false }
    return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }
}

/// The private half: signs. Its description shows the public identifier alone.
package struct PrivateKey: Sendable, CustomStringConvertible {
  /// The raw 32-byte seed.
  private let seed: [UInt8]
  package let publicKey: PublicKey

  /// Reads a PEM file (`BEGIN PRIVATE KEY`, PKCS#8, not encrypted).
  package init(pem: [UInt8]) throws(SigningError) {
    guard let bio = BIO_new_mem_buf(pem, Int32(pem.count)) else {
      throw .last("reading a private key")
    }
    defer { BIO_free(bio) }
    // Without the callback OpenSSL would ask for a passphrase on the terminal.
    guard let key = PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil) else {
      throw .last("reading a private key")
    }
    defer { EVP_PKEY_free(key) }
    var bytes = [UInt8](repeating: 0, count: 32)
    var count = 32
    guard EVP_PKEY_get_raw_private_key(key, &bytes, &count) == 1, count == 32,
      EVP_PKEY_get_id(key) == EVP_PKEY_ED25519
    else {
      ERR_clear_error()
      throw SigningError(operation: "reading a private key", reason: "it is not an Ed25519 key")
    }
    self.seed = bytes
    guard let publicKey = PublicKey(bytes: try rawPublicBytes(key)) else {
      throw .last("reading a private key")
    }
    self.publicKey = publicKey
  }

  /// A new key from OpenSSL's random numbers.
  package static func generate() throws(SigningError) -> PrivateKey {
    try PrivateKey(seed: Signing.randomBytes(count: 32))
  }

  /// The key of a 32-byte seed (RFC 8032, section 5.1.5).
  package init(seed: [UInt8]) throws(SigningError) {
    guard seed.count == 32,
      let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
    else { throw .last("making a private key") }
    defer { EVP_PKEY_free(key) }
    self.seed = seed
    guard let publicKey = PublicKey(bytes: try rawPublicBytes(key)) else {
      throw .last("making a private key")
    }
    self.publicKey = publicKey
  }

  package func pem() throws(SigningError) -> [UInt8] {
    guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else {
      throw .last("writing a private key")
    }
    defer { EVP_PKEY_free(key) }
    return try written("writing a private key") {
      PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil)
    }
  }

  /// The 64-byte signature of a message. Ed25519 is deterministic: the same key and message give
  /// the same signature.
  package func signature(of message: [UInt8]) throws(SigningError) -> [UInt8] {
    guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else {
      throw .last("signing")
    }
    defer { EVP_PKEY_free(key) }
    guard let context = EVP_MD_CTX_new() else { throw .last("signing") }
    defer { EVP_MD_CTX_free(context) }
    var output = [UInt8](repeating: 0, count: 64)
    var count = 64
    guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
      EVP_DigestSign(context, &output, &count, message, message.count) == 1
    else { throw .last("signing") }
    return output
  }

  package var description: String { "Ed25519 key \(publicKey.identifier)" }
}

private func rawPublicBytes(_ key: OpaquePointer) throws(SigningError) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: 32)
  var count = 32
  guard EVP_PKEY_get_id(key) == EVP_PKEY_ED25519,
    EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, count == 32
  else {
    ERR_clear_error()
    throw SigningError(operation: "reading a key", reason: "it is not an Ed25519 key")
  }
  return bytes
}

private func written(_ operation: String, _ write: (OpaquePointer) -> Int32) throws(SigningError)
  -> [UInt8]
{
  guard let bio = BIO_new(BIO_s_mem()) else { throw .last(operation) }
  defer { BIO_free(bio) }
  guard write(bio) == 1 else { throw .last(operation) }
  var output: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1024)
  while case let count = BIO_read(bio, &buffer, Int32(buffer.count)), count > 0 {
    output.append(contentsOf: buffer[..<Int(count)])
  }
  return output
}
