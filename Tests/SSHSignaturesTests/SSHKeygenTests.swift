// The real ssh-keygen, and programs of its name that tell how they were called.

import Documents
import Foundation
import SSHSignatures
import Signing
import TestHarness
import Testing

@Suite("ssh-keygen")
struct SSHKeygenTests {
  private let folder: KeyFolder
  private let message = Array("what was approved\n".utf8)

  init() throws {
    folder = try KeyFolder()
  }

  private func claim(
    _ namespace: SignatureNamespace = .approval, by seed: String = "alice"
  ) async throws -> SignatureClaim {
    let signature = try await keygen.sign(
      message, in: namespace, with: .file(try folder.key(seed)))
    return try #require(
      SignatureClaim(
        key: signature.key, namespace: namespace, message: message, signature: signature))
  }

  @Test("What somebody signed is verified, for either use, many at a time")
  func verified() async throws {
    var claims: [SignatureClaim] = []
    for seed in ["alice", "bob", "carol"] {
      for namespace in SignatureNamespace.allCases {
        claims.append(try await claim(namespace, by: seed))
      }
    }
    let verified = try await keygen.verified(claims)
    #expect(Set(verified.keys) == Set(claims.map(\.digest)))
    #expect(verified.allSatisfy { $0.value.claim.digest == $0.key })
  }

  @Test("Files for ssh-keygen are made in TMPDIR, and none of them stays")
  func temporaryFolder() async throws {
    let signed = try await claim()
    let scratch = try KeyFolder()
    func keygen(_ folder: String) -> SSHKeygen {
      SSHKeygen(environment: ["PATH": "/usr/bin:/bin", "TMPDIR": folder])
    }
    let verified = try await keygen(scratch.path).verified([signed])
    #expect(Set(verified.keys) == [signed.digest])
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    let missing = scratch.path + "/missing"
    let error = await #expect(throws: SSHKeygenError.self) {
      try await keygen(missing).verified([signed])
    }
    #expect(error?.code == .storage)
    #expect(error?.reason.contains("no folder can be made in \(missing)") == true)
  }

  @Test("A signature over other bytes is not verified")
  func otherBytes() async throws {
    let signed = try await claim()
    let other = try #require(
      SignatureClaim(
        key: signed.key, namespace: .approval, message: message + [0x20],
        signature: signed.signature))
    let verified = try await keygen.verified([other, signed])
    #expect(Set(verified.keys) == [signed.digest])
  }

  @Test("A signature for another use, or by another key, becomes no claim")
  func otherUse() async throws {
    let signed = try await claim(.git)
    let other = try SSHPublicKey(SSHKeyPair(seed: "bob").publicText)
    for (key, namespace) in [(signed.key, SignatureNamespace.approval), (other, .git)] {
      #expect(
        SignatureClaim(
          key: key, namespace: namespace, message: message, signature: signed.signature) == nil)
    }
  }

  @Test("A signature whose namespace was rewritten is not verified")
  func rewrittenNamespace() async throws {
    let signed = try await claim(.git)
    let text = String(decoding: signed.signature.armored, as: UTF8.self)
    let blob = try #require(
      DSSE.decodedBase64(text.split(separator: "\n").dropFirst().dropLast().joined()))
    let name = SSHKeyPair.field(Array("git".utf8))
    let place = try #require(blob.indices.first { blob[$0...].starts(with: name) })
    let forged =
      blob[..<place] + SSHKeyPair.field(Array("flagstaff-approval".utf8))
      + blob[(place + name.count)...]
    let armor =
      "-----BEGIN SSH SIGNATURE-----\n"
      + DSSE.base64(Array(forged)).chunked(by: 70).joined(separator: "\n")
      + "\n-----END SSH SIGNATURE-----\n"
    let claim = try #require(
      SignatureClaim(
        key: signed.key, namespace: .approval, message: message,
        signature: try SSHSignature(armored: Array(armor.utf8))))
    #expect(try await keygen.verified([claim]).isEmpty)
  }

  @Test("The file has one line: hexadecimal principal, one namespace, one key")
  func allowedSigners() async throws {
    let signed = try await claim()
    let text = String(decoding: SSHKeygen.allowedSigners(signed), as: UTF8.self)
    #expect(
      text
        == "\(signed.key.identifier) namespaces=\"flagstaff-approval\" \(signed.key.text)\n")
  }

  @Test("A child that verifies sees TZ, LC_ALL, PATH and nothing else")
  func environment() async throws {
    let path = try folder.keygen("env >'\(folder.path)/env'; exec /usr/bin/ssh-keygen \"$@\"")
    let watched = SSHKeygen(environment: [
      "PATH": path, "HOME": "/root", "TZ": "Pacific/Kiritimati", "SSH_AUTH_SOCK": "/tmp/agent",
      "LD_PRELOAD": "", "LC_ALL": "de_DE.UTF-8",
    ])
    #expect(try await watched.verified([try await claim()]).count == 1)
    // The shell adds its own.
    let own = ["PWD=", "OLDPWD=", "SHLVL=", "_="]
    let lines = try folder.text("env").split(separator: "\n").map(String.init)
      .filter { line in !own.contains { line.hasPrefix($0) } }
    #expect(lines.sorted() == ["LC_ALL=C", "PATH=\(path)", "TZ=UTC0"])
  }

  @Test("Only exit code 0 counts, whatever is said", arguments: ["exit 255", "echo Good; exit 1"])
  func exitCode(script: String) async throws {
    let liar = SSHKeygen(environment: ["PATH": try folder.keygen(script)])
    #expect(try await liar.verified([try await claim()]).isEmpty)
  }

  @Test("Without ssh-keygen nothing is known, which is no answer")
  func missing() async throws {
    let signed = try await claim()
    for path in ["/nonexistent", "", "relative"] {
      let none = SSHKeygen(environment: ["PATH": path])
      await #expect { try await none.verified([signed]) } throws: {
        ($0 as? SSHKeygenError)?.code == .missing
      }
    }
  }

  @Test("A child that hangs is ended, and proves nothing", .timeLimit(.minutes(1)))
  func hanging() async throws {
    let slow = SSHKeygen(
      environment: ["PATH": try folder.keygen("sleep 100")], deadlineSeconds: 1)
    let signed = try await claim()
    await #expect { try await slow.verified([signed]) } throws: {
      ($0 as? SSHKeygenError)?.code == .hanging
    }
  }

  @Test("A child that somebody ends proves nothing")
  func ended() async throws {
    let ended = SSHKeygen(environment: ["PATH": try folder.keygen("kill -9 $$")])
    let signed = try await claim()
    await #expect { try await ended.verified([signed]) } throws: {
      ($0 as? SSHKeygenError)?.code == .ended
    }
  }

  @Test("A key that is not there signs nothing")
  func noKey() async throws {
    await #expect {
      try await keygen.sign(message, in: .approval, with: .file("\(folder.path)/none"))
    } throws: {
      ($0 as? SSHKeygenError)?.code == .notSigned
    }
  }

  @Test("An agent signs, with the key that is asked for")
  func agent() async throws {
    let agent = try Agent(in: folder)
    defer { agent.stop() }
    try agent.add(try folder.key("alice"))
    try agent.add(try folder.key("bob"))
    let withAgent = SSHKeygen(
      environment: ["PATH": "/usr/bin:/bin", "SSH_AUTH_SOCK": agent.socket])
    let bob = try SSHPublicKey(SSHKeyPair(seed: "bob").publicText)
    let signature = try await withAgent.sign(message, in: .approval, with: .agent(bob))
    #expect(signature.key == bob)
    let carol = try SSHPublicKey(SSHKeyPair(seed: "carol").publicText)
    await #expect {
      try await withAgent.sign(message, in: .approval, with: .agent(carol))
    } throws: {
      ($0 as? SSHKeygenError)?.code == .notSigned
    }
  }
}

extension String {
  fileprivate func chunked(by count: Int) -> [String] {
    var rest = self[...]
    var chunks: [String] = []
    while !rest.isEmpty {
      chunks.append(String(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return chunks
  }
}
