// COPY round trips: hostile text, every type, thousands of large rows, and failures on both sides.

import Documents
import Testing

@testable import PostgresRegistry

private let hostileTexts = [
  "", "\\N", "\\.", "\\", "\\\\N", "\t", "\n", "\r", "\r\n", "a\tb\nc\rd\\e", "\\x41", "\\t", "x\\",
  "\u{8}\u{B}\u{C}", "'\"$1", "é e\u{301}", "👩‍👩‍👧‍👦", "\\.\n\\.", "\u{7F}",
]

@Suite struct CopyTests {
  @Test("Every text that is copied in comes back byte for byte")
  func hostileText() async throws {
    let connection = try await makeConnection()
    let back = try connection.transaction { transaction in
      try transaction.run(
        script: "CREATE TEMP TABLE copied (n int, a text, b text) ON COMMIT DROP")
      let count = try transaction.copyIn(table: "copied", columns: ["n", "a", "b"]) { rows in
        for (number, text) in hostileTexts.enumerated() {
          rows.int(number)
          try rows.text(text)
          try rows.text(nil)
          try rows.endRow()
        }
      }
      #expect(count == hostileTexts.count)
      return try transaction.run("SELECT a, b FROM copied ORDER BY n").map { row in
        #expect(try row.optionalString("b") == nil)
        return try row.utf8("a")
      }
    }
    #expect(back == hostileTexts.map { Array($0.utf8) })
  }

  @Test("Every type that is copied in keeps its value")
  func types() async throws {
    let connection = try await makeConnection()
    let bytes = (0...255).map { UInt8($0) }
    let instant = try #require(Instant("2026-11-23T09:00:00Z"))
    let json = Array(#"{"a":"tab \t, newline \n, \\N, \u00e9","n":9007199254740991}"#.utf8)
    let id = "08dc8e83-6e5a-4ef4-a277-f445a7943ae2"
    try connection.transaction { transaction in
      try transaction.run(
        script: """
          CREATE TEMP TABLE copied
            (i bigint, s smallint, t boolean, f boolean, b bytea, e bytea, w timestamptz, j jsonb,
             u uuid, p numeric(5, 2), n bytea, o jsonb) ON COMMIT DROP
          """)
      try transaction.copyIn(
        table: "copied", columns: ["i", "s", "t", "f", "b", "e", "w", "j", "u", "p", "n", "o"]
      ) { rows in
        rows.int(Int.min)
        rows.int(-1)
        rows.bool(true)
        rows.bool(false)
        rows.bytes(bytes)
        rows.bytes([])
        rows.instant(instant)
        try rows.json(json)
        try rows.text(id)
        try rows.text("33.33")
        rows.bytes(nil)
        rows.null()
        try rows.endRow()
      }
      let row = try transaction.run(
        "SELECT *, j ->> 'a' AS a, n IS NULL AND o IS NULL AS nothing FROM copied"
      ).only()
      #expect(try row.int("i") == Int.min)
      #expect(try row.int("s") == -1)
      #expect(try row.bool("t"))
      #expect(try !row.bool("f"))
      #expect(try row.bytes("b") == bytes)
      #expect(try row.bytes("e") == [])
      #expect(try row.instant("w") == instant)
      #expect(try row.string("a") == "tab \t, newline \n, \\N, \u{E9}")
      #expect(try row.string("u") == id)
      #expect(try row.string("p") == "33.33")
      #expect(try row.bool("nothing"))
    }
  }

  @Test("Thousands of rows of 5 KB stream through a buffer of some 64 KiB")
  func streams() async throws {
    let connection = try await makeConnection()
    let payload = [UInt8](repeating: 0xA5, count: 5_000)
    try connection.transaction { transaction in
      try transaction.run(script: "CREATE TEMP TABLE copied (n int, b bytea) ON COMMIT DROP")
      try transaction.copyIn(table: "copied", columns: ["n", "b"]) { rows in
        for number in 0..<3_000 {
          rows.int(number)
          rows.bytes(payload)
          try rows.endRow()
        }
      }
      let row = try transaction.run(
        "SELECT count(*) AS rows, sum(octet_length(b)) AS bytes FROM copied"
      ).only()
      #expect(try row.int("rows") == 3_000)
      #expect(try row.int("bytes") == 15_000_000)
    }
  }

  @Test("A copy that is given up, or that the server refuses, leaves a connection that works")
  func failures() async throws {
    struct Stop: Error {}
    let connection = try await makeConnection()
    let create: StaticString = "CREATE TEMP TABLE copied (n int NOT NULL) ON COMMIT DROP"
    #expect(throws: Stop.self) {
      try connection.transaction { transaction in
        try transaction.run(script: create)
        try transaction.copyIn(table: "copied", columns: ["n"]) { rows in
          rows.int(1)
          try rows.endRow()
          throw Stop()
        }
      }
    }
    let refused = expectError(.invalidValue) {
      try connection.transaction { transaction in
        try transaction.run(script: create)
        try transaction.copyIn(table: "copied", columns: ["n"]) { rows in
          // Refused at once, noticed late: far more than the buffers between here and there hold.
          for _ in 0..<300_000 {
            try rows.text("s3cret")
            try rows.endRow()
          }
        }
      }
    }
    #expect(refused?.description.contains("s3cret") == false)
    #expect(refused?.statement == #"COPY "copied" ("n") FROM STDIN"#)
    #expect(try connection.transaction { try $0.run("SELECT 1").only().int(0) } == 1)
  }
}
