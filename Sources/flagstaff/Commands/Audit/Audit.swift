// `flagstaff audit`: verify that the log is whole, read it, hand it on, and change its secret. What
// each of them promises stands in its own file.

internal import ArgumentParser

struct Audit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verify and read the audit log, and change its secret.",
    subcommands: [
      Verify.self, Log.self, Report.self, Export.self, VerifyExport.self, Rotate.self,
    ])
}
