// `flagstaff audit`: verify that the log is whole, read it, hand it on, and change its secret.

internal import ArgumentParser

struct Audit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verify and read the audit log, and change its secret.",
    subcommands: [Verify.self, Log.self, Rotate.self])
}
