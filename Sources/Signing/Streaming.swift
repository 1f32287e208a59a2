// SHA-256 and HMAC-SHA256 for whoever computes millions of them: the algorithm is looked up and the
// key is prepared once, and nothing is allocated for a digest. The results are those of
// `Signing.sha256` and `Signing.hmacSHA256`.

internal import COpenSSL

/// The 32 bytes of a digest in place.
package struct RawDigest: Hashable, Sendable {
  // Four words instead of an array: a digest is made for every event of a log.
  private var words: SIMD4<UInt64> = .zero

  /// 32 zero bytes.
  package init() {}

  /// - Returns: nil for any other number of bytes than 32.
  package init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == 32 else { return nil }
    withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
  }

  package init(_ digest: Digest) {
    digest.bytes.withUnsafeBytes { bytes in
      withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
    }
  }

  package var digest: Digest { withBytes { Digest(bytes: Array($0)) } ?? .zero }

  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
    -> Result
  {
    try withUnsafeBytes(of: words, body)
  }

  fileprivate init(filling body: (UnsafeMutablePointer<UInt8>) -> Bool) {
    let isFilled = withUnsafeMutableBytes(of: &words) { buffer in
      buffer.assumingMemoryBound(to: UInt8.self).baseAddress.map(body) ?? false
    }
    precondition(isFilled, "OpenSSL cannot compute a digest")
  }
}

/// Computes SHA-256, one digest after another or one of many pieces. Not for several threads.
package final class SHA256Stream {
  private let algorithm: OpaquePointer
  private let context: OpaquePointer
  /// Whether nothing was added since it began.
  private var isFresh = false

  package init() {
    guard let algorithm = EVP_MD_fetch(nil, "SHA256", nil), let context = EVP_MD_CTX_new() else {
      preconditionFailure("OpenSSL has no SHA-256")
    }
    self.algorithm = algorithm
    self.context = context
    begin()
  }

  deinit {
    EVP_MD_CTX_free(context)
    EVP_MD_free(algorithm)
  }

  /// The digest of bytes; what was added before is forgotten.
  package func digest(_ bytes: UnsafeRawBufferPointer) -> RawDigest {
    begin()
    add(bytes)
    return finish()
  }

  package func add(_ bytes: UnsafeRawBufferPointer) {
    isFresh = false
    precondition(
      EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1,
      "OpenSSL cannot compute a digest")
  }

  /// The digest of all that was added since the last.
  package func finish() -> RawDigest {
    isFresh = false
    let digest = RawDigest { EVP_DigestFinal_ex(context, $0, nil) == 1 }
    begin()
    return digest
  }

  private func begin() {
    if isFresh { return }
    isFresh = true
    precondition(EVP_DigestInit_ex2(context, algorithm, nil) == 1, "OpenSSL has no SHA-256")
  }
}

/// Computes HMAC-SHA256 under one key over messages that begin alike. Not for several threads.
package final class Authenticator {
  private let context: OpaquePointer
  private let prefix: [UInt8]

  /// - Parameter prefix: what each message begins with.
  package init(key: [UInt8], prefix: [UInt8]) {
    self.prefix = prefix
    guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil) else {
      preconditionFailure("OpenSSL has no HMAC")
    }
    defer { EVP_MAC_free(algorithm) }
    guard let context = EVP_MAC_CTX_new(algorithm) else {
      preconditionFailure("OpenSSL has no memory")
    }
    self.context = context
    // A parameter only points to its name and its value, so both have to outlive the call.
    var digest = Array("SHA256".utf8CString)
    let isReady = OSSL_MAC_PARAM_DIGEST.withCString { name in
      digest.withUnsafeMutableBufferPointer { digest in
        let parameters = [
          OSSL_PARAM_construct_utf8_string(name, digest.baseAddress, 0),
          OSSL_PARAM_construct_end(),
        ]
        return EVP_MAC_init(context, key, key.count, parameters) == 1
      }
    }
    precondition(isReady, "OpenSSL cannot compute HMAC-SHA256")
  }

  deinit {
    EVP_MAC_CTX_free(context)
  }

  /// Whether a code is the one of prefix and message, in a time that does not depend on where it
  /// differs.
  package func verifies(_ code: UnsafeRawBufferPointer, of message: RawDigest) -> Bool {
    // Without a key the context begins anew under the one that it has (EVP_MAC(3)).
    var isComputed = EVP_MAC_init(context, nil, 0, nil) == 1
    isComputed = isComputed && EVP_MAC_update(context, prefix, prefix.count) == 1
    message.withBytes { bytes in
      let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
      isComputed = isComputed && EVP_MAC_update(context, start, bytes.count) == 1
    }
    let expected = RawDigest { isComputed && EVP_MAC_final(context, $0, nil, 32) == 1 }
    return code.count == 32
      && expected.withBytes { CRYPTO_memcmp($0.baseAddress, code.baseAddress, 32) == 0 }
  }
}
