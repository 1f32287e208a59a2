// Documents in the forms of schemas/conformance, written in pieces of text, since there are a million
// answers in a full run and trees of nodes would take minutes.

import Documents
import FlagstaffEvaluation
import Foundation

enum VectorText {
  /// A document of the form `snapshot`.
  ///
  /// - Parameters:
  ///   - contexts: `{context,answers}` each.
  ///   - withRealDigests: whether the digests are those of the parts; else they are not checked.
  static func snapshot(
    _ sample: RandomSnapshots.Sample, _ contexts: [String], withRealDigests: Bool = false
  ) -> String {
    let parts = sample.parts.map { #""\#($0.digest)":\#(quoted($0.text))"# }
    return #"{"form":"snapshot","format":1,"digests":\#(withRealDigests),"index":"#
      + sample.index + #","parts":{\#(parts.joined(separator: ","))}"#
      + #","contexts":[\#(contexts.joined(separator: ","))]}"#
  }

  static func quoted(_ text: String) -> String { CanonicalJSON.string(.string(text)) }

  static func write(to file: URL, lines: Int, _ line: () throws -> String) throws {
    try Data().write(to: file)
    let handle = try FileHandle(forWritingTo: file)
    defer { try? handle.close() }
    for _ in 0..<lines { try handle.write(contentsOf: Data((try line() + "\n").utf8)) }
  }
}

extension RandomSnapshots.Sample {
  func snapshot() throws -> Snapshot {
    try Snapshot(index: Array(index.utf8)) { digest in
      Array((parts.first { $0.digest == digest }?.text ?? "").utf8)
    }
  }
}

extension Evaluation {
  /// The answer as vectors have it.
  var vectorText: String {
    var text = #"{"reason":"\#(reason.rawValue)""#
    if let value { text += #","value":\#(value.json)"# }
    if let variant { text += #","variant":"\#(variant)""# }
    if let errorCode { text += #","errorCode":"\#(errorCode.rawValue)""# }
    if let rule {
      text += #","rule":{"index":\#(rule.index),"forced":\#(rule.isForced)"#
      if let key = rule.key { text += #","key":"\#(key)""# }
      if let experiment = rule.experiment { text += #","experiment":"\#(experiment)""# }
      text += "}"
    }
    return text + "}"
  }
}
