// Evidence that still stands: of this workspace, and not withdrawn. A withdrawal is evidence
// itself, signed by the person whose approval it takes back, so that nobody who can write a ref, or
// lose one, gives or takes an approval by it.

internal import Documents
internal import SSHSignatures
internal import Signing

package struct StandingEvidence: Sendable {
  /// In the order of digests.
  package let evidence: [Evidence]
  package let setAside: [SetAside]

  /// - Parameter workspace: the id that statements must name.
  package init(_ all: [Evidence], workspace: String, owners: KeyOwners) {
    var standing: [Evidence] = []
    var setAside: [SetAside] = []
    let withdrawals = Dictionary(grouping: all.filter { $0.withdrawn != nil }, by: \.withdrawn)
    for piece in all.sorted(by: { $0.digest.bytes.lexicographicallyPrecedes($1.digest.bytes) }) {
      let name = piece.name(by: owners[piece.key]?.person)
      if let other = piece.statement?.workspace, !other.utf8.elementsEqual(workspace.utf8) {
        setAside.append(
          SetAside(what: name, why: "is of the workspace \(Visible.text(other))"))
      } else if piece.kind != .withdrawal,
        let other = withdrawals[piece.digest]?.first(where: {
          owners.areOnePerson($0.key, piece.key)
        })
      {
        let day = other.statement.map { " on \($0.issued)" } ?? ""
        setAside.append(SetAside(what: name, why: "was withdrawn\(day)"))
      } else {
        standing.append(piece)
      }
    }
    evidence = standing
    self.setAside = setAside
  }
}

extension Evidence {
  /// How it is told of: `the statement 3f2a…`, `the merge 09ab…`.
  package var name: String {
    switch kind {
    case .merge, .trailer: "the merge \(commit?.prefix(12) ?? "")"
    default: "the statement \(digest.hexadecimal.prefix(12))"
    }
  }

  /// The same with who signed it; a merge is told of by its commit alone.
  func name(by person: String?) -> String {
    guard let person, statement != nil else { return name }
    return "\(name) by \(person)"
  }

  /// What a withdrawal takes back.
  fileprivate var withdrawn: Digest? {
    guard case .withdrawal(let digest) = statement?.content else { return nil }
    return digest
  }
}
