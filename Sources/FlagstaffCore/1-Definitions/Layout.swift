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
    let parts = folders(of: path)
    guard let name = parts.last, parts.count > 1 else { return .failure(.elsewhere) }
    guard name.utf8.count > 5, name.utf8.suffix(5).elementsEqual(".yaml".utf8) else {
      return .failure(.ending)
    }
    switch parts[0] {
    case "governance": return .success(.governance)
    case "shared": return .success(.shared)
    case "definitions":
      return hasCustomers ? .failure(.twoLayouts) : .success(.customer(defaultCustomer))
    case "customers":
      guard parts.count > 2 else { return .failure(.noCustomer) }
      return Key.isValid(parts[1]) ? .success(.customer(parts[1])) : .failure(.badCustomer)
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
  private let parts: [[UInt8]]

  package init(_ text: String) {
    parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map(Array.init)
  }

  package func matches(_ path: String) -> Bool {
    let folders = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return Self.matches(parts[...], folders.map(Array.init)[...])
  }

  private static func matches(_ pattern: ArraySlice<[UInt8]>, _ path: ArraySlice<[UInt8]>) -> Bool {
    Wildcard.matches(
      pattern, path, isStar: { $0 == Array("**".utf8) },
      matchesOne: { pattern, name in
        Wildcard.matches(
          pattern[...], name[...], isStar: { $0 == UInt8(ascii: "*") }, matchesOne: { $0 == $1 })
      })
  }
}

/// Matching with a star, in time proportional to the product of both lengths: on a mismatch only
/// the last star is tried again, one element further.
private enum Wildcard {
  static func matches<Element>(
    _ pattern: ArraySlice<Element>, _ text: ArraySlice<Element>,
    isStar: (Element) -> Bool, matchesOne: (Element, Element) -> Bool
  ) -> Bool {
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
