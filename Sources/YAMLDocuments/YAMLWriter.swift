// A tree of nodes becomes a file that a person would write: block style, short lists and mappings
// on one line, quotes where the text would otherwise mean something else. libyaml writes it, and
// what it writes reads back as an equal tree. Comments are no part of a tree; whoever wants some
// puts them before the text.

internal import CLibYAML
package import Documents

/// Why a tree cannot be written.
package struct YAMLWriteError: Error, CustomStringConvertible {
  package let reason: String

  package var description: String { "writing YAML: \(reason)" }
}

package enum YAMLWriter {
  /// The longest mapping or list, as JSON, that stands on one line.
  static let lineBytesMax = 64
  /// So many levels of mappings and lists never stand on one line.
  static let blockDepth = 3

  /// A document in UTF-8, with a line end at its end.
  ///
  /// - Throws: where a string holds U+0000, which no reader of ours takes, or memory is short.
  package static func text(_ node: Node) throws(YAMLWriteError) -> String {
    guard var emitter = Emitter() else {
      throw YAMLWriteError(reason: "there is no memory")
    }
    try emitter.write(node)
    return String(decoding: emitter.bytes, as: UTF8.self)
  }
}

/// libyaml's emitter and its output, owned by one value. The emitter stores its own address and the
/// output's, so both live on the heap.
private struct Emitter: ~Copyable {
  private let emitter: UnsafeMutablePointer<yaml_emitter_t>
  private let output: UnsafeMutablePointer<[UInt8]>

  /// Nil where memory is short.
  init?() {
    let emitter = UnsafeMutablePointer<yaml_emitter_t>.allocate(capacity: 1)
    guard yaml_emitter_initialize(emitter) == 1 else {
      emitter.deallocate()
      return nil
    }
    self.emitter = emitter
    output = .allocate(capacity: 1)
    output.initialize(to: [])
    yaml_emitter_set_unicode(emitter, 1)
    // A line that is folded reads back the same, but makes differences hard to read.
    yaml_emitter_set_width(emitter, -1)
    yaml_emitter_set_output(
      emitter,
      { output, bytes, count in
        guard let output, let bytes else { return 0 }
        output.assumingMemoryBound(to: [UInt8].self).pointee
          .append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
        return 1
      }, output)
  }

  deinit {
    yaml_emitter_delete(emitter)
    emitter.deallocate()
    output.deinitialize(count: 1)
    output.deallocate()
  }

  var bytes: [UInt8] { output.pointee }

  mutating func write(_ node: Node) throws(YAMLWriteError) {
    try emit { yaml_stream_start_event_initialize($0, YAML_UTF8_ENCODING) }
    try emit { yaml_document_start_event_initialize($0, nil, nil, nil, 1) }
    try value(node, depth: 0)
    try emit { yaml_document_end_event_initialize($0, 1) }
    try emit { yaml_stream_end_event_initialize($0) }
  }

  private func emit(_ initialize: (UnsafeMutablePointer<yaml_event_t>) -> Int32)
    throws(YAMLWriteError)
  {
    var event = yaml_event_t()
    // "The emitter takes responsibility for the event object" (yaml.h), also where it fails.
    guard initialize(&event) == 1, yaml_emitter_emit(emitter, &event) == 1 else {
      let problem = emitter.pointee.problem.map { String(cString: $0) }
      throw YAMLWriteError(reason: problem ?? "there is no memory")
    }
  }
}

extension Emitter {
  private func value(_ node: Node, depth: Int) throws(YAMLWriteError) {
    switch node.value {
    case .null: try plain("null")
    case .boolean(let boolean): try plain(boolean ? "true" : "false")
    case .integer(let integer): try plain(String(integer))
    case .number(let number): try plain(Self.text(number))
    case .string(let string): try self.string(string)
    case .sequence(let nodes): try sequence(nodes, isFlow: isFlow(node, depth), depth: depth)
    case .mapping(let mapping): try self.mapping(mapping, isFlow: isFlow(node, depth), depth: depth)
    }
  }

  /// A list of mappings has a line for each of them, unless it stands in a line itself.
  private func isFlow(_ node: Node, _ depth: Int) -> Bool {
    if node.sequence?.contains(where: { $0.mapping?.isEmpty == false }) == true { return false }
    return depth >= YAMLWriter.blockDepth
      && CanonicalJSON.bytes(node).count <= YAMLWriter.lineBytesMax
  }

  private func sequence(_ nodes: [Node], isFlow: Bool, depth: Int) throws(YAMLWriteError) {
    let style = isFlow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE
    try emit { yaml_sequence_start_event_initialize($0, nil, nil, 1, style) }
    for node in nodes { try value(node, depth: depth + 1) }
    try emit { yaml_sequence_end_event_initialize($0) }
  }

  private func mapping(_ mapping: Mapping, isFlow: Bool, depth: Int) throws(YAMLWriteError) {
    let style = isFlow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE
    try emit { yaml_mapping_start_event_initialize($0, nil, nil, 1, style) }
    for entry in mapping.entries {
      // A key is a string however it is written, but for the merge key.
      try string(entry.key, isKey: true)
      try value(entry.value, depth: depth + 1)
    }
    try emit { yaml_mapping_end_event_initialize($0) }
  }

  private func string(_ string: String, isKey: Bool = false) throws(YAMLWriteError) {
    let bytes = Array(string.utf8)
    guard !bytes.contains(0) else {
      throw YAMLWriteError(reason: "a string holds the character U+0000")
    }
    let isString = bytes.withUnsafeBufferPointer { buffer in
      if case .string = CoreSchema.resolve(buffer) { true } else { false }
    }
    let isMerge = isKey && string == "<<"
    // Of what is no plain text the escapes of double quotes alone bring back every character.
    let isOdd =
      bytes.contains { $0 < 0x20 || $0 == 0x7F }
      || !string.unicodeScalars.allSatisfy {
        $0.value < 0x80 || Self.isShown($0)
      }
    let isPlain = (isString || isKey) && !isOdd && !isMerge
    try scalar(bytes, isPlain ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE)
  }

  private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: false
    default: scalar.value != 0xFEFF
    }
  }

  private func plain(_ text: String) throws(YAMLWriteError) {
    try scalar(Array(text.utf8), YAML_PLAIN_SCALAR_STYLE)
  }

  /// A style is a wish: where plain text would be read otherwise, libyaml puts it in quotes.
  private func scalar(_ bytes: [UInt8], _ style: yaml_scalar_style_t) throws(YAMLWriteError) {
    let count = Int32(bytes.count)
    try emit { event in
      bytes.withUnsafeBufferPointer { buffer in
        // No pointer at all would be an error, also for no bytes.
        withUnsafePointer(to: UInt8(0)) { empty in
          yaml_scalar_event_initialize(
            event, nil, nil, buffer.baseAddress ?? empty, count, 1, 1, style)
        }
      }
    }
  }

  /// A number that is no integer within ±(2^53−1), so that it is read as one again.
  private static func text(_ number: Double) -> String {
    let text = CanonicalJSON.numberText(number)
    return text.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") }
      ? text : text + ".0"
  }
}
