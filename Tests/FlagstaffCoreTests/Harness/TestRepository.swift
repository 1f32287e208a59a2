// A repository of definitions held in memory: paths and YAML texts, read and checked by the parts
// that read real ones. Where a test names no workspace, it gets one of two environments.

import Documents
import FlagstaffCore
import TestHarness
import YAMLDocuments

struct TestRepository {
  /// By path; marks are taken out.
  private(set) var texts: [String: String] = [:]
  /// Where the marks stood, sorted.
  private(set) var marks: [Location] = []

  static let workspace = """
    flagstaff: v1
    workspace: {id: acme-experiments, environments: [production, staging]}
    """

  /// - Parameter files: marked texts by path; an empty text leaves a path out.
  init(_ files: [String: String]) {
    var files = files
    if files[Layout.workspaceFile] == nil { files[Layout.workspaceFile] = Self.workspace }
    for (path, marked) in files where !marked.isEmpty {
      let text = MarkedText(marked)
      texts[path] = text.text
      marks += text.positions.map { Location(file: path, position: $0) }
    }
    marks.sort()
  }

  /// A repository of one file of the customer `acme`, given without its first line.
  init(_ sections: String) {
    self.init(["customers/acme/a.yaml": "flagstaff: v1\n\(sections)"])
  }

  func definitions(others: [Finding] = []) -> Definitions {
    let hasCustomers = texts.keys.contains { $0.hasPrefix("customers/") }
    var files: [CheckedFile] = []
    var stray: [(path: String, reason: Layout.Stray)] = []
    let isRead = { (path: String) in
      Layout.roots.contains(String(path.prefix { $0 != "/" }))
    }
    let unread = UnreadFiles(
      texts.filter { !isRead($0.key) }.sorted { $0.key < $1.key }
        .map { ($0.key, Array($0.value.utf8)) }, workspaces: [])
    for (path, text) in texts where isRead(path) {
      switch Layout.role(of: path, hasCustomers: hasCustomers) {
      case .success(let role): files.append(Self.check(Array(text.utf8), path, role))
      case .failure(let reason): stray.append((path, reason))
      }
    }
    return Definitions.check(
      RepositoryFiles(files, stray: stray, others: others, unread: unread))
  }

  private static func check(_ bytes: [UInt8], _ path: String, _ role: FileRole) -> CheckedFile {
    let reading = YAMLReader.read(bytes, file: path)
    guard let document = reading.document else {
      return .unreadable(path, as: role, findings: reading.findings)
    }
    return .check(document, as: role)
  }

  var findings: [Finding] { definitions().findings }

  /// `FS2001 file:line:column`, in the order in which findings are shown.
  var codes: [String] { findings.map { "\($0.code.rawValue) \($0.location)" } }

  /// The same of what holds a scope.
  var errorCodes: [String] {
    findings.filter { $0.severity == .error }.map { "\($0.code.rawValue) \($0.location)" }
  }

  /// The definitions of a scope; nil where findings hold it.
  func resolved(_ environment: String = "production", _ customer: String = "acme")
    -> ResolvedScope?
  {
    ResolvedScope.resolve(
      ScopeID(environment: environment, customer: customer), in: definitions())
  }
}
