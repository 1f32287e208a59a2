// Texts that are looked up by their bytes: the strings of a long `in`, the units that an experiment
// forces. They lie in the order of their hashes, so a search compares numbers and, at its end, one
// text; it works on bytes where they stand and allocates nothing.

/// Different texts, each known by the place at which it was given.
struct TextTable: Sendable {
  private let hashes: [UInt32]
  private let texts: [[UInt8]]
  private let places: [Int]

  init(_ texts: [[UInt8]]) {
    let sorted = texts.enumerated().map { place, text in
      (hash: Murmur3.hash(text), place: place, text: text)
    }
    .sorted { ($0.hash, $0.place) < ($1.hash, $1.place) }
    hashes = sorted.map(\.hash)
    places = sorted.map(\.place)
    self.texts = sorted.map(\.text)
  }

  var isEmpty: Bool { hashes.isEmpty }

  /// The texts in the order in which they were given.
  var all: [[UInt8]] {
    zip(places, texts).sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// The place at which a text was given; nil where it was not.
  func place(of text: UnsafeBufferPointer<UInt8>) -> Int? {
    var murmur = Murmur3()
    murmur.append(text)
    let hash = murmur.value
    var (low, high) = (0, hashes.count)
    while low < high {
      let middle = (low + high) / 2
      if hashes[middle] < hash { low = middle + 1 } else { high = middle }
    }
    while low < hashes.count, hashes[low] == hash {
      if texts[low].withUnsafeBufferPointer({ text.hasSameBytes(as: $0) }) { return places[low] }
      low += 1
    }
    return nil
  }
}
