// The identities that are hashed together with a unit. They follow from customer and key alone and
// are equal in every environment, so staging reproduces production's assignments. They are for
// ever: another namespace or name would move every user.

internal import Signing

package enum Identifiers {
  /// The namespace of all identities: 08dc8e83-6e5a-4ef4-a277-f445a7943ae2.
  private static let namespace: [UInt8] = [
    0x08, 0xDC, 0x8E, 0x83, 0x6E, 0x5A, 0x4E, 0xF4, 0xA2, 0x77, 0xF4, 0x45, 0xA7, 0x94, 0x3A, 0xE2,
  ]

  /// UUIDv5 of `customer/Experiment/key`, in lower case.
  package static func experiment(_ key: String, of customer: String) -> String {
    uuid("\(customer)/Experiment/\(key)")
  }

  /// UUIDv5 of `customer/Group/key`.
  package static func group(_ key: String, of customer: String) -> String {
    uuid("\(customer)/Group/\(key)")
  }

  /// UUIDv5 of `customer/Flag/key`.
  package static func flag(_ key: String, of customer: String) -> String {
    uuid("\(customer)/Flag/\(key)")
  }

  /// UUIDv5 of `customer/Flag/key/rule`.
  package static func rule(_ rule: String, of flag: String, _ customer: String) -> String {
    uuid("\(customer)/Flag/\(flag)/\(rule)")
  }

  /// UUIDv5 of `customer/Segment/key`; a shared segment's is that of the customer who uses it.
  package static func segment(_ key: String, of customer: String) -> String {
    uuid("\(customer)/Segment/\(key)")
  }

  /// UUIDv5 of `customer/Metric/key`; a shared metric's is that of the customer who uses it.
  package static func metric(_ key: String, of customer: String) -> String {
    uuid("\(customer)/Metric/\(key)")
  }

  private static func uuid(_ name: String) -> String {
    Signing.uuidV5(namespace: namespace, name: name)
  }
}
