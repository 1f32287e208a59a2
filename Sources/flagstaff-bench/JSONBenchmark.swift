// How fast JSON is read, beside orjson, the fastest reader of Python's world: the same documents of
// some 5 KB in the same run, each read by itself, with Python's garbage collection off. What is
// read are definitions as they are published, parsed to trees that know their positions.

import ArgumentParser
import Documents
import Foundation

struct JSONBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "json",
    abstract: "Reads JSON documents of 5 KB, beside orjson.",
    discussion: """
      orjson is a package of PyPI: python3 -m pip install orjson. Without it our own reader is \
      measured alone. Where .ci/install-packages has made .build/python, that Python is asked.
      """)

  @Option(help: "How often each body runs; medians are printed.")
  var turns = 5

  func run() async throws {
    try await Self.run(turns: turns)
  }

  private static let documents = 10_000
  private static let documentBytes = 5_000

  static func run(turns: Int) async throws {
    let lines = documentTexts()
    let bytes = lines.reduce(0) { $0 + $1.count }
    var (ours, theirs) = (Samples(), [Double]())
    var problem: String?
    for _ in 0..<turns {
      ours.append(
        try await Sample.measure {
          for line in lines where try JSONReader.read(line).mapping == nil {
            throw BenchmarkFailure("a document is no object")
          }
        })
      switch try Orjson.seconds(lines) {
      case .seconds(let seconds): theirs.append(seconds)
      case .unavailable(let reason): problem = reason
      }
    }
    let megabytes = Double(bytes) / 1e6
    Report.title("json: \(documents) documents, \(Report.number(megabytes)) MB, one core")
    Report.line(
      "flagstaff", "\(Report.number(megabytes / ours.processorSeconds)) MB/s of processor time")
    if let problem {
      Report.line("orjson", "not measured: \(problem)")
      return
    }
    let floor = theirs.sorted()[theirs.count / 2]
    Report.line("orjson", "\(Report.number(megabytes / floor)) MB/s of processor time")
    Report.ratio("processor time, to orjson's", ours.processorSeconds, to: floor, target: 5)
  }

  /// Parts of a snapshot: objects, lists, numbers, short texts, some not ASCII.
  private static func documentTexts() -> [[UInt8]] {
    var random = SplitMix64(state: 1)
    return (0..<documents).map { number in
      var definitions: [String] = []
      var count = 0
      while count < documentBytes {
        let definition = definition("checkout-\(number)-\(definitions.count)", &random)
        definitions.append(definition)
        count += definition.utf8.count + 1
      }
      let list = definitions.joined(separator: ",")
      return Array(#"{"definitions":[\#(list)],"format":1}"#.utf8)
    }
  }

  private static func definition(_ key: String, _ random: inout SplitMix64) -> String {
    let id = String(format: "0d1c8f2e-6a0b-5f3e-9d47-%012d", random.below(1_000_000))
    if random.below(2) == 0 {
      return """
        {"bucketBy":"targetingKey","control":"a","force":{},"hash":1,"id":"\(id)","key":"\(key)",\
        "kind":"experiment","live":true,"salt":"\(id)/1/","targeting":{"all":[{"attribute":\
        "country","operator":"in","value":["CA","DE","FR","US"]},{"attribute":"orders",\
        "operator":"greaterOrEqual","value":\(random.below(100))}]},"traffic":[[0,2500]],\
        "trafficSalt":"\(id)","variants":[{"key":"a","ranges":[[0,5000]]},{"key":"b","ranges":\
        [[5000,10000]]}]}
        """
    }
    return """
      {"bucketBy":"targetingKey","default":"off","enabled":true,"key":"\(key)","killed":false,\
      "kind":"flag","off":"off","rules":[{"experiment":"\(key)"},{"serve":"on","when":{"attribute":\
      "email","operator":"endsWith","value":"@acme.example"}}],"type":"object","variants":{"off":\
      {"timeout":1.5,"title":"Zurück"},"on":{"timeout":2.25,"title":"Weiter"}}}
      """
  }
}

/// orjson in a process of its own.
private enum Orjson {
  enum Outcome {
    /// Of the processor.
    case seconds(Double)
    case unavailable(String)
  }

  private static let program = """
    import sys
    try:
        import orjson
    except ImportError:
        sys.exit("orjson is not installed")
    import gc, time
    with open(sys.argv[1], "rb") as file:
        lines = file.read().splitlines()
    gc.disable()
    for line in lines[:100]:
        orjson.loads(line)
    start = time.process_time()
    for line in lines:
        orjson.loads(line)
    print(time.process_time() - start)
    """

  static func seconds(_ lines: [[UInt8]]) throws -> Outcome {
    let file = FileManager.default.temporaryDirectory.appending(
      path: "flagstaff-bench-\(ProcessInfo.processInfo.processIdentifier).ndjson")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(lines.joined(separator: [UInt8(ascii: "\n")])).write(to: file)
    let python = Process()
    let own = ".build/python/bin/python"
    let isThere = FileManager.default.isExecutableFile(atPath: own)
    python.executableURL = URL(filePath: "/usr/bin/env")
    python.arguments = [
      isThere ? own : "python3", "-c", program, file.path(percentEncoded: false),
    ]
    let (output, errors) = (Pipe(), Pipe())
    python.standardOutput = output
    python.standardError = errors
    try python.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let complaint = String(
      decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    python.waitUntilExit()
    guard python.terminationStatus == 0,
      let seconds = Double(text.trimmingCharacters(in: .whitespacesAndNewlines))
    else {
      return .unavailable(complaint.split(separator: "\n").last.map(String.init) ?? "no answer")
    }
    return .seconds(seconds)
  }
}
