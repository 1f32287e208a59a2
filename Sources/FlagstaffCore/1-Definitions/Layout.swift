// Which path of the repository holds what. A file's customer is its folder, never something inside
// the file, so nobody can define for a customer whose folder they may not write. Every YAML file
// under the roots is a definitions file or a finding, unless the workspace lists it under
// `ignore`.

package import Documents

/// The part that a file plays.
package enum FileRole: Hashable, Sendable {
  case workspace
  case governance
  /// Segments and metrics that every customer may use.
  case shared
  case customer(String)
}

package enum Layout {
  package static let workspaceFile = "flagstaff.yaml"
  /// What it is sometimes called, and not read as.
  static let workspaceMisnamed = "flagstaff.yml"
  /// The customer of `definitions/`, where there is no `customers/` folder.
  package static let defaultCustomer = "default"
  /// All places that are read, as the Git and directory walks take them.
  package static let roots = [workspaceFile, workspaceMisnamed] + rootFolders
  static let rootFolders = ["governance", "shared", "customers", "definitions"]

  /// The role of a path, or why it has none.
  ///
  /// - Parameter hasCustomers: whether the repository has a `customers/` folder.
  package static func role(of path: String, hasCustomers: Bool) -> Result<FileRole, Stray> {
    if path == workspaceFile { return .success(.workspace) }
    if path == workspaceMisnamed { return .failure(.workspaceMisnamed) }
    let bytes = path.utf8
    let slash = UInt8(ascii: "/")
    guard let first = bytes.firstIndex(of: slash), let last = bytes.lastIndex(of: slash) else {
      return .failure(.elsewhere)
    }
    let name = bytes[last...].dropFirst()
    guard name.count > 5, name.suffix(5).elementsEqual(".yaml".utf8) else {
      return .failure(.ending)
    }
    switch String(Substring(bytes[..<first])) {
    case "governance": return .success(.governance)
    case "shared": return .success(.shared)
    case "definitions":
      return hasCustomers ? .failure(.twoLayouts) : .success(.customer(defaultCustomer))
    case "customers":
      guard first < last else { return .failure(.noCustomer) }
      let customer = String(Substring(bytes[first...].dropFirst().prefix { $0 != slash }))
      return Key.isValid(customer) ? .success(.customer(customer)) : .failure(.badCustomer)
    default: return .failure(.elsewhere)
    }
  }

  /// Whether a path is below `customers/`.
  package static func isOfCustomers(_ path: String) -> Bool {
    path.utf8.starts(with: "customers/".utf8)
  }

  /// The parts between slashes, by bytes: a mark at the beginning of a name would make one
  /// character with the slash before it.
  static func folders(of path: String) -> [String] {
    path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
  }

  /// Why a file has no role.
  package enum Stray: Error, Hashable, Sendable {
    case ending, noCustomer, badCustomer, twoLayouts, elsewhere, workspaceMisnamed

    package func finding(at path: String) -> Finding {
      let location = Location(file: path)
      let ignoring = "or list it under `ignore` in \(workspaceFile)"
      switch self {
      case .ending:
        return Finding(
          .strayFile, at: location, "the name of a definitions file ends in .yaml",
          remedy: "Rename the file to end in .yaml")
      case .elsewhere:
        return Finding(
          .strayFile, at: location, "this is no definitions file",
          remedy: "Move it out of this folder, \(ignoring)")
      case .noCustomer:
        return Finding(
          .strayFile, at: location, "the file is in no customer's folder",
          remedy: "Move it to customers/<customer>/, \(ignoring)")
      case .badCustomer:
        return Finding(
          .badCustomer, at: location, "the folder's name is no key, so it names no customer",
          remedy: "Rename the folder: lower-case letters, digits, '.', '_' and '-'")
      case .workspaceMisnamed:
        return Finding(
          .strayFile, at: location, "the workspace is \(workspaceFile), and this is not read",
          remedy: "Move what is missing there, and remove the file")
      case .twoLayouts:
        return Finding(
          .strayFile, at: location, "a repository has customers/ or definitions/, not both",
          remedy: "Move the file to customers/\(defaultCustomer)/")
      }
    }
  }
}

/// A pattern of `ignore`: whole paths, `*` within a folder, `**` across folders.
package struct IgnorePattern: Hashable, Sendable {
  private struct Part: Hashable, Sendable {
    let bytes: [UInt8]
    /// `**`: any number of folders.
    let isDeep: Bool
  }

  private let parts: [Part]

  package init(_ text: String) {
    parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { Part(bytes: Array($0), isDeep: $0.elementsEqual("**".utf8)) }
  }

  package func matches(_ path: String) -> Bool {
    var path = path
    return path.withUTF8 { bytes in
      let names = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      return Wildcard.matches(
        parts, names, isStar: \.isDeep,
        matchesOne: { part, name in
          Wildcard.matches(
            part.bytes, name, isStar: { $0 == UInt8(ascii: "*") }, matchesOne: { $0 == $1 })
        })
    }
  }
}

/// Matching with a star, in time proportional to the product of both lengths: on a mismatch only
/// the last star is tried again, one element further.
private enum Wildcard {
  static func matches<Pattern, Text>(
    _ pattern: Pattern, _ text: Text, isStar: (Pattern.Element) -> Bool,
    matchesOne: (Pattern.Element, Text.Element) -> Bool
  ) -> Bool
  where
    Pattern: RandomAccessCollection, Pattern.Index == Int, Text: RandomAccessCollection,
    Text.Index == Int
  {
    var (p, t) = (pattern.startIndex, text.startIndex)
    var retry: (pattern: Int, text: Int)?
    while t < text.endIndex {
      if p < pattern.endIndex, isStar(pattern[p]) {
        retry = (p + 1, t)
        p += 1
      } else if p < pattern.endIndex, matchesOne(pattern[p], text[t]) {
        p += 1
        t += 1
      } else if let last = retry {
        retry = (last.pattern, last.text + 1)
        (p, t) = (last.pattern, last.text + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy(isStar)
  }
}
