// Statements as canonical JSON (BYTES, *Statement*), both ways. Reading is lenient here: whoever
// reads compares the bytes that it would write with those that it was given.

internal import Documents
internal import Signing

extension Statement {
  var node: Node {
    let type: String
    var fields: [(String, Node)] = [
      ("format", .integer(1)), ("workspace", .string(workspace)),
      ("issued", .string(issued.description)),
    ]
    if let expires { fields.append(("expires", .string(expires.description))) }
    switch content {
    case .approval(let approval):
      type = "approval"
      fields += approval.fields
    case .breakGlass(let approval, let reason):
      type = "break-glass"
      fields += approval.fields + [("reason", .string(reason))]
    case .withdrawal(let digest):
      type = "withdrawal"
      fields.append(("withdraws", .string(digest.hexadecimal)))
    case .acceptHistory(let branch, let old, let new):
      type = "accept-history"
      fields += [("branch", .string(branch)), ("old", .string(old)), ("new", .string(new))]
    }
    return .mapping(fields + [("type", .string(type))])
  }
}

extension Statement.Content {
  /// - Returns: nil where the type is unknown, or something that it needs is missing.
  init?(_ node: Node) {
    switch node["type"]?.string {
    case "approval":
      guard let approval = Statement.Approval(node) else { return nil }
      self = .approval(approval)
    case "break-glass":
      guard let approval = Statement.Approval(node), let reason = node["reason"]?.string else {
        return nil
      }
      self = .breakGlass(approval, reason: reason)
    case "withdrawal":
      guard let digest = node["withdraws"]?.string.flatMap(Digest.init(hexadecimal:)) else {
        return nil
      }
      self = .withdrawal(of: digest)
    case "accept-history":
      guard let branch = node["branch"]?.string, let old = node["old"]?.string,
        let new = node["new"]?.string
      else { return nil }
      self = .acceptHistory(branch: branch, old: old, new: new)
    default: return nil
    }
  }
}

extension Statement.Approval {
  fileprivate var fields: [(String, Node)] {
    let common: [(String, Node)] = [
      ("classes", .strings(classes)), ("blastRadius", .integer(blastRadius)),
      ("subjects", .sequence(subjects.map { $0.node(withEnvironment: false) })),
    ]
    return common + (environment.map { [("environment", .string($0))] } ?? [])
  }

  fileprivate init?(_ node: Node) {
    guard let classes = node["classes"]?.sequence, let radius = node["blastRadius"]?.integer,
      let listed = node["subjects"]?.sequence
    else { return nil }
    let names = classes.compactMap(\.string)
    environment = node["environment"]?.string
    let environment = environment
    let subjects = listed.compactMap { Subject($0, environment: environment) }
    guard names.count == classes.count, subjects.count == listed.count else { return nil }
    // In the order of the bytes, which must be the right one already.
    self.classes = names
    self.blastRadius = radius
    self.subjects = subjects
  }
}
