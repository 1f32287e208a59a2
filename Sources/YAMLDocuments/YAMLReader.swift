// A definitions file becomes a tree of nodes, or findings. What is accepted is small on purpose:
// one document in UTF-8, read by the core schema of YAML 1.2; anchors, aliases, tags, merge keys,
// directives, duplicate keys and hidden line breaks are refused, since a reviewer must see what a
// file says by reading it. Limits hold while parsing: libyaml is quadratic in nesting.

internal import CLibYAML
package import Documents

/// The outcome of reading one file.
package struct YAMLReading: Sendable {
  /// The tree; nil where there is any finding.
  package let document: Document?
  /// Everything that is wrong, in the order of the file.
  package let findings: [Finding]

  fileprivate init(
    file: String, root: Node?, problems: [YAMLProblem],
    comments: @autoclosure () -> [DocumentComment] = []
  ) {
    findings = problems.map { $0.finding(in: file) }.sorted()
    let isValid = findings.isEmpty
    document =
      isValid ? root.map { Document(file: file, root: $0, comments: comments()) } : nil
  }
}

package enum YAMLReader {
  /// Reads one file: at most `Limits.fileBytesMax` bytes, `Limits.depthMax` nested containers and
  /// `Limits.eventsMax` events.
  ///
  /// - Parameter file: the path that findings name.
  package static func read(_ bytes: [UInt8], file: String) -> YAMLReading {
    if bytes.count > Limits.fileBytesMax {
      return YAMLReading(file: file, root: nil, problems: [.fileTooLarge(bytes.count)])
    }
    return bytes.withUnsafeBufferPointer { input in
      var reader = EventReader()
      reader.read(input)
      return YAMLReading(
        file: file, root: reader.builder.root,
        problems: told(of: reader.builder.problems, in: input),
        comments: CommentReader.comments(in: input))
    }
  }

  /// What of all that was found is told, and what the bytes alone tell.
  private static func told(
    of problems: [YAMLProblem], in input: UnsafeBufferPointer<UInt8>
  ) -> [YAMLProblem] {
    // In another encoding the same bytes are other characters.
    if problems.contains(where: { $0.code == .fileNotUTF8 }) { return problems }
    // Whatever else is found in such a file comes from having both sides in it.
    let conflicts = MergeConflict.problems(in: input, isBroken: !problems.isEmpty)
    if !conflicts.isEmpty { return conflicts }
    // Behind a hidden line break libyaml counts other lines than everybody else.
    let breaks = HiddenLineBreak.problems(in: input)
    return breaks.isEmpty ? problems : breaks
  }
}

/// Takes events in order and feeds the builder.
private struct EventReader: ~Copyable {
  var builder = TreeBuilder()
  private var documentsCount = 0

  mutating func read(_ input: UnsafeBufferPointer<UInt8>) {
    if input.starts(with: [0xEF, 0xBB, 0xBF]) { builder.report(.byteOrderMark()) }
    var stream = EventStream(borrowing: input)
    let eventsMax = Limits.eventsMax
    var eventsCount = 0
    while true {
      guard let event = stream.next() else {
        builder.report(stream.failure.yamlProblem(in: input))
        return
      }
      eventsCount += 1
      if eventsCount > eventsMax {
        builder.report(.tooManyEvents(at: Position(event.pointee.start_mark)))
        return
      }
      if take(event) { break }
    }
    if documentsCount == 0 { builder.report(.emptyFile()) }
  }

  /// Whether the reading is over.
  private mutating func take(_ event: UnsafePointer<yaml_event_t>) -> Bool {
    let position = Position(event.pointee.start_mark)
    switch event.pointee.type {
    case YAML_SCALAR_EVENT:
      scalar(event, at: position)
    case YAML_MAPPING_START_EVENT:
      let start = event.pointee.data.mapping_start
      return begin(isMapping: true, anchor: start.anchor, tag: start.tag, at: position)
    case YAML_SEQUENCE_START_EVENT:
      let start = event.pointee.data.sequence_start
      return begin(isMapping: false, anchor: start.anchor, tag: start.tag, at: position)
    case YAML_MAPPING_END_EVENT, YAML_SEQUENCE_END_EVENT:
      builder.end()
    case YAML_ALIAS_EVENT:
      alias(event, at: position)
    case YAML_DOCUMENT_START_EVENT:
      documentStart(event, at: position)
    case YAML_STREAM_END_EVENT:
      return true
    default:
      break
    }
    return false
  }

