// The stored form of evidence (BYTES, *Evidence*), both ways: what was signed and by what. What Git
// says beside is bound by the signature through the commit's id alone.

internal import Documents
internal import SSHSignatures
internal import Signing

struct EvidenceParts {
  let kind: Evidence.Kind
  let namespace: SignatureNamespace
  let message: [UInt8]
  let signature: SSHSignature
  var people: [String] = []
  var commit: String?
  var covers: [Subject] = []

  init(kind: Evidence.Kind, _ claim: SignatureClaim) {
    self.kind = kind
    namespace = claim.namespace
    message = claim.message
    signature = claim.signature
  }

  var node: Node {
    .fields([
      "format": .integer(1), "kind": .string(kind.rawValue),
      "namespace": .string(namespace.rawValue), "key": .string(signature.key.identifier),
      "message": .string(DSSE.base64(message)),
      "signature": .string(DSSE.base64(signature.armored)),
      "people": people.isEmpty ? nil : .strings(people), "commit": commit.map(Node.string),
      "covers": covers.isEmpty
        ? nil : .sequence(covers.map { $0.node(withEnvironment: true) }),
    ])
  }

  /// - Returns: nil where the document is not one. Whoever reads compares the bytes.
  init?(_ document: [UInt8]) {
    guard let node = try? JSONReader.read(document, depthMax: 8), node["format"]?.integer == 1,
      let kind = node["kind"]?.string.flatMap(Evidence.Kind.init(rawValue:)),
      let namespace = node["namespace"]?.string.flatMap(SignatureNamespace.init(rawValue:)),
      let message = node["message"]?.string.flatMap(DSSE.decodedBase64),
      let armored = node["signature"]?.string.flatMap(DSSE.decodedBase64),
      let signature = try? SSHSignature(armored: armored)
    else { return nil }
    self.kind = kind
    self.namespace = namespace
    self.message = message
    self.signature = signature
    people = node["people"]?.sequence?.compactMap(\.string) ?? []
    commit = node["commit"]?.string
    covers = node["covers"]?.sequence?.compactMap { Subject($0, environment: nil) } ?? []
  }
}
