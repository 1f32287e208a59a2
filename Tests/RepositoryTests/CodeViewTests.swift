// What the scanner takes for code. Every other check rests on it: a string that ended too late
// would hide the rest of a file from them.

import Testing

@Suite("The view of code")
struct CodeViewTests {
  @Test(
    "Comments and literals become spaces, and all else stays where it is",
    arguments: [
      ("a // b\nc", "a     \nc"), ("a /* b /* c */ d */ e", "a                   e"),
      (#"a("b") c"#, "a(   ) c"), (#"a("\"") c"#, "a(    ) c"), (##"a(#"\""#) c"##, "a(      ) c"),
      (#"a("b\(c("d"))e") f"#, "a(    c(   )   ) f"),
      ("a(\"\"\"\n  b \"c\" {\n  \"\"\") d", "a(   \n         \n     ) d"),
      ("let r = /\"/\nb", "let r = /  \nb"), (#"a("//") b"#, "a(    ) b"),
    ])
  func codeIsLeft(text: String, code: String) {
    #expect(CodeView.of(text) == code)
  }
}
