// How many findings are told of one file. Errors and warnings are counted apart, and what is cut
// off leaves a finding of its own weight, so that neither hides the other: no error is lost behind
// warnings, and warnings alone hold nothing.

internal import Documents

enum FindingLimit {
  /// The first findings of each file up to the limit, and for each file one that counts the others.
  static func told(_ findings: [Finding]) -> [Finding] {
    guard findings.count > Limits.findingsMax else { return findings }
    return Dictionary(grouping: findings, by: { Text($0.location.file) }).values.flatMap { ofFile in
      guard ofFile.count > Limits.findingsMax else { return ofFile }
      return told(ofFile.filter { $0.severity == .error }, .moreFindings, "findings")
        + told(ofFile.filter { $0.severity == .warning }, .moreWarnings, "warnings")
    }
  }

  private static func told(_ findings: [Finding], _ code: Finding.Code, _ noun: String) -> [Finding]
  {
    guard findings.count > Limits.findingsMax else { return findings }
    let sorted = findings.sorted()
    let first = sorted.prefix(Limits.findingsMax)
    return first + [
      Finding(
        code, at: sorted[Limits.findingsMax].location,
        "\(findings.count - first.count) more \(noun) of this file are not shown",
        remedy: "Mend those above, and check again")
    ]
  }
}
