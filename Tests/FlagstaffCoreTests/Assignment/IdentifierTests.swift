// Identities against values that another implementation of UUIDv5 computed (Python's `uuid`). They
// are hashed with every unit, so a single digit more or less would move every user.

import FlagstaffCore
import Testing

@Suite("Identifiers")
struct IdentifierTests {
  @Test("Identifiers are those of UUIDv5 in the design's namespace")
  func identifiers() {
    #expect(
      Identifiers.experiment("checkout-flow-v2", of: "acme")
        == "e7f19845-4e98-5040-96fc-2a9d7f697f7c")
    #expect(
      Identifiers.flag("checkout-flow", of: "acme") == "bc40893b-4d6d-5a07-8995-63a804300c72")
    #expect(
      Identifiers.rule("de-split", of: "checkout-flow", "acme")
        == "03142966-d88e-5b29-a63e-f06102641683")
    #expect(
      Identifiers.segment("employees", of: "acme") == "d4573beb-7714-58ff-a5c0-319eead625f7")
    #expect(Identifiers.experiment("a", of: "default") == "3d591133-6012-5ff2-9272-871e975d0c01")
    #expect(Identifiers.flag("0", of: "a.b-c_d") == "20c69e37-db69-5cdc-a9c7-cb40bc47d68e")
  }

  @Test("An experiment has the same identity and salt in every environment")
  func sameInEveryEnvironment() throws {
    let sections = Samples.running.replacingFirst(
      "{production: {}}", "{production: {}, staging: {}}")
    var recorded: [RecordedExperiment] = []
    for environment in ["production", "staging"] {
      var scope = TestScope(environment)
      try scope.pass(sections)
      recorded.append(try scope.recordedExperiment("checkout"))
    }
    #expect(recorded[0] == recorded[1])
    #expect(recorded[0].salt == "\(Identifiers.experiment("checkout", of: "acme"))/1/")
  }

  @Test("A pinned id and a pinned salt are taken as they are")
  func pinned() throws {
    let id = "11111111-2222-4333-8444-555555555555"
    let scope = try TestScope.applied(
      Samples.running.replacingFirst("traffic: 30%", "traffic: 30%\n    id: \(id)\n    salt: old."))
    #expect(try scope.recordedExperiment("checkout").id == id)
    #expect(try scope.recordedExperiment("checkout").salt == "old.")
    let other = try TestScope.applied(
      Samples.running.replacingFirst("traffic: 30%", "traffic: 30%\n    id: \(id)"))
    #expect(try other.recordedExperiment("checkout").salt == "\(id)/1/")
  }
}