  private mutating func documentStart(
    _ event: UnsafePointer<yaml_event_t>, at position: Position
  ) {
    documentsCount += 1
    if documentsCount == 2 { builder.report(.severalDocuments(at: position)) }
    let start = event.pointee.data.document_start
    if start.version_directive != nil || start.tag_directives.start != start.tag_directives.end {
      builder.report(.directive(at: position))
    }
  }

  /// Whether the reading is over, since the nesting is too deep.
  private mutating func begin(
    isMapping: Bool, anchor: UnsafePointer<UInt8>?, tag: UnsafePointer<UInt8>?,
    at position: Position
  ) -> Bool {
    refuse(anchor: anchor, tag: tag, at: position)
    guard builder.depth < Limits.depthMax else {
      builder.report(.nestedTooDeep(at: position))
      return true
    }
    builder.begin(isMapping: isMapping, at: position)
    return false
  }

  private mutating func refuse(
    anchor: UnsafePointer<UInt8>?, tag: UnsafePointer<UInt8>?, at position: Position
  ) {
    if let anchor { builder.report(.anchor(String(cString: anchor), at: position)) }
    if let tag { builder.report(.tag(shortTag(String(cString: tag)), at: position)) }
  }

  /// `!!str` instead of the long form that libyaml makes of it.
  private func shortTag(_ tag: String) -> String {
    let prefix = "tag:yaml.org,2002:"
    return tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
  }

  private mutating func alias(_ event: UnsafePointer<yaml_event_t>, at position: Position) {
    let name = event.pointee.data.alias.anchor.map { String(cString: $0) } ?? ""
    builder.report(.alias(name, at: position))
    if builder.expectsKey {
      builder.appendRefusedKey()
    } else {
      builder.append(Node(.null, at: position))
    }
  }
}

extension EventReader {
  private mutating func scalar(_ event: UnsafePointer<yaml_event_t>, at position: Position) {
    let scalar = event.pointee.data.scalar
    if scalar.anchor != nil || scalar.tag != nil {
      refuse(anchor: scalar.anchor, tag: scalar.tag, at: position)
    }
    let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
    // Only an escape in double quotes can bring a zero this far.
    if scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE, bytes.contains(0) {
      builder.report(.zeroCharacter(at: position))
    }
    let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
    if builder.expectsKey {
      key(bytes, isPlain: isPlain, at: position)
    } else if isPlain {
      plain(bytes, at: position)
    } else {
      builder.append(Node(.string(String(decoding: bytes, as: UTF8.self)), at: position))
    }
  }

  private mutating func key(
    _ bytes: UnsafeBufferPointer<UInt8>, isPlain: Bool, at position: Position
  ) {
    if isPlain, bytes.count == 2, bytes[0] == UInt8(ascii: "<"), bytes[1] == UInt8(ascii: "<") {
      builder.report(.mergeKey(at: position))
      builder.appendRefusedKey()
      return
    }
    builder.append(key: String(decoding: bytes, as: UTF8.self), at: position)
  }

  private mutating func plain(_ bytes: UnsafeBufferPointer<UInt8>, at position: Position) {
    if bytes.isEmpty, builder.depth == 0, documentsCount == 1 { builder.report(.emptyFile()) }
    switch CoreSchema.resolve(bytes) {
    case .string:
      builder.append(Node(.string(String(decoding: bytes, as: UTF8.self)), at: position))
    case .value(let value):
      builder.append(Node(value, at: position))
    case .notFinite:
      builder.report(.notFinite(String(decoding: bytes, as: UTF8.self), at: position))
      builder.append(Node(.null, at: position))
    case .integerTooLarge:
      builder.report(.integerTooLarge(String(decoding: bytes, as: UTF8.self), at: position))
      builder.append(Node(.null, at: position))
    }
  }
}
