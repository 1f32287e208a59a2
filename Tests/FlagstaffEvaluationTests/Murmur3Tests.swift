// The hash against vectors of another implementation, and against itself in pieces: a bucket that
// differed by one from that of another SDK would move users.

import Documents
import FlagstaffEvaluation
import Foundation
import Testing

struct Murmur3Tests {
  private static let conformance = ProcessInfo.processInfo.environment["FLAGSTAFF_CONFORMANCE"]

  @Test(
    "hash and bucket agree with every vector of the conformance data",
    .enabled(
      if: conformance != nil,
      "FLAGSTAFF_CONFORMANCE is not set: the vectors of MurmurHash3 were not checked"))
  func vectors() throws {
    let folder = try #require(Self.conformance)
    let data = try Data(contentsOf: URL(filePath: "\(folder)/murmur3/murmur3-x86-32.json"))
    let vectors = try #require(try JSONReader.read(Array(data))["vectors"]?.sequence)
    #expect(!vectors.isEmpty)
    for vector in vectors {
      let text = try #require(vector["text"]?.string)
      #expect(Int(Murmur3.hash(text.utf8)) == vector["hash"]?.integer, "\(text.debugDescription)")
      #expect(Murmur3().bucket(of: text) == vector["bucket"]?.integer, "\(text.debugDescription)")
    }
  }

  @Test(
    "known hashes hold without the conformance data",
    arguments: [
      ("", 0), ("a", 1_009_084_850), ("abcd", 1_139_631_978), ("ü", 2_017_519_274),
      ("The quick brown fox jumps over the lazy dog", 776_992_547),
    ])
  func known(text: String, hash: UInt32) {
    #expect(Murmur3.hash(text.utf8) == hash)
  }

  @Test("a prefix and a unit hash as their concatenation, wherever it is cut")
  func pieces() {
    let text = "0f8b2c4e-checkout/1/日本語-user-42🏴‍☠️"
    let whole = Murmur3.hash(text.utf8)
    for index in text.unicodeScalars.indices {
      var hash = Murmur3(prefix: String(text[..<index]))
      hash.append(String(text[index...]))
      #expect(hash.value == whole)
    }
    for (first, second) in [(1, 2), (3, 9), (4, 4), (5, 6), (7, 30)] {
      let bytes = Array(text.utf8)
      var hash = Murmur3()
      for piece in [bytes[..<first], bytes[first..<(first + second)], bytes[(first + second)...]] {
        Array(piece).withUnsafeBufferPointer { hash.append($0) }
      }
      #expect(hash.value == whole)
    }
  }
}
