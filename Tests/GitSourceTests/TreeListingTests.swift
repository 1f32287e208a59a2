// What counts as a file of a commit, and what is refused. The odd trees are made object by object,
// as somebody with the right to push could make them.

import Documents
import Testing

@testable import GitSource

private let roots = ["flagstaff.yaml", "shared", "customers"]

@Suite struct TreeListingTests {
  @Test("The YAML files under the roots are listed by the bytes of their paths, nothing else is")
  func listing() throws {
    let repository = try TestRepository()
    let wanted = [
      "customers/a-b/x.yaml", "customers/a/z.yaml", "customers/a.yaml", "customers/ä/x.yaml",
      "customers/B/x.YAML", "flagstaff.yaml", "shared/old.yml",
    ]
    for file in wanted + ["README.md", "other/x.yaml", "customers/a/notes.txt"] {
      try repository.write("content of \(file)", to: file)
    }
    try repository.commit()
    try repository.git("update-index", "--chmod=+x", "shared/old.yml")
    try repository.git("commit", "--quiet", "-m", "Mode")
    let git = try GitRepository(path: repository.path)
    let listing = try git.files(of: git.head(), under: roots + ["absent"])
    #expect(listing.findings.isEmpty)
    #expect(
      listing.files.map(\.path)
        == wanted.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    for file in listing.files {
      #expect(try git.blob(file.blob) == Array("content of \(file.path)".utf8))
      #expect(file.size == "content of \(file.path)".utf8.count)
      #expect(file.blob == BlobID(hashing: Array("content of \(file.path)".utf8)))
      #expect(try repository.git("rev-parse", "HEAD:\(file.path)") == file.blob.hexadecimal)
    }
  }

  @Test("An entry that is neither a folder nor a regular file is a finding")
  func oddEntries() throws {
    let repository = try TestRepository()
    let blob = try repository.object(type: "blob", Array("x".utf8))
    let commit = String(repeating: "1", count: 40)
    let table: [(entry: String, code: Finding.Code)] = [
      ("120000 blob \(blob)\tlink.yaml", .symbolicLink),
      ("120000 blob \(blob)\tlink", .symbolicLink),
      ("160000 commit \(commit)\tmodule", .submodule),
    ]
    for (entry, code) in table {
      let inner = try repository.tree(["100644 blob \(blob)\tgood.yaml", entry])
      let top = try repository.tree(["040000 tree \(inner)\tcustomers"])
      let listing = try listing(of: top, in: repository)
      #expect(listing.files.map(\.path) == ["customers/good.yaml"])
      #expect(listing.findings.map(\.code) == [code])
      let name = entry.split(separator: "\t").last ?? ""
      #expect(listing.findings.map(\.location.file) == ["customers/\(name)"])
    }
  }

  @Test("A root that is itself a link or a submodule is a finding")
  func oddRoot() throws {
    let repository = try TestRepository()
    let blob = try repository.object(type: "blob", Array("shared".utf8))
    let top = try repository.tree(["120000 blob \(blob)\tcustomers"])
    #expect(try listing(of: top, in: repository).findings.map(\.code) == [.symbolicLink])
  }

  @Test(
    "A name that means something else, cannot be shown or is not UTF-8 is a finding",
    arguments: [
      (Array("..".utf8), "customers/.."), (Array(".".utf8), "customers/."),
      (Array(".git".utf8), "customers/.git"), (Array(".GiT".utf8), "customers/.GiT"),
      (Array("a\u{7}.yaml".utf8), "customers/a\\u{7}.yaml"),
      (Array("a\nb.yaml".utf8), "customers/a\\u{A}b.yaml"),
      (Array("a\u{202E}b.yaml".utf8), "customers/a\\u{202E}b.yaml"),
      ([0x61, 0xFF, 0x2E], "customers/a\\xFF."),
      (Array("a/b.yaml".utf8), "customers/a/b.yaml"),
    ] as [([UInt8], String)])
  func oddNames(name: [UInt8], shown: String) throws {
    let repository = try TestRepository()
    let blob = try repository.object(type: "blob", Array("x".utf8))
    let inner = try repository.object(
      type: "tree", Array("100644 ".utf8) + name + [0] + (Hexadecimal.bytes(blob) ?? []))
    let top = try repository.tree(["040000 tree \(inner)\tcustomers"])
    let listing = try listing(of: top, in: repository)
    #expect(listing.files.isEmpty)
    #expect(listing.findings.map(\.code) == [.oddName])
    #expect(listing.findings.map(\.location.file) == [shown])
  }

