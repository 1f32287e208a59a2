// Files that look like definitions and stand where nothing reads them: `flags.yaml` at the top,
// `Definitions/` with a capital, `customer/`. Whoever wrote them believes that they count, so that
// each of these places is a warning with the folder that was meant. Other YAML files are nobody's
// business here, and a folder with a workspace of its own is another repository's.

internal import Documents

/// What stands outside of the folders that are read.
package struct UnreadFiles: Sendable {
  private struct File: Sendable {
    let path: String
    let sections: Set<String>
  }

  private var files: [File] = []
  /// The folders below the top that have a workspace of their own.
  private let workspaces: [String]

  package static let none = UnreadFiles([], workspaces: [])

  /// Those of some files that look like definitions.
  ///
  /// - Parameter files: in the order of paths.
  package init(_ files: [(path: String, content: [UInt8])], workspaces: [String]) {
    self.workspaces = workspaces
    self.files = files.compactMap { path, content in
      let sections = Self.sections(content)
      let isNear = Self.nearRoot(path) != nil || Self.isNearWorkspace(path)
      return sections.contains("flagstaff") || (isNear && !sections.isEmpty)
        ? File(path: path, sections: sections) : nil
    }
  }

  package var isEmpty: Bool { files.isEmpty }

  /// A finding for each file at the top, and for each folder there that holds some.
  func findings(hasCustomers: Bool, isIgnored: (String) -> Bool) -> [Finding] {
    let kept = files.filter { !isIgnored($0.path) }
    return Dictionary(grouping: kept) { Text(Layout.folders(of: $0.path)[0]) }.values
      .compactMap { finding($0, hasCustomers) }
  }

  /// A repository without a workspace may have one further down.
  func named(_ finding: Finding) -> Finding {
    guard finding.code == .noWorkspace, !workspaces.isEmpty else { return finding }
    var finding = finding
    finding.notes += workspaces.map {
      .init("a workspace stands here: name its folder, if it is meant", at: Location(file: $0))
    }
    return finding
  }

  private func finding(_ files: [File], _ hasCustomers: Bool) -> Finding? {
    guard let first = files.first else { return nil }
    let folder = Layout.folders(of: first.path).count > 1 ? Layout.folders(of: first.path)[0] : nil
    let message =
      switch (folder, files.count) {
      case (nil, _): "this looks like definitions, and no file here is read"
      case (let folder?, 1): "this looks like definitions, and \(folder)/ is not read"
      case (let folder?, let count):
        "\(folder)/ is not read, and \(count) files in it look like"
          + " definitions"
      }
    let ignoring = ", or list it under `ignore` in \(Layout.workspaceFile)"
    return Finding(
      .unreadFile, at: Location(file: first.path), message,
      remedy: remedy(first, in: folder, hasCustomers) + ignoring)
  }

  private func remedy(_ file: File, in folder: String?, _ hasCustomers: Bool) -> String {
    if Self.isNearWorkspace(file.path) { return "Rename it to \(Layout.workspaceFile)" }
    let place = Self.place(file.sections, hasCustomers)
    guard let folder else {
      let name = file.path.hasSuffix(".yaml") ? "" : ", with a name that ends in .yaml"
      return "Move it to \(place)\(name)"
    }
    guard let near = Self.nearRoot(file.path) else { return "Move it to \(place)" }
    // With a second layout beside the first, neither would be read whole.
    if near == "definitions", hasCustomers { return "Move it to \(place)" }
    let isInCustomer = Layout.folders(of: file.path).count > 2
    if near == "customers", !isInCustomer { return "Move it to customers/<customer>/" }
    return "Rename the folder \(folder)/ to \(near)/"
  }

  private static func place(_ sections: Set<String>, _ hasCustomers: Bool) -> String {
    if !sections.isDisjoint(with: ["people", "teams", "approvals"]) { return "governance/" }
    return hasCustomers ? "customers/<customer>/" : "definitions/"
  }

  // MARK: What a file looks like

  private static let known: Set<String> = [
    "flagstaff", "workspace", "experiments", "flags", "segments", "groups", "metrics", "people",
    "teams", "approvals",
  ]

  /// The folder that is read whose name is nearly that of the path's first one.
  private static func nearRoot(_ path: String) -> String? {
    let parts = Layout.folders(of: path)
    guard parts.count > 1 else { return nil }
    return Spelling.closest(
      to: parts[0], among: Layout.rootFolders)
  }

  /// `Flagstaff.yaml`, `flagstaff.yml`, at the top.
  private static func isNearWorkspace(_ path: String) -> Bool {
    guard Layout.folders(of: path).count == 1 else { return false }
    return Spelling.closest(to: path, among: [Layout.workspaceFile]) != nil
  }

  /// The known names among those that begin a line, before a colon. The file is not parsed: it may
  /// be of any program.
  private static func sections(_ content: [UInt8]) -> Set<String> {
    var sections: Set<String> = []
    for line in content.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      let name = line.prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
      let rest = line.dropFirst(name.count)
      guard !name.isEmpty, rest.first == UInt8(ascii: ":") else { continue }
      let next = rest.dropFirst().first
      guard next == nil || next == 0x20 || next == 0x09 else { continue }
      let text = String(decoding: name, as: UTF8.self)
      if known.contains(text) { sections.insert(text) }
    }
    return sections
  }
}
