// MurmurHash3, x86 32-bit variant, seed 0: the hash that places users into buckets. It is computed
// step by step, so that the state after a salt is kept and each call adds only the unit: no
// concatenated string is ever built. It distributes well and is the same in every SDK; it is no
// defence against anybody, and is used for nothing but buckets.

/// A MurmurHash3 (x86, 32 bit) in the making. A copy goes on from where the original stood.
package struct Murmur3: Sendable {
  private var state: UInt32
  private var byteCount: UInt32 = 0
  /// The bytes of the block that is not complete yet, lowest first.
  private var tail: UInt32 = 0

  package init(seed: UInt32 = 0) {
    state = seed
  }

  /// The hash of bytes with seed 0.
  package static func hash(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var hash = Murmur3()
    for byte in bytes { hash.append(byte) }
    return hash.value
  }

  /// The state after a prefix, ready for units.
  package init(prefix: String) {
    self.init()
    append(prefix)
  }

  package mutating func append(_ text: String) {
    var copy = text
    copy.withUTF8 { append($0) }
  }

  package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    var offset = 0
    while offset < bytes.count, byteCount & 3 != 0 {
      append(bytes[offset])
      offset += 1
    }
    let raw = UnsafeRawBufferPointer(bytes)
    while offset + 4 <= bytes.count {
      let block = raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      mix(UInt32(littleEndian: block))
      byteCount &+= 4
      offset += 4
    }
    while offset < bytes.count {
      append(bytes[offset])
      offset += 1
    }
  }

  private mutating func append(_ byte: UInt8) {
    tail |= UInt32(byte) << (8 * (byteCount & 3))
    byteCount &+= 1
    if byteCount & 3 == 0 {
      mix(tail)
      tail = 0
    }
  }

  private mutating func mix(_ block: UInt32) {
    state ^= Self.scrambled(block)
    state = Self.rotated(state, by: 13) &* 5 &+ 0xE654_6B64
  }

  /// The hash of everything appended so far.
  package var value: UInt32 {
    var hash = state
    if byteCount & 3 != 0 { hash ^= Self.scrambled(tail) }
    hash ^= byteCount
    hash ^= hash >> 16
    hash &*= 0x85EB_CA6B
    hash ^= hash >> 13
    hash &*= 0xC2B2_AE35
    return hash ^ hash >> 16
  }

  /// The bucket of a unit, in 0..<10,000, after the prefix that this state stands for.
  package func bucket(of unit: String) -> Int {
    var copy = unit
    return copy.withUTF8 { bucket(of: $0) }
  }

  func bucket(of unit: UnsafeBufferPointer<UInt8>) -> Int {
    var hash = self
    hash.append(unit)
    return Int(hash.value % UInt32(BucketRanges.bucketCount))
  }

  private static func scrambled(_ block: UInt32) -> UInt32 {
    rotated(block &* 0xCC9E_2D51, by: 15) &* 0x1B87_3593
  }

  private static func rotated(_ word: UInt32, by bits: UInt32) -> UInt32 {
    word << bits | word >> (32 - bits)
  }
}
