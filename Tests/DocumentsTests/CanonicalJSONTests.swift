// Canonical JSON against RFC 8785: its own test data, and the numbers of its appendix B.

import Documents
import Foundation
import TestHarness
import Testing

struct CanonicalJSONTests {
  static let folder = ProcessInfo.processInfo.environment["FLAGSTAFF_CONFORMANCE"]
    .map { URL(filePath: $0).appending(path: "jcs") }

  @Test(
    "The test data of RFC 8785 passes",
    .enabled(
      if: folder != nil,
      "FLAGSTAFF_CONFORMANCE is not set, so the test data of RFC 8785 did not run"))
  func conformance() throws {
    let folder = try #require(Self.folder)
    let names = try FileManager.default
      .contentsOfDirectory(atPath: folder.appending(path: "input").path).sorted()
    #expect(names.count >= 6)
    for name in names {
      let input = try Data(contentsOf: folder.appending(path: "input/\(name)"))
      let output = try Data(contentsOf: folder.appending(path: "output/\(name)"))
      let written = CanonicalJSON.bytes(try JSONReader.read([UInt8](input)))
      #expect(String(decoding: written, as: UTF8.self) == String(decoding: output, as: UTF8.self))
      let stem = name.dropLast(".json".count)
      let dump = try String(
        contentsOf: folder.appending(path: "outhex/\(stem).txt"), encoding: .utf8)
      let digits = dump.split(whereSeparator: \.isWhitespace).joined()
      #expect(Hexadecimal.bytes(digits) == written, "\(name)")
    }
    print("RFC 8785 test data: \(names.count) files")
  }

  /// RFC 8785, appendix B, by bit pattern.
  static let patterns: [(UInt64, String)] = [
    (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"),
    (0x0000_0000_0000_0001, "5e-324"), (0x8000_0000_0000_0001, "-5e-324"),
    (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
    (0xFFEF_FFFF_FFFF_FFFF, "-1.7976931348623157e+308"),
    (0x4340_0000_0000_0000, "9007199254740992"), (0xC340_0000_0000_0000, "-9007199254740992"),
    (0x4430_0000_0000_0000, "295147905179352830000"),
    (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"), (0x44B5_2D02_C7E1_4AF6, "1e+23"),
    (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"),
    (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
    (0x444B_1AE4_D6E2_EF4F, "999999999999999900000"), (0x444B_1AE4_D6E2_EF50, "1e+21"),
    (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"), (0x3EB0_C6F7_A0B5_ED8D, "0.000001"),
    (0x41B3_DE43_5555_5553, "333333333.3333332"), (0x41B3_DE43_5555_5554, "333333333.33333325"),
    (0x41B3_DE43_5555_5555, "333333333.3333333"), (0x41B3_DE43_5555_5556, "333333333.3333334"),
    (0x41B3_DE43_5555_5557, "333333333.33333343"),
    (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
    (0x4314_3FF3_C1CB_0959, "1424953923781206.2"),
  ]

  @Test("Numbers are written as ECMAScript writes them", arguments: patterns)
  func number(pattern: UInt64, text: String) {
    #expect(CanonicalJSON.numberText(Double(bitPattern: pattern)) == text)
    #expect(CanonicalJSON.string(.number(Double(bitPattern: pattern))) == text)
  }

  static let spellings: [(String, String)] = [
    ("1e21", "1e+21"), ("1E20", "100000000000000000000"), ("5e-324", "5e-324"), ("-0", "0"),
    ("-0.0", "0"), ("0.0", "0"), ("1.0", "1"), ("1e0", "1"), ("4.50", "4.5"), ("2e-3", "0.002"),
    ("1e-7", "1e-7"), ("0.000001", "0.000001"), ("123.456e1", "1234.56"),
    ("9007199254740991", "9007199254740991"), ("9007199254740993", "9007199254740992"),
    ("-9007199254740991", "-9007199254740991"), ("1e-400", "0"), ("10", "10"),
    ("1.5e300", "1.5e+300"),
    ("12345678901234567890", "12345678901234567000"),
  ]

  @Test("A number has one spelling, however it was written", arguments: spellings)
  func spelling(input: String, output: String) throws {
    let node = try JSONReader.read(input)
    #expect(CanonicalJSON.string(node) == output)
    #expect(try JSONReader.read(CanonicalJSON.bytes(node)) == node)
  }

  @Test("Random doubles are read back as they were written")
  func randomDoubles() throws {
    var generator = SeededGenerator(seed: 42)
    for _ in 0..<20_000 {
      let double = Double(bitPattern: generator.next())
      guard double.isFinite else { continue }
      let text = CanonicalJSON.numberText(double)
      #expect(Double(text) == double)
      #expect(try JSONReader.read(text) == .number(double))
    }
  }

  static let strings: [(String, String)] = [
    ("", #""""#), ("a\"b\\c/d", #""a\"b\\c/d""#), ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
    ("\u{0}\u{1F}\u{7F}", "\"\\u0000\\u001f\u{7F}\""), ("é😀\u{2028}", "\"é😀\u{2028}\""),
  ]

  @Test("Strings escape only what they must", arguments: strings)
  func string(input: String, output: String) throws {
    #expect(CanonicalJSON.string(.string(input)) == output)
    #expect(try JSONReader.read(output) == .string(input))
  }

  @Test("Keys are sorted by UTF-16 code units, not by scalars")
  func keyOrder() throws {
    let node = try JSONReader.read(#"{"\uFB33": 1, "😀": 2, "b": 3, "a": 4, "": 5, "aa": 6}"#)
    #expect(
      CanonicalJSON.string(node) == "{\"\":5,\"a\":4,\"aa\":6,\"b\":3,\"😀\":2,\"\u{FB33}\":1}")
  }

  @Test("Canonical bytes do not depend on the order of a mapping")
  func orderOfMapping() throws {
    let one = try JSONReader.read(#"{"a": {"x": 1, "y": [1.0, 2]}, "b": null}"#)
    let two = try JSONReader.read(#"{"b": null, "a": {"y": [1, 2e0], "x": 1}}"#)
    #expect(one == two)
    #expect(CanonicalJSON.bytes(one) == CanonicalJSON.bytes(two))
  }
}
