// A failure of Git: a repository that is not there, a remote that does not answer, an object that
// is broken. Each says what was being done, why it failed, what to do, and what a pass should make
// of it. No error ever holds a credential: texts of other programs are masked before they get here.

package import Documents

/// A failure while reading or fetching a repository.
package struct GitError: OperationFailure, Hashable {
  /// Which failure it is; tests and messages tell them apart by it.
  package struct Code: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) {
      self.rawValue = rawValue
    }
  }

  package let code: Code
  /// What was being done, without credentials.
  package let operation: String
  /// Why it failed.
  package let reason: String
  /// What to do about it.
  package let remedy: String

  package init(_ code: Code, operation: String, reason: String, remedy: String? = nil) {
    self.code = code
    self.operation = operation
    self.reason = reason
    self.remedy = remedy ?? code.remedy
  }

  /// What makes a forge's job clone everything.
  package static let wholeHistoryInCI =
    "in CI set `fetch-depth: 0` (GitHub) or `GIT_DEPTH: 0` (GitLab)"

  package var consequence: Consequence { code.consequence }

  /// Branches that a message names; beyond them they are counted.
  static let branchesNamedMax = 10

  package var description: String { "\(operation): \(reason); \(remedy)" }
}

extension GitError.Code {
  package static let notARepository = GitError.Code(rawValue: "notARepository")
  package static let unknownBranch = GitError.Code(rawValue: "unknownBranch")
  /// No branch has a commit yet.
  package static let noCommit = GitError.Code(rawValue: "noCommit")
  package static let unknownRevision = GitError.Code(rawValue: "unknownRevision")
  /// Two commits have no ancestor in common.
  package static let unrelated = GitError.Code(rawValue: "unrelated")
  /// The remote could not be reached, or broke off.
  package static let unreachable = GitError.Code(rawValue: "unreachable")
  /// The deadline passed; the child was killed.
  package static let hanging = GitError.Code(rawValue: "hanging")
  /// Flagstaff will not do it: an address with a credential, an unsupported scheme.
  package static let refused = GitError.Code(rawValue: "refused")
  package static let authentication = GitError.Code(rawValue: "authentication")
  /// The SSH host's key is unknown or another one.
  package static let hostKey = GitError.Code(rawValue: "hostKey")
  /// The HTTPS server's certificate is not trusted.
  package static let certificate = GitError.Code(rawValue: "certificate")
  package static let corrupt = GitError.Code(rawValue: "corrupt")
  /// The history ends at a shallow boundary before the question was answered.
  package static let shallow = GitError.Code(rawValue: "shallow")
  package static let objectMissing = GitError.Code(rawValue: "objectMissing")
  package static let tooLarge = GitError.Code(rawValue: "tooLarge")
  /// More commits than are looked at.
  package static let tooMany = GitError.Code(rawValue: "tooMany")
  /// A ref holds nothing that could be read there.
  package static let unreadable = GitError.Code(rawValue: "unreadable")
  /// Another process holds the mirror.
  package static let busy = GitError.Code(rawValue: "busy")
  /// A file or folder of this machine could not be used.
  package static let storage = GitError.Code(rawValue: "storage")
  /// The child ended in a way that it never should.
  package static let childFailed = GitError.Code(rawValue: "childFailed")

  fileprivate var consequence: Consequence {
    switch self {
    case .unreachable, .hanging, .busy, .childFailed: .retry
    default: .stalled
    }
  }

  fileprivate var remedy: String {
    switch self {
    case .notARepository: "name a Git repository with --repository"
    case .unknownBranch: "name a branch that exists with --branch"
    case .noCommit: "commit something first"
    case .unknownRevision: "name a commit, branch or tag that exists here"
    case .unrelated: "name a branch of the same repository"
    case .unreachable: "check the address and the network; it is tried again"
    case .hanging: "check the remote and the network; it is tried again"
    case .refused: "use a local path, or an address with file://, https:// or ssh://"
    case .authentication:
      "give a token in FLAGSTAFF_GIT_TOKEN or FLAGSTAFF_GIT_TOKEN_FILE for https, or a key in "
        + "FLAGSTAFF_GIT_SSH_KEY_FILE or an agent in SSH_AUTH_SOCK for ssh"
    case .hostKey:
      "put the host's key, checked with its owner, into ~/.ssh/known_hosts or the file named by "
        + "FLAGSTAFF_GIT_KNOWN_HOSTS"
    case .certificate: "name the certificate of its authority in FLAGSTAFF_GIT_CA_FILE"
    case .corrupt: "run git fsck there and repair it from a good clone"
    case .shallow:
      "fetch the whole history with `git fetch --unshallow`; \(GitError.wholeHistoryInCI)"
    case .objectMissing: "run git fsck there and fetch what is missing"
    case .tooLarge: "make it smaller, or name it under ignore in flagstaff.yaml"
    case .tooMany: "bring fewer commits at a time"
    case .unreadable: "write the ref anew with `flagstaff approve`"
    case .busy: "wait until the other process is done; it is tried again"
    case .storage: "check that it exists, and who may read and write it"
    default: "try again; if it stays, report it with this message"
    }
  }
}
