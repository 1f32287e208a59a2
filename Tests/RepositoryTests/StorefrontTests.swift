// What `examples/quickstart` and the README promise of `examples/storefront`: its size, and the one
// line that the quickstart edits. That the definitions are valid is shown where they are read.

import Testing

@Suite("The storefront")
struct StorefrontTests {
  private let folder = "examples/storefront"

  @Test("The traffic that the quickstart raises stands in exactly one line")
  func trafficIsUnique() throws {
    let repository = try Repository.current()
    let texts = repository.paths.filter { $0.hasPrefix(folder) && $0.hasSuffix(".yaml") }
      .map { repository.text($0) }.joined(separator: "\n")
    let lines = texts.split(separator: "\n").filter { $0.contains("traffic: 20%") }
    #expect(lines == ["    traffic: 20%"])
  }

  @Test("It has two customers, and at least 6 experiments, 12 flags and 3 segments")
  func sizeIsPromised() throws {
    let repository = try Repository.current()
    let paths = repository.paths.filter { $0.hasPrefix(folder) && $0.hasSuffix(".yaml") }
    let customers = Set(
      paths.filter { $0.contains("/customers/") }.map { $0.split(separator: "/")[3] })
    #expect(customers == ["lakeside", "northwind"])
    var counts: [Substring: Int] = [:]
    for path in paths where !path.contains("/helm/") {
      var section: Substring = ""
      for line in repository.text(path).split(separator: "\n") where !line.hasPrefix("#") {
        if !line.hasPrefix(" ") { section = line.prefix { $0 != ":" } }
        // A key of a section stands two spaces in; nothing else does.
        if line.hasPrefix("  "), line.dropFirst(2).first?.isLetter ?? false {
          counts[section, default: 0] += 1
        }
      }
    }
    #expect(counts["experiments", default: 0] >= 6)
    #expect(counts["flags", default: 0] >= 12)
    #expect(counts["segments", default: 0] >= 3)
  }

  @Test("Its README names every file")
  func readmeNamesFiles() throws {
    let repository = try Repository.current()
    let readme = repository.text("\(folder)/README.md")
    for path in repository.paths where path.hasPrefix(folder + "/") && !path.hasSuffix("README.md")
    {
      #expect(readme.contains("`\(path.dropFirst(folder.count + 1))`"), "\(path) is not named")
    }
  }
}
