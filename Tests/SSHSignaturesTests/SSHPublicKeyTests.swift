// Public keys as `ssh-keygen` writes them, and everything that is nearly one. What passes here is
// written into lists of allowed signers, so a text that OpenSSH would read as more than one key, or
// as another one, must not pass.

import Documents
import SSHSignatures
import Signing
import Testing

@Suite("Public keys of OpenSSH")
struct SSHPublicKeyTests {
  /// Made by `ssh-keygen`, with the fingerprints that it shows.
  private static let made: [(text: String, fingerprint: String)] = [
    (
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM6HgAqxr1a8kINy1DmdOKVH0GTX9/AUisLiFemJWW2j",
      "SHA256:KolLTBlVVnV0ysseM1zZgFsDDdxLkF51miESSUA6yWM"
    ),
    (
      "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBKv4Mjl6"
        + "ByhV9fijt65o2tCikDtttTZ2yaO27Tz1TrINwJxtFEWjWLZfroLIHYLiR44J7zzStavDHUE9S873O8g=",
      "SHA256:epgaywSBrhXWaab0lNByReeUj5jck0zoMCfWogRmrcU"
    ),
    (
      "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBD+tpxcU"
        + "nXN+eOPzMwH7sV1/imX3f6A5nBtrPSy+m4w31tmHwKpRWLw46x+BqCTJk6DJYKPfNlxVfivmW+6QdirN"
        + "d5lvKsCfQptQg3HFdzm7F814QdJyQKJUQIHIahhwWg==",
      "SHA256:azHpuKu19P5O0IZDH3uKxyRKmLJ8eaa4PntKsYnL1AQ"
    ),
    (
      "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBADev0Os"
        + "KaXqRJWSgVFr78qnljly2j2Si/4MpYMA/L1HRysGPiJiWLOSDOAox8BqkR8rmS2r7PTwJAEkjJz2SNX6"
        + "wwB8+4RlT/rHrTZq0pTIg+uIBmBgun7Yq1zrlWCWiPv6gBmSBZ/soMJebQzkwseWytyyykmhsJ3MrYBj"
        + "tD39yM6m9Q==",
      "SHA256:3pQgO1gUBWcyjSd3k6SuyFWp+NUPdsCBa5ErXwjcFn4"
    ),
    (
      "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDkOZ0B+Qe0C4t7Awq/ywN/9EC4RhPZBlRnMcC/mHrV"
        + "Tecn1utPf8inQUl85qj2KY3L71kksIJ8kEwNf++bIbHkl08O0DrU0Fq2OQKoTsNDXvM6T51eGtteTAne"
        + "/iOsN92qKw+4u3vFbCOdOrFHGqLh/w98aH2UypALJNv+knlu4h2F63Z2JZMxDIMDhttSnO/SzCz/N6oi"
        + "QZW0HB9lqXFBFihtJcF3YpABQx/h53ZMDHx0T7jCPgldpkJpRnUJbjCtD1Tx3eGVIii1/yw0lNJwtp8E"
        + "kILq1BpJ5c4Cj8zd7JBumh8jx0NAE2AAZbUYKR+3IhE/nv9pTLFswVWzDzN3",
      "SHA256:arIgL10ZY5iqSOQXuwvc4PAEBcd6phXE53Nq8FIeXLM"
    ),
  ]
  private static let small =
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQD6bBLAwHC03OBlnFN9mP2DuyAkg6fqK+WzNYV12QH+"
    + "7K0buot7KR5O73XeXtttGAjyi5s/uTzP74sKiN7zBvATTXTk3h14rxSAHMnddzV7T1HpOB4qVauFgeJx"
    + "LZF/N4aATM7ezhA+QomTyK0UTaHiNVbY7+IpO0vKUwxUw4QHfQ=="

  @Test("What ssh-keygen writes is read, with the fingerprint that it shows", arguments: made)
  func keysAreRead(text: String, fingerprint: String) throws {
    for comment in ["", " alice@acme.example", " two words", " "] {
      let key = try SSHPublicKey(text + comment)
      #expect(key.text == text)
      #expect(key.fingerprint == fingerprint)
    }
  }

  @Test("The identifier is the fingerprint's digest in hexadecimal, and needs no escapes anywhere")
  func identifiers() throws {
    for (text, fingerprint) in Self.made {
      let identifier = try SSHPublicKey(text).identifier
      let digest = try #require(Digest(hexadecimal: identifier))
      #expect("SHA256:" + DSSE.base64(digest.bytes).dropLast() == fingerprint)
    }
  }