  @Test("A tree that names a file twice, or is not in Git's order, is a finding")
  func unsortedTree() throws {
    let repository = try TestRepository()
    let blob = try repository.object(type: "blob", Array("x".utf8))
    for names in [["a.yaml", "a.yaml"], ["b.yaml", "a.yaml"]] {
      let entries = names.map {
        Array("100644 \($0)\0".utf8) + (Hexadecimal.bytes(blob) ?? [])
      }
      let inner = try repository.object(type: "tree", Array(entries.joined()))
      let top = try repository.tree(["040000 tree \(inner)\tcustomers"])
      #expect(try listing(of: top, in: repository).findings.map(\.code) == [.unsortedTree])
    }
  }

  @Test("A file above the limit is found by its header and never loaded")
  func largeFile() throws {
    let repository = try TestRepository()
    try repository.write(String(repeating: "x", count: Limits.fileBytesMax), to: "shared/a.yaml")
    try repository.write(
      String(repeating: "x", count: Limits.fileBytesMax + 1), to: "shared/b.yaml")
    try repository.write(
      String(repeating: "x", count: Limits.fileBytesMax + 1), to: "shared/picture.png")
    try repository.commit()
    let git = try GitRepository(path: repository.path)
    let listing = try git.files(of: git.head(), under: roots)
    #expect(listing.files.map(\.path) == ["shared/a.yaml"])
    #expect(listing.findings.map(\.code) == [.fileTooLarge])
    #expect(listing.findings.first?.message.contains("262145 bytes") == true)
    let large = try #require(BlobID(repository.git("rev-parse", "HEAD:shared/b.yaml")))
    let error = try #require(throws: GitError.self) { try git.blob(large) }
    #expect(error.code == .tooLarge)
  }

  @Test("The limits on number, bytes and depth hold, and end the walk")
  func limits() throws {
    let repository = try TestRepository()
    for index in 0..<20 { try repository.write("12345", to: "shared/\(index).yaml") }
    try repository.commit()
    let git = try GitRepository(path: repository.path)
    let head = try git.head()
    func codes(_ limits: ListingLimits) throws -> [Finding.Code] {
      try git.files(of: head, under: roots, limits: limits).findings.map(\.code)
    }
    #expect(try codes(ListingLimits(filesMax: 21)) == [])
    #expect(try codes(ListingLimits(filesMax: 20)) == [.tooManyFiles])
    #expect(try codes(ListingLimits(bytesMax: 100)) == [])
    #expect(try codes(ListingLimits(bytesMax: 99)) == [.tooManyBytes])
  }

  @Test("Folders that repeat themselves end at the limits, though they hold not one file")
  func unfoldingTree() throws {
    let repository = try TestRepository()
    var tree = try repository.tree([])
    for _ in 0..<30 {
      tree = try repository.tree(["040000 tree \(tree)\ta", "040000 tree \(tree)\tb"])
    }
    let top = try repository.tree(["040000 tree \(tree)\tcustomers"])
    #expect(try listing(of: top, in: repository).findings.map(\.code) == [.tooManyFiles])
    for _ in 0..<Limits.depthMax { tree = try repository.tree(["040000 tree \(tree)\tc"]) }
    let deep = try repository.tree(["040000 tree \(tree)\tcustomers"])
    #expect(try listing(of: deep, in: repository).findings.map(\.code) == [.tooDeep])
  }

  @Test("A missing blob or tree, and an id of the wrong kind, is an error of the repository")
  func missingObjects() throws {
    let repository = try TestRepository()
    let missing = String(repeating: "1", count: 40)
    let file = try repository.tree(["100644 blob \(missing)\tx.yaml"])
    for entry in ["040000 tree \(file)\tshared", "040000 tree \(missing)\tshared"] {
      let top = try repository.tree([entry])
      let error = try #require(throws: GitError.self) { try listing(of: top, in: repository) }
      #expect(error.code == .objectMissing)
    }
    let git = try GitRepository(path: repository.path)
    let tree = try #require(BlobID(file))
    #expect(try #require(throws: GitError.self) { try git.blob(tree) }.code == .corrupt)
  }

  private func listing(of tree: String, in repository: TestRepository) throws -> TreeListing {
    let commit = try #require(CommitID(repository.commit(tree: tree)))
    return try GitRepository(path: repository.path).files(of: commit, under: roots)
  }
}
