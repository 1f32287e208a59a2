// How long something takes, said as a ratio to a floor that is measured in the same run, turn by
// turn, because a figure in seconds means little on another machine or beside another load. The
// time of the processor is told too: unlike that of the clock it hardly depends on who else works.

import Foundation

/// One run of a body.
struct Sample {
  let seconds: Double
  /// Of all threads, in user space and in the kernel.
  let processorSeconds: Double

  var milliseconds: Double { seconds * 1_000 }

  static func measure(_ body: () async throws -> Void) async rethrows -> Sample {
    let processor = Processor.seconds
    let start = ContinuousClock.now
    try await body()
    let duration = start.duration(to: .now)
    return Sample(
      seconds: Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18,
      processorSeconds: Processor.seconds - processor)
  }
}

/// Runs of the same body.
struct Samples {
  private(set) var all: [Sample] = []

  mutating func append(_ sample: Sample) { all.append(sample) }

  var seconds: Double { median(\.seconds) }
  var milliseconds: Double { seconds * 1_000 }
  var processorSeconds: Double { median(\.processorSeconds) }

  private func median(_ value: (Sample) -> Double) -> Double {
    let sorted = all.map(value).sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}

enum Processor {
  /// What this process has used so far, its finished children left out.
  static var seconds: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(0) {
      $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
    }
  }
}

/// A virtual machine gives its free memory back to the host, and every page of it that is used
/// again has to be asked for: that takes longer than to check what is to be put there. It is asked
/// for before a measurement, so that this measures the program.
enum HostMemory {
  static func claim(mebibytes: Int) {
    let size = mebibytes << 20
    let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { return }
    for page in stride(from: 0, to: size, by: 4096) {
      memory.storeBytes(of: 1, toByteOffset: page, as: UInt8.self)
    }
    munmap(memory, size)
  }
}

/// The most memory that the process has held since `reset`; told by Linux alone.
enum PeakMemory {
  static func reset() {
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
  }

  static var mebibytes: Int? {
    let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let words = line?.split(whereSeparator: \.isWhitespace) ?? []
    return words.count > 1 ? Int(words[1]).map { $0 / 1024 } : nil
  }
}

/// Prints results in lines of one form.
enum Report {
  static func title(_ text: String) { print("\n\(text)") }

  static func line(_ name: String, _ value: String) {
    print("  " + name.padding(toLength: 44, withPad: " ", startingAt: 0) + value)
  }

  static func ratio(_ name: String, _ value: Double, to floor: Double, target: Double? = nil) {
    let wanted = target.map { "  (target: at most \(number($0)))" } ?? ""
    line(name, number(value / floor) + wanted)
  }

  /// Three digits are more than a shared machine can promise.
  static func number(_ value: Double) -> String {
    String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value)
  }
}