  /// The wire form of a key: each field with its length.
  private static func text(_ type: String, _ fields: [UInt8]...) -> String {
    var blob: [UInt8] = []
    for field in [Array(type.utf8)] + fields {
      let count = UInt32(field.count)
      blob += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + field
    }
    return "\(type) \(DSSE.base64(blob))"
  }

  private static let ed25519 = "ssh-ed25519"
  private static let securityKey = "sk-ssh-ed25519@openssh.com"
  private static let securityECDSA = "sk-ecdsa-sha2-nistp256@openssh.com"
  private static let point = [4] + [UInt8](repeating: 7, count: 64)
  private static let bytes = [UInt8](repeating: 7, count: 32)
  private static let curve = Array("nistp256".utf8)
  private static let application = Array("ssh:".utf8)

  @Test("Keys of security keys are read")
  func securityKeys() throws {
    let first = try SSHPublicKey(Self.text(Self.securityKey, Self.bytes, Self.application))
    #expect(first.algorithm == .securityKeyEd25519)
    let second = try SSHPublicKey(
      Self.text(Self.securityECDSA, Self.curve, Self.point, Array("ssh:work".utf8)))
    #expect(second.algorithm == .securityKeyECDSA)
  }

  private static func rsa(bits: Int, exponent: [UInt8] = [1, 0, 1]) -> String {
    let rest = bits % 8
    let top = rest == 0 ? [0, 0x80] : [UInt8(1 << (rest - 1))]
    let count = (bits + 7) / 8 - 1
    return text("ssh-rsa", exponent, top + [UInt8](repeating: 1, count: count))
  }

  @Test("An RSA key has at least 2,048 bits", arguments: [(2_047, false), (2_048, true)])
  func sizes(bits: Int, isAccepted: Bool) {
    #expect(((try? SSHPublicKey(Self.rsa(bits: bits))) != nil) == isAccepted)
  }

  private static let first: String = made[0].text
  private static let second: String = made[1].text

  private static let ofNoType: [String] = [
    "", " \(first)", "ssh-dss AAAAB3NzaC1kc3MAAACBAA==", "cert-authority \(first)",
    #"command="true" \#(first)"#, #"namespaces="git" \#(first)"#, "* \(first)",
    "alice@acme.example \(first)", text("ssh-ed25519-cert-v01@openssh.com"),
  ]
  private static let withControls: [String] = [
    "\(first)\n\(second)", "\(first)\r", "\(first)\u{0}", "\(first)\u{7F}",
    first.replacing(" ", with: "\t"),
  ]
  private static let withoutBase64: [String] = [
    "ssh-ed25519", "ssh-ed25519 ", "ssh-ed25519  \(first.dropFirst(12))", "\(first)=",
    String(first.dropLast()),
  ]
  private static let ofAnotherType: [String] = [
    "ssh-rsa \(first.dropFirst(12))", "ssh-ed25519 \(second.dropFirst(20))",
  ]
  private static let notWhole: [String] = [
    String(first.dropLast(4)), text(ed25519, bytes, [1]), text(ed25519, Array(bytes.dropLast())),
    text(ed25519, bytes) + "AAAA", text("ecdsa-sha2-nistp256", Array("nistp384".utf8), point),
    text("ecdsa-sha2-nistp256", curve, [2] + Array(point.dropFirst())), text(securityKey, bytes),
    text(securityKey, bytes, Array("x:".utf8)), rsa(bits: 2_048, exponent: [1]),
    rsa(bits: 2_048, exponent: [2]), rsa(bits: 2_048, exponent: [0x81]),
    rsa(bits: 2_048, exponent: [0, 3]), rsa(bits: 2_048, exponent: []),
  ]
  private static let tooLong: String =
    first + " " + String(repeating: "x", count: Limits.signingKeyBytesMax)

  @Test(
    "What is not one whole key of a type that signs is refused",
    arguments: [
      (ofNoType, "types"), (withControls, "line break"), (withoutBase64, "base64"),
      (ofAnotherType, "another type"), (notWhole, "cut off"), ([small], "1024 bits"),
      ([tooLong], "longer"),
    ])
  func refused(texts: [String], reason: String) {
    for text in texts {
      do {
        _ = try SSHPublicKey(text)
        Issue.record("\(text) was read")
      } catch {
        #expect(error.reason.contains(reason), "\(text): \(error.reason)")
      }
    }
  }
}
