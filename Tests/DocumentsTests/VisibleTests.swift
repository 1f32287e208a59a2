// What cannot be seen is written out, and nothing else is changed.

import Documents
import Testing

@Suite("Text of others, made visible")
struct VisibleTests {
  @Test(
    "Characters that are not seen become escapes",
    arguments: [
      ("plain é 日本 😀", "plain é 日本 😀"), ("a\u{1B}[31mb", "a\\u{1B}[31mb"),
      ("a\nb\tc", "a\\u{A}b\\u{9}c"), ("\u{202E}x\u{2069}", "\\u{202E}x\\u{2069}"),
      ("a\u{200B}b\u{AD}", "a\\u{200B}b\\u{AD}"), ("\u{2028}\u{85}", "\\u{2028}\\u{85}"),
      ("👩\u{200D}💻", "👩\\u{200D}💻"), ("", ""),
    ])
  func text(text: String, shown: String) {
    #expect(Text(Visible.text(text)) == Text(shown))
    #expect(Text(Visible.text(bytes: text.utf8)) == Text(shown))
  }

  @Test("Of what is not UTF-8 every byte above 7F is written out")
  func bytes() {
    #expect(Visible.text(bytes: [0x61, 0xFF, 0x0A, 0xC3, 0xA9]) == "a\\xFF\\u{A}\\xC3\\xA9")
  }

  @Test("What acts on a line is told from what is only not seen")
  func active() {
    #expect(
      "\u{0}\n\u{7F}\u{9F}\u{200E}\u{202E}\u{2066}".unicodeScalars.allSatisfy(Visible.isActive))
    #expect(!"aé\u{200B}\u{200D}\u{301}😀".unicodeScalars.contains(where: Visible.isActive))
  }
}
