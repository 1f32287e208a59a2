// The signatures of commits, before and after ssh-keygen has seen them: which are worth verifying,
// and who a commit's signer is. A key that nobody has starts no process.

internal import Documents
internal import FlagstaffCore
internal import GitSource
internal import SSHSignatures
internal import Signing

/// What some commits claim of their signers.
struct Claims {
  private let owners: KeyOwners
  private var claims: [CommitID: SignatureClaim] = [:]
  private var refused: [CommitID: String] = [:]

  init(_ commits: [RawCommit], _ owners: KeyOwners) {
    self.owners = owners
    for commit in commits {
      switch Self.claim(commit, owners) {
      case .success(let claim): claims[commit.id] = claim
      case .failure(let reason): refused[commit.id] = reason.text
      }
    }
  }

  /// Those to be verified, in the order of commits' ids.
  var all: [SignatureClaim] {
    claims.sorted { $0.key.hexadecimal.precedesInBytes($1.key.hexadecimal) }.map(\.value)
  }

  func claim(of commit: RawCommit) -> Result<SignatureClaim, Reason> {
    claims[commit.id].map { .success($0) }
      ?? .failure(Reason(text: refused[commit.id] ?? "bears no signature"))
  }

  func signer(
    of commit: RawCommit, _ verified: [Digest: VerifiedSignature]
  ) -> CommitSigner {
    guard let claim = claims[commit.id] else {
      return .nobody(why: refused[commit.id] ?? "bears no signature")
    }
    guard verified[claim.digest] != nil, let owner = owners[claim.key] else {
      return .nobody(why: Self.untrue)
    }
    return owner.isCounting && !owner.isBot ? .person(owner.person) : .uncertain(owner.person)
  }

  /// Why a commit's signature is nobody's; follows its name.
  struct Reason: Error {
    let text: String
  }

  static let untrue = "bears a signature that is not over its bytes"

  private static func claim(
    _ commit: RawCommit, _ owners: KeyOwners
  ) -> Result<SignatureClaim, Reason> {
    func refused(_ text: String) -> Result<SignatureClaim, Reason> {
      .failure(Reason(text: text))
    }
    switch commit.seal {
    case .none: return refused("bears no signature")
    case .openPGP: return refused("is signed by OpenPGP, as forges do")
    case .other: return refused("is signed by something else than an SSH key")
    case .malformed(let reason): return refused(reason)
    case .ssh(let armored):
      let signature: SSHSignature
      do throws(MalformedSignature) {
        signature = try SSHSignature(armored: armored)
      } catch {
        return refused("bears a signature that \(error.reason)")
      }
      guard owners[signature.key] != nil else {
        return refused("is signed by \(signature.key.fingerprint), which is nobody's key")
      }
      guard
        let claim = SignatureClaim(
          key: signature.key, namespace: .git, message: commit.payload, signature: signature)
      else {
        return refused(
          "bears a signature for \(Visible.text(signature.namespace)), which is no signature of a"
            + " commit")
      }
      return .success(claim)
    }
  }
}

/// Merges of the first-parent line as approvals: of whoever signed them, and of those whom a bot's
/// trailers name.
struct MergeEvidence {
  let owners: KeyOwners
  private let followed: Set<String>
  private(set) var evidence: [Evidence] = []
  private(set) var setAside: [SetAside] = []

  /// - Parameter followed: the short names of the branch that is followed. Who merges that into
  ///   something else approves nothing by it.
  init(owners: KeyOwners, followed: Set<String>) {
    self.owners = owners
    self.followed = followed
  }

  /// - Parameter covers: what the merge changes against its first parent; of nothing, it is none.
  mutating func add(
    _ commit: RawCommit, _ covers: [Subject], _ claim: Result<SignatureClaim, Claims.Reason>,
    _ verified: [Digest: VerifiedSignature]
  ) {
    guard !covers.isEmpty else { return }
    let what = "the merge \(commit.id.hexadecimal.prefix(12))"
    switch claim {
    case .failure(let reason): setAside.append(SetAside(what: what, why: reason.text))
    case .success(let claim):
      guard let signature = verified[claim.digest], let owner = owners[claim.key] else {
        setAside.append(SetAside(what: what, why: Claims.untrue))
        return
      }
      guard owner.isCounting else {
        setAside.append(
          SetAside(what: what, why: "is signed by a key of \(owner.person) that counts no more"))
        return
      }
      if let branch = followed.sorted().first(where: { MergeSubject.merges($0, commit.message) }) {
        setAside.append(
          SetAside(
            what: what,
            why: "says that it merges \(Visible.text(branch)), which is followed, into something"
              + " else, as `git pull` does, and approves nothing of it"))
        return
      }
      if let source = MergeSubject.nameless(commit.message) {
        setAside.append(
          SetAside(
            what: what,
            why: "says that it merges \(source), and not which branch: that might be the one that"
              + " is followed, as `git pull` merges it, so it approves nothing"))
        return
      }
      if let other = MergeSubject.destination(commit.message), !followed.contains(other) {
        setAside.append(
          SetAside(
            what: what,
            why: "says that it merges into \(Visible.text(other)), which is not followed, and"
              + " approves nothing elsewhere"))
        return
      }
      do throws(SetAside) {
        try add(commit, covers, signature, owner, what)
      } catch {
        setAside.append(error)
      }
    }
  }

  private mutating func add(
    _ commit: RawCommit, _ covers: [Subject], _ signature: VerifiedSignature,
    _ owner: KeyOwners.Owner, _ what: String
  ) throws(SetAside) {
    let id = commit.id.hexadecimal
    evidence.append(try .merge(signature, commit: id, covers: covers))
    guard Trailers.areIn(commit.message) else { return }
    guard owner.isBot else {
      setAside.append(
        SetAside(
          what: "Approved-by in \(what)",
          why: "counts in what a BOT signed alone, and \(owner.person) is none"))
      return
    }
    let trailers = Trailers(commit.message, owners)
    for name in trailers.unknown {
      setAside.append(SetAside(what: "Approved-by: \(name) in \(what)", why: "names nobody"))
    }
    if !trailers.approvers.isEmpty {
      evidence.append(
        try .trailer(signature, commit: id, people: trailers.approvers, covers: covers))
    }
  }
}
