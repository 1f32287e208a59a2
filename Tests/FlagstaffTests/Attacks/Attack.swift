// What tests of attacks share. Each bears the name of its attack, which stands in the threat model
// too, and keeps what the program answers as a golden file, since a refusal that nobody understands
// is repeated until it is switched off.

import Foundation
import Testing

enum Attack {
  /// The file of an attack's answers: its name with hyphens for all but letters and digits.
  static func file(of name: String) -> String {
    let words = name.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return "attacks/\(words.joined(separator: "-")).txt"
  }

  /// Expects the answers to the attack whose test is running, with the places of this run masked.
  static func expect(
    _ answers: Ended..., of installations: Installation...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try expect(
      answers.map { $0.output + $0.errors }, of: installations, sourceLocation: sourceLocation)
  }

  static func expect(
    _ answers: [String], of installations: [Installation],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var text = answers.joined()
    for (number, installation) in installations.enumerated() {
      text = text.replacingOccurrences(
        of: installation.folder.path, with: "/installation\(number + 1)")
    }
    let name = try #require(Test.current?.displayName, sourceLocation: sourceLocation)
    try Golden.expect(text, as: file(of: name), sourceLocation: sourceLocation)
  }
}
