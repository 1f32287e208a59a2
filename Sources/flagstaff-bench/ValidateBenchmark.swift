// How long it takes to check a whole repository, beside a bare parse of the same bytes by libyaml
// on one core, which throws every event away. The check may use both cores, and does all the rest
// too: it walks the folder, reads the files, builds trees, applies the schemas, follows references.

import ArgumentParser
import CLibYAML
import FlagstaffController
import FlagstaffCore
import Foundation
import GitSource

struct ValidateBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Checks a folder of definitions, beside a bare parse by libyaml and other checkers.",
    discussion:
      "The peers are packages of PyPI, which .ci/install-packages --tests puts into .build/python.")

  @OptionGroup var size: BenchmarkSize

  func run() async throws {
    try await Workplace.with(size) { try await Self.run(in: $0) }
  }

  static func run(in place: Workplace) async throws {
    let folder = place.definitions.path(percentEncoded: false)
    let files = try YAMLFloor.files(below: place.definitions)
    _ = try await FolderDefinitions.read(folder).loaded
    var (floor, check) = (Samples(), Samples())
    var peak: Int?
    for _ in 0..<place.size.turns {
      floor.append(await Sample.measure { YAMLFloor.parse(files) })
      HostMemory.claim(mebibytes: 512)
      PeakMemory.reset()
      // Kept until it is measured: the command ends without taking its result apart.
      var kept: LoadedDefinitions?
      check.append(
        try await Sample.measure {
          let loaded = try await FolderDefinitions.read(folder).loaded
          kept = loaded
          guard loaded.definitions.heldScopes.isEmpty, loaded.parsed == files.count
          else {
            throw BenchmarkFailure("the generated definitions have errors")
          }
        })
      peak = PeakMemory.mebibytes.map { max($0, peak ?? 0) }
      withExtendedLifetime(kept) {}
    }
    let bytes = files.reduce(0) { $0 + $1.count }
    let megabytes = Double(bytes) / 1e6
    Report.title("validate: \(files.count) files, \(Report.number(megabytes)) MB")
    Report.line("libyaml events, one core", "\(Report.number(megabytes / floor.seconds)) MB/s")
    Report.line("flagstaff validate", "\(Report.number(megabytes / check.seconds)) MB/s")
    Report.ratio("time, to libyaml's", check.seconds, to: floor.seconds, target: 1.5)
    Report.ratio(
      "processor time, to libyaml's", check.processorSeconds, to: floor.processorSeconds)
    if let peak { Report.line("peak memory, with the floor's files", "\(peak) MiB") }
    try reportPeers(in: place, check.seconds)
    try await reportEdits(in: place)
  }

  /// How many times as long others take. The files are read from the disk's cache by all.
  private static func reportPeers(in place: Workplace, _ seconds: Double) throws {
    let all = try YAMLFloor.paths(below: place.definitions)
    let part = all.filter { $0.lastPathComponent != "flagstaff.yaml" }
      .enumerated().filter { $0.offset % 20 == 0 }.map(\.element)
    let share = Double(part.count) / Double(all.count)
    report(
      "check-jsonschema, to ours", try ValidatePeers.checkJSONSchema(part), seconds * share, 100)
    let fastest = try ValidatePeers.fastest(below: place.definitions)
    report("PyYAML's C loader and jsonschema-rs", fastest, seconds, 8)
  }

  private static func report(
    _ name: String, _ outcome: ValidatePeers.Outcome, _ ours: Double, _ target: Double
  ) {
    switch outcome {
    case .seconds(let theirs):
      Report.line(
        name, "\(Report.number(theirs / ours)) times as long  (target: at least \(Int(target)))")
    case .unavailable(let reason): Report.line(name, "not measured: \(reason)")
    }
  }

  /// What `validate --watch` does after an edit, from the write to the findings.
  private static func reportEdits(in place: Workplace) async throws {
    let folder = place.definitions.path(percentEncoded: false)
    let watch = try FolderWatch(folder, under: Layout.roots)
    var definitions = try await FolderDefinitions.read(folder)
    _ = definitions.loaded
    var edits = Samples()
    let paths = try YAMLFloor.paths(below: place.definitions)
    for turn in 0..<20 {
      let file = paths[turn * paths.count / 20]
      let text = try Data(contentsOf: file) + Data("# edited\n".utf8)
      edits.append(
        try await Sample.measure {
          try text.write(to: file, options: .atomic)
          let change = try await watch.next()
          guard try await definitions.take(change), definitions.loaded.parsed == 1 else {
            throw BenchmarkFailure("an edit was not seen")
          }
        })
    }
    Report.line(
      "an edit, until it is answered",
      "\(Report.number(edits.milliseconds)) ms  (target: at most 50)")
  }
}

/// The least that anybody must do who reads YAML with libyaml.
enum YAMLFloor {
  static func paths(below folder: URL) throws -> [URL] {
    let paths = try FileManager.default.subpathsOfDirectory(
      atPath: folder.path(percentEncoded: false))
    return paths.sorted().filter { $0.hasSuffix(".yaml") }.map { folder.appending(path: $0) }
  }

  static func files(below folder: URL) throws -> [[UInt8]] {
    try paths(below: folder).map { [UInt8](try Data(contentsOf: $0)) }
  }

  static func parse(_ files: [[UInt8]]) {
    for file in files { parse(file) }
  }

  private static func parse(_ file: [UInt8]) {
    // On the heap: the parser stores its own address.
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { parser.deallocate() }
    guard yaml_parser_initialize(parser) == 1 else { return }
    defer { yaml_parser_delete(parser) }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    file.withUnsafeBufferPointer { bytes in
      yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
      var event = yaml_event_t()
      while yaml_parser_parse(parser, &event) == 1 {
        let isEnd = event.type == YAML_STREAM_END_EVENT
        yaml_event_delete(&event)
        if isEnd { return }
      }
    }
  }
}
