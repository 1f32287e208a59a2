// `flagstaff keys`: makes the key that signs what is published. It never overwrites: a lost key
// cannot be made again.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import Foundation
internal import Signing

struct KeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Make signing keys.", subcommands: [Generate.self])

  struct Generate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make an Ed25519 key pair in PEM.",
      discussion: """
        Writes the private key to FILE, readable by its owner alone, and the public key to \
        FILE.pub.pem. Existing files are never overwritten. Give the private key to controllers as \
        FLAGSTAFF_SIGNING_KEY_FILE, and the public key to whoever verifies.
        """)

    @Argument(help: "Where the private key is written.")
    var file: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
      let key = try PrivateKey.generate()
      let publicFile = (file.hasSuffix(".pem") ? String(file.dropLast(4)) : file) + ".pub.pem"
      guard try Keys.write(try key.pem(), to: file) else {
        throw ControllerError(
          .secret, operation: "making a key", reason: "\(file) exists. Name another file")
      }
      guard try Keys.write(try key.publicKey.pem(), to: publicFile, mode: 0o644) else {
        // Half a pair beside the half of another would be taken for one.
        try FileManager.default.removeItem(atPath: file)
        throw ControllerError(
          .secret, operation: "making a key", reason: "\(publicFile) exists. Name another file")
      }
      switch output.format {
      case .json:
        output.terminal.result(
          CanonicalJSON.string(
            .fields([
              "formatVersion": .integer(1), "keyid": .string(key.publicKey.identifier),
              "privateKey": .string(file), "publicKey": .string(publicFile),
            ])))
      case .text:
        output.terminal.result("key \(key.publicKey.identifier)")
        output.terminal.result("private: \(file)")
        output.terminal.result("public:  \(publicFile)")
      }
    }
  }
}
