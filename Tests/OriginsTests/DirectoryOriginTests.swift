// An origin on a real disk: what is written, what is left alone, what a crash leaves and how it is
// put right.

import FlagstaffCore
import Foundation
import Origins
import Testing

struct DirectoryOriginTests {
  private static let objectPath = "v1/production/acme/objects/abc.json"
  private static let pointerPath = "v1/production/acme/latest.json"
  private static let scope = "v1/production/acme"

  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test("an object is written with its compressed twin, readable by everybody")
  func object() throws {
    let room = try TemporaryDirectory()
    // Two directories above the origin are missing too.
    let origin = DirectoryOrigin(path: room.path + "/made/here")
    let text = String(repeating: "flag ", count: 10_000)
    let former = umask(0o077)
    defer { umask(former) }
    #expect(try origin.putObject(Self.bytes(text), at: Self.objectPath))

    let file = room.path + "/made/here/" + Self.objectPath
    #expect(try origin.read(Self.objectPath) == Self.bytes(text))
    #expect(try run("/usr/bin/env", "gunzip", "-c", file + ".gz").output == text)
    #expect(try Data(contentsOf: URL(filePath: file + ".gz")).count < 500)
    for path in [file, file + ".gz"] { #expect(try FileRecord(path).mode == 0o644) }
    for path in ["/made", "/made/here", "/made/here/v1", "/made/here/" + Self.scope] {
      #expect(try FileRecord(room.path + path).mode == 0o755)
    }
    #expect(try origin.names(in: Self.scope + "/objects") == ["abc.json", "abc.json.gz"])
  }

  @Test("the compressed twin carries no time and no name", arguments: ["", "x", "{}"])
  func twinHeader(text: String) throws {
    let room = try TemporaryDirectory()
    let origin = DirectoryOrigin(path: room.path)
    try origin.putObject(Self.bytes(text), at: "a.json")
    let twin = try #require(try origin.read("a.json.gz"))
    // RFC 1952: magic, deflate, no flags (so no name), time 0, best compression, Unix.
    #expect(Array(twin.prefix(10)) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 3])
    #expect(try run("/usr/bin/env", "gunzip", "-c", room.path + "/a.json.gz").output == text)
  }

  @Test("putting the same object again touches no file")
  func again() throws {
    let room = try TemporaryDirectory()
    let origin = DirectoryOrigin(path: room.path)
    let objects = (0..<5).map { (path: "objects/\($0).json", bytes: Self.bytes("\($0)")) }
    #expect(try origin.putObjects(objects) == 5)
    let files = try origin.names(in: "objects").map { room.path + "/objects/" + $0 }
    let before = try files.map { try FileRecord($0) } + [FileRecord(room.path + "/objects")]
    #expect(try origin.putObjects(objects) == 0)
    let after = try files.map { try FileRecord($0) } + [FileRecord(room.path + "/objects")]
    #expect(before == after)
  }

  @Test(
    "an object or twin that was cut, changed or removed is put right",
    arguments: ["", "{\"a\":", "{\"b\":1}", "{\"a\":1}\n", nil], ["", ".gz"])
  func repaired(damage: String?, suffix: String) throws {
    let room = try TemporaryDirectory()
    let origin = DirectoryOrigin(path: room.path)
    let whole = Self.bytes(#"{"a":1}"#)
    try origin.putObject(whole, at: "a.json")
    let twin = try origin.read("a.json.gz")
    let file = URL(filePath: room.path + "/a.json" + suffix)
    if let damage {
      try Data(damage.utf8).write(to: file)
    } else {
      try FileManager.default.removeItem(at: file)
    }
    #expect(try origin.putObject(whole, at: "a.json"))
    #expect(try origin.read("a.json") == whole)
    #expect(try origin.read("a.json.gz") == twin)
    #expect(try !origin.putObject(whole, at: "a.json"))
  }

  @Test("a twin with bytes after its end, or a flipped bit, is put right")
  func damagedTwin() throws {
    let room = try TemporaryDirectory()
    let origin = DirectoryOrigin(path: room.path)
    let whole = Self.bytes(#"{"a":1}"#)
    try origin.putObject(whole, at: "a.json")
    let twin = try #require(try origin.read("a.json.gz"))
    // A hint in the header, the time or the system, changes no byte of the text and may stay.
    for index in twin.indices where !(3..<10).contains(index) {
      var damaged = twin
      damaged[index] ^= 1
      try Data(damaged).write(to: URL(filePath: room.path + "/a.json.gz"))
      #expect(try origin.putObject(whole, at: "a.json"), "bit in byte \(index)")
      #expect(try origin.read("a.json.gz") == twin)
    }
    try Data(twin + twin).write(to: URL(filePath: room.path + "/a.json.gz"))
    #expect(try origin.putObject(whole, at: "a.json"))
  }

  @Test("what is not there reads as nothing")
  func missing() throws {
    let room = try TemporaryDirectory()
    let origin = DirectoryOrigin(path: room.path + "/never-made")
    #expect(try origin.read(Self.pointerPath) == nil)
    #expect(try origin.names() == [])
    #expect(try origin.publishedScopes() == [])
    #expect(!FileManager.default.fileExists(atPath: room.path + "/never-made"))
  }

  @Test("a pointer is replaced by a newer one only, and asked with what is there")
  func pointer() throws {
    let room = try TemporaryDirectory()
    let origin = DirectoryOrigin(path: room.path)
    func replace(_ text: String, present: String?, isNewer: Bool) throws -> Bool {
      try origin.replacePointer(at: Self.pointerPath, with: Self.bytes(text)) { existing in
        #expect(existing == present.map(Self.bytes))
        return isNewer
      }
    }
    #expect(try !replace("0", present: nil, isNewer: false))
    #expect(try origin.read(Self.pointerPath) == nil)
    #expect(try replace("1", present: nil, isNewer: true))
    let record = try FileRecord(room.path + "/" + Self.pointerPath)
    #expect(record.mode == 0o644)
    #expect(try !replace("2", present: "1", isNewer: false))
    #expect(try FileRecord(room.path + "/" + Self.pointerPath) == record)
    #expect(try replace("3", present: "1", isNewer: true))
    #expect(try origin.read(Self.pointerPath) == Self.bytes("3"))
    #expect(try origin.names(in: Self.scope) == ["latest.json"])
  }

  @Test("projections go with a newer pointer or the present one, never with an older one")
  func projections() throws {
    let room = try TemporaryDirectory()
    let origin = DirectoryOrigin(path: room.path)
    let path = Self.scope + "/flagd.json"
    func replace(_ pointer: String, _ projection: String, isNewer: Bool) throws -> Bool {
      try origin.replacePointer(
        at: Self.pointerPath, with: Self.bytes(pointer),
        projections: [(path: path, bytes: Self.bytes(projection))]
      ) { _ in isNewer }
    }
    #expect(try replace("1", "one", isNewer: true))
    #expect(try origin.read(path) == Self.bytes("one"))
    #expect(try replace("2", "two", isNewer: true))
    #expect(try !replace("1", "one", isNewer: false))
    #expect(try origin.read(path) == Self.bytes("two"))
    // The same version again: a repair, which leaves what is whole untouched.
    let record = try FileRecord(room.path + "/" + path)
    #expect(try !replace("2", "two", isNewer: false))
    #expect(try FileRecord(room.path + "/" + path) == record)
    try Data("tw".utf8).write(to: URL(filePath: room.path + "/" + path))
    #expect(try !replace("2", "two", isNewer: false))
    #expect(try origin.read(path) == Self.bytes("two"))
    #expect(try origin.names(in: Self.scope) == ["flagd.json", "latest.json"])
  }

  @Test("where the question cannot be answered the pointer stays, and the lock is free again")
  func unanswered() throws {
    struct Unreadable: Error {}
    let room = try TemporaryDirectory()
    let origin = DirectoryOrigin(path: room.path)
    _ = try origin.replacePointer(at: Self.pointerPath, with: [1]) { _ in true }
    #expect(throws: Unreadable.self) {
      try origin.replacePointer(at: Self.pointerPath, with: [2]) { _ in throw Unreadable() }
    }
    #expect(try origin.read(Self.pointerPath) == [1])
    #expect(try origin.replacePointer(at: Self.pointerPath, with: [3]) { _ in true })
  }

  @Test("published scopes are those with a pointer, in order")
  func scopes() throws {
    let room = try TemporaryDirectory()
    let origin = DirectoryOrigin(path: room.path)
    for scope in ["staging/acme", "production/zoo", "production/acme"] {
      _ = try origin.replacePointer(at: "v1/\(scope)/latest.json", with: [1]) { _ in true }
    }
    try origin.putObject([1], at: "v1/production/unfinished/objects/a.json")
    try origin.putObject([1], at: "v1/root/1.json")
    try origin.putObject([1], at: "v1/audit/1.json")
    let scopes = try origin.publishedScopes()
    #expect(scopes.map(\.description) == ["production/acme", "production/zoo", "staging/acme"])
    #expect(scopes.first.map(OriginPath.pointer) == Self.pointerPath)
  }
}
