// Reading never crashes: every prefix of a file that uses all of what is accepted, and every such
// file with one byte changed, is either a document or findings.

import Documents
import Testing
import YAMLDocuments

struct PrefixTests {
  static let text = """
    # yaml-language-server: $schema=x
    flagstaff: v1
    experiments:
      checkout-flow-v2:
        hypothesis: One page lifts completed orders by 2 %.
        schedule: {start: 2026-11-23T09:00:00Z, end: "2026-12-07T09:00:00Z"}
        targeting: {country: [US, 'CA'], not: {segment: employees}}
        weights: [0x1F, 0o17, -1.5e3, .5, ~, true]
        note: |
          several
            lines é 😀
        ? explicit
        : value
        quoted: "a \\u00e9 \\x41 \\
          b"
      - 
    """

  @Test("Every prefix of a file is read without a crash")
  func prefixes() {
    let bytes = Array(Self.text.utf8)
    for count in 0...bytes.count {
      let reading = YAMLReader.read(Array(bytes[..<count]), file: "f.yaml")
      #expect((reading.document == nil) == !reading.findings.isEmpty)
    }
  }

  @Test("Every file with one byte changed is read without a crash")
  func changedBytes() {
    let bytes = Array(Self.text.utf8)
    let replacements: [UInt8] = [0x00, 0x09, 0x0A, 0x22, 0x26, 0x2A, 0x3A, 0x5B, 0x7D, 0xFF]
    for index in bytes.indices {
      for replacement in replacements {
        var changed = bytes
        changed[index] = replacement
        let reading = YAMLReader.read(changed, file: "f.yaml")
        #expect((reading.document == nil) == !reading.findings.isEmpty)
      }
    }
  }
}
