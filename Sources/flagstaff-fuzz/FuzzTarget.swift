// What is fuzzed, and what is promised of every input, however broken it is. Reading ends, in a
// document or in findings and never in both; each finding stands inside the file; what was read can
// be written and read again.

import Documents
import FlagstaffCore
import JSONSchema
import YAMLDocuments

enum FuzzTarget {
  private static let file = "definitions/fuzz.yaml"

  /// Bytes as a YAML file.
  static func yaml(_ bytes: [UInt8]) {
    let reading = YAMLReader.read(bytes, file: file)
    precondition((reading.document == nil) == !reading.findings.isEmpty)
    require(reading.findings, inside: bytes)
    guard let document = reading.document else { return }
    let written = CanonicalJSON.bytes(document.root)
    let again = try? JSONReader.read(written)
    precondition(again == document.root, "what was read is written as something else")
  }

  /// A schema and an instance, both as YAML, with a zero byte between them: YAML holds none.
  static func schema(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2,
      let schema = YAMLReader.read(Array(parts[0]), file: "schema.yaml").document,
      let instance = YAMLReader.read(Array(parts[1]), file: file).document,
      let compiled = try? JSONSchema("schema", among: ["schema": schema.root])
    else { return }
    let findings = compiled.findings(of: instance)
    require(findings, inside: Array(parts[1]))
    precondition(findings == compiled.findings(of: instance), "a second check differs")
  }

  /// Bytes as a file of definitions, as a workspace and as governance: read, checked by themselves
  /// and against each other.
  static func definitions(_ bytes: [UInt8]) {
    let roles: [(String, FileRole)] = [
      (file, .customer("default")), ("shared/fuzz.yaml", .shared),
      ("governance/fuzz.yaml", .governance), ("flagstaff.yaml", .workspace),
    ]
    for (path, role) in roles {
      guard let document = YAMLReader.read(bytes, file: path).document else { return }
      let checked = CheckedFile.check(document, as: role)
      require(checked.findings, inside: bytes)
      var files = [checked]
      if role != .workspace { files.append(workspace) }
      let definitions = Definitions.check(RepositoryFiles(files))
      require(definitions.findings.filter { $0.location.file == path }, inside: bytes)
      for scope in definitions.scopes { _ = definitions.findings(holding: scope) }
    }
  }

  private static let workspace: CheckedFile = {
    let text = "flagstaff: v1\nworkspace: {id: fuzz, environments: [production, staging]}\n"
    let reading = YAMLReader.read(Array(text.utf8), file: "flagstaff.yaml")
    guard let document = reading.document else {
      preconditionFailure("the fuzzer's own workspace cannot be read")
    }
    return CheckedFile.check(document, as: .workspace)
  }()

  /// Whether every finding has words and a place that an editor can go to.
  private static func require(_ findings: [Finding], inside bytes: [UInt8]) {
    let lines = lineCount(bytes)
    for finding in findings {
      precondition(!finding.message.isEmpty && !finding.remedy.isEmpty)
      let position = finding.location.position
      // After the last line break there is one more place, for what is missing at the end.
      precondition(Int(position.line) <= lines + 1, "a finding beyond the file's end")
    }
  }

  /// Lines as libyaml counts them: by line feeds, carriage returns, both together, and the
  /// separators of Unicode.
  private static func lineCount(_ bytes: [UInt8]) -> Int {
    let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]
    var (count, last): (Int, Unicode.Scalar) = (1, " ")
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      if breaks.contains(scalar), !(last == "\r" && scalar == "\n") { count += 1 }
      last = scalar
    }
    return count
  }
}
