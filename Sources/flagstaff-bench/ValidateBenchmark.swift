// How long it takes to check a whole repository, beside a bare parse of the same bytes by libyaml
// on one core, which throws every event away. The check may use both cores, and does all the rest
// too: it walks the folder, reads the files, builds trees, applies the schemas, follows references.

import ArgumentParser
import CLibYAML
import FlagstaffController
import FlagstaffCore
import Foundation

struct ValidateBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Checks a folder of definitions, beside a bare parse by libyaml.")

  @OptionGroup var size: BenchmarkSize

  func run() async throws {
    try await Workplace.with(size) { try await Self.run(in: $0) }
  }

  static func run(in place: Workplace) async throws {
    let folder = place.definitions.path(percentEncoded: false)
    let files = try YAMLFloor.files(below: place.definitions)
    _ = try await DefinitionsSource.definitions(inFolder: folder)
    var (floor, check) = (Samples(), Samples())
    var peak: Int?
    for _ in 0..<place.size.turns {
      floor.append(await Sample.measure { YAMLFloor.parse(files) })
      PeakMemory.reset()
      // Kept until it is measured: the command ends without taking its result apart.
      var kept: LoadedDefinitions?
      check.append(
        try await Sample.measure {
          let loaded = try await DefinitionsSource.definitions(inFolder: folder)
          kept = loaded
          guard loaded.definitions.held.isEmpty, !loaded.definitions.isAllHeld,
            loaded.parsed == files.count
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
    Report.ratio("time, to libyaml's", check.seconds, to: floor.seconds, target: 2)
    Report.ratio(
      "processor time, to libyaml's", check.processorSeconds, to: floor.processorSeconds)
    if let peak { Report.line("peak memory, with the floor's files", "\(peak) MiB") }
  }
}

/// The least that anybody must do who reads YAML with libyaml.
enum YAMLFloor {
  static func files(below folder: URL) throws -> [[UInt8]] {
    let paths = try FileManager.default.subpathsOfDirectory(
      atPath: folder.path(percentEncoded: false))
    return try paths.sorted().filter { $0.hasSuffix(".yaml") }.map {
      [UInt8](try Data(contentsOf: folder.appending(path: $0)))
    }
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
