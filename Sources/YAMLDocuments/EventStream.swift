// libyaml's parser and its current event, owned by one value. The parser stores its own address
// and the address of the input, so both structs live on the heap and the input must outlive the
// stream. Nothing of libyaml leaves this room.

internal import CLibYAML
internal import Documents

/// The events of one text, one at a time.
struct EventStream: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  /// The current event: filled by `next()`, freed by the next call of it.
  private let event: UnsafeMutablePointer<yaml_event_t>

  /// Where memory is short the process ends, as it does at any other allocation.
  ///
  /// - Parameter input: read as UTF-8; it must stay in place for as long as the stream lives.
  init(borrowing input: UnsafeBufferPointer<UInt8>) {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    precondition(yaml_parser_initialize(parser) == 1, "no memory for a YAML parser")
    self.parser = parser
    event = .allocate(capacity: 1)
    event.initialize(to: yaml_event_t())
    // With a given encoding libyaml looks for no byte order mark, and so never reads UTF-16.
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, input.baseAddress, input.count)
  }

  deinit {
    yaml_event_delete(event)
    event.deallocate()
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// Moves on to the next event; nil where the text cannot be parsed any further.
  ///
  /// The pointer is good until the next call.
  mutating func next() -> UnsafePointer<yaml_event_t>? {
    yaml_event_delete(event)
    return yaml_parser_parse(parser, event) == 1 ? UnsafePointer(event) : nil
  }

  /// Why `next()` gave nil.
  var failure: ScanFailure {
    let parser = parser.pointee
    return ScanFailure(
      isReaderError: parser.error == YAML_READER_ERROR,
      problem: parser.problem.map { String(cString: $0) } ?? "out of memory",
      context: parser.context.map { String(cString: $0) } ?? "",
      offset: Int(parser.problem_offset), character: Int(parser.problem_value),
      position: Position(parser.problem_mark), contextPosition: Position(parser.context_mark))
  }
}

/// What libyaml says of a text that it cannot parse.
struct ScanFailure {
  /// The bytes are no characters that YAML allows; only `offset` and `character` say where.
  var isReaderError: Bool
  var problem: String
  var context: String
  var offset: Int
  var character: Int
  var position: Position
  var contextPosition: Position
}

extension Position {
  init(_ mark: yaml_mark_t) {
    self.init(
      line: UInt32(truncatingIfNeeded: mark.line + 1),
      column: UInt32(truncatingIfNeeded: mark.column + 1))
  }
}
