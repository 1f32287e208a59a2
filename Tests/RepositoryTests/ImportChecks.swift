// The checks behind `ImportTests`: each takes a file and answers with the places that break the
// rule. They read lines of code, not the compiler's view, so they also see what a condition of
// compilation would leave out today.

enum ImportCheck {
  static let declaration =
    #"^[ \t]*((?:@\w+(?:\([^)]*\))?[ \t]+)*)(?:(public|package|internal|fileprivate|private)[ \t]+)?"#
    + #"import[ \t]+(?:(?:struct|class|enum|protocol|typealias|func|let|var)[ \t]+)?(\w+)"#

  /// Imports of one file that the list of rooms does not allow.
  static func violations(_ file: SourceFile) throws -> [Violation] {
    guard let target = file.target else { return [] }
    return try Pattern(declaration).matches(in: file.code).flatMap { match -> [Violation] in
      let (attributes, access, module) = (match.groups[1], match.groups[2], match.groups[3])
      var reason = refusal(of: module, in: target)
      if !attributes.isEmpty, !attributes.hasPrefix("@preconcurrency") {
        reason = "no \(attributes)import in the program"
      } else if access == "public", !House.productRooms.contains(target) {
        reason = "only products have public imports"
      } else if !access.isEmpty, access != "internal", access != "private",
        access != "fileprivate", libraries[module] != nil
      {
        reason = "a library of C is never imported as \(access)"
      }
      return reason.map { [file.violation(line: match.line, $0)] } ?? []
    }
  }

  /// Libraries that more than one room imports; benchmarks and fuzzer do not count.
  static func sharedLibraries(_ files: [SourceFile]) throws -> [Violation] {
    var first: [String: String] = [:]
    return try files.filter { !House.observers.contains($0.target ?? "") }.flatMap { file in
      try Pattern(declaration).matches(in: file.code).compactMap { match -> Violation? in
        let module = match.groups[3]
        guard libraries[module] != nil, let target = file.target else { return nil }
        let owner = first[module] ?? target
        first[module] = owner
        guard owner != target else { return nil }
        return file.violation(line: match.line, "\(module) belongs to \(owner) already")
      }
    }
  }

  private static let libraries: [String: String] = Dictionary(
    uniqueKeysWithValues: House.rooms.compactMap { room in room.library.map { ($0, room.name) } })

  /// Why a target may not import a module; nil where it may.
  private static func refusal(of module: String, in target: String) -> String? {
    let isRoom = House.rooms.contains { $0.name == module }
    if House.observers.contains(target) {
      let isKnown = isRoom || libraries[module] != nil || module == "ArgumentParser"
      return isKnown || House.platformModules.contains(module) ? nil : "\(module) is not listed"
    }
    if let modules = House.buildTools[target] {
      let isKnown = modules.contains(module) || House.platformModules.contains(module)
      return isKnown ? nil : "\(target) runs during the build and imports no \(module)"
    }
    guard let room = House.rooms.first(where: { $0.name == target }) else {
      return "\(target) is not in the list of rooms"
    }
    if House.platformModules.contains(module) {
      let isBanned = room.platformModulesBanned?.contains(module) ?? true
      return isBanned ? "\(target) does without \(module)" : nil
    }
    if isRoom { return reach(of: room).contains(module) ? nil : "\(target) must not see \(module)" }
    if let owner = libraries[module] {
      return owner == target ? nil : "\(module) is imported by \(owner) only"
    }
    return room.packages.contains(module) ? nil : "\(module) is not listed for \(target)"
  }

  /// A room's imports by the design, and the ground that those stand on.
  private static func reach(of room: House.Room) -> Set<String> {
    var reached = Set(room.imports)
    for name in room.imports {
      guard let next = House.rooms.first(where: { $0.name == name }) else { continue }
      reached.formUnion(reach(of: next).intersection(House.groundRooms))
    }
    return reached
  }
}

enum PurityCheck {
  private static let words =
    #"\b(async|await|actor(?= [A-Z])|Task|TaskLocal|ContinuousClock|SuspendingClock|clock_gettime|"#
    + #"gettimeofday|SystemRandomNumberGenerator|shuffled|shuffle|randomElement|arc4random|getenv|"#
    + #"ProcessInfo|CommandLine|FileManager|FileHandle|fopen|readLine)\b|\brandom\(|\bDate\(|\bUUID\(\)"#

  /// Effects in the core.
  static func violations(_ file: SourceFile) throws -> [Violation] {
    guard file.target == "FlagstaffCore" else { return [] }
    return try Pattern(words).matches(in: file.code).map {
      file.violation(line: $0.line, "the core does without \($0.groups[0])")
    }
  }
}

enum ForeignTypeCheck {
  private static let declaration =
    #"^[^\n{]*\b(?:package|public|open)[ \t]+(?=[a-z])[^\n{(]*"#
    + #"(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?[^\n{]*"#
  private static let types =
    #"\b(OpaquePointer|Unsafe(?:Mutable)?Pointer|(?:git|yaml|pcre2)_\w+|EVP_\w+|PG[a-z]\w*)"#

  /// Declarations seen by other targets whose signature holds a type of C.
  static func violations(_ file: SourceFile) throws -> [Violation] {
    guard file.target != nil else { return [] }
    let types = try Pattern(types)
    return try Pattern(declaration).matches(in: file.code).compactMap { match in
      guard let found = types.matches(in: match.groups[0]).first else { return nil }
      return file.violation(line: match.line, "\(found.groups[0]) leaves its target")
    }
  }
}
