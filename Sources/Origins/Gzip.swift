// The compressed twin of a published object (RFC 1952), which a web server hands out as it is.
// The header carries no time and no name, so equal bytes compress to equal files as long as zlib
// stays the same; digests are never taken over them.

internal import CZlib

enum Gzip {
  /// zlib adds 16 to the window's size to mean the gzip format.
  private static let windowBits: Int32 = 15 + 16
  private static let level: Int32 = 9
  /// zlib's default, in units of its own (1 to 9).
  private static let memoryLevel: Int32 = 8

  static func compressed(_ bytes: [UInt8]) -> [UInt8] {
    // zlib's state points back at its stream, so the stream stays at one address.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    let started = deflateInit2_(
      stream, level, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(started == Z_OK, "zlib has no memory or is of another version")
    defer { deflateEnd(stream) }

    var input = bytes
    var output = [UInt8](repeating: 0, count: Int(deflateBound(stream, UInt(bytes.count))))
    let outcome = run(stream, &input, &output) { deflate($0, Z_FINISH) }
    precondition(outcome == Z_STREAM_END, "deflateBound is enough for one call")
    output.removeLast(Int(stream.pointee.avail_out))
    return output
  }

  /// Whether a file is intact and decompresses to exactly these bytes.
  static func isTwin(_ file: [UInt8], of bytes: [UInt8]) -> Bool {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    let started = inflateInit2_(
      stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(started == Z_OK, "zlib has no memory or is of another version")
    defer { inflateEnd(stream) }

    var input = file
    // One byte more than expected, so that a longer text is noticed.
    var output = [UInt8](repeating: 0, count: bytes.count + 1)
    let outcome = run(stream, &input, &output) { inflate($0, Z_FINISH) }
    return outcome == Z_STREAM_END && stream.pointee.avail_in == 0
      && stream.pointee.avail_out == 1 && output.dropLast().elementsEqual(bytes)
  }

  private static func run(
    _ stream: UnsafeMutablePointer<z_stream>, _ input: inout [UInt8], _ output: inout [UInt8],
    _ step: (UnsafeMutablePointer<z_stream>) -> Int32
  ) -> Int32 {
    input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        return step(stream)
      }
    }
  }
}
