// What others use to check YAML against a schema, on the same files and the same schemas, each in a
// process of its own: `check-jsonschema`, the command that most repositories run, and the fastest
// pair of libraries for Python, PyYAML over libyaml's C code with jsonschema-rs. They check the
// form alone; what definitions mean they cannot know.

import Foundation

enum ValidatePeers {
  enum Outcome {
    /// By the clock, start of the process included, as users wait for it.
    case seconds(Double)
    case unavailable(String)
  }

  /// Python that `.ci/install-packages --tests` made, or the system's.
  private static func program(_ name: String) -> String {
    let own = ".build/python/bin/\(name)"
    return FileManager.default.isExecutableFile(atPath: own) ? own : name
  }

  private static let schemas = "schemas/v1"

  /// `check-jsonschema` over some files. It takes minutes for all, so the caller takes a part and
  /// multiplies; its start is a small part of that.
  static func checkJSONSchema(_ files: [URL]) throws -> Outcome {
    let arguments = ["--schemafile", "\(schemas)/definitions.schema.json"]
    return try run(
      [program("check-jsonschema")] + arguments + files.map { $0.path(percentEncoded: false) })
  }

  /// PyYAML's C loader and jsonschema-rs over all definitions files below a folder.
  static func fastest(below folder: URL) throws -> Outcome {
    try run([program("python3"), "-c", script, schemas, folder.path(percentEncoded: false)])
  }

  private static let script = """
    import gc, json, pathlib, re, sys
    try:
        import jsonschema_rs, yaml
    except ImportError as error:
        sys.exit(str(error))
    class Loader(yaml.CSafeLoader):
        pass
    # As in YAML 1.2, instants are strings, and `off` and `yes` too.
    other = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
    Loader.yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in forms if tag not in other]
        for first, forms in Loader.yaml_implicit_resolvers.items()
    }
    Loader.add_implicit_resolver(other[1], re.compile("^(?:true|false)$"), ["t", "f"])
    gc.disable()
    schemas = [json.loads(path.read_text()) for path in pathlib.Path(sys.argv[1]).glob("*.json")]
    registry = jsonschema_rs.Registry([(schema["$id"], schema) for schema in schemas])
    main = next(schema for schema in schemas if schema["$id"].endswith("/definitions.schema.json"))
    validator = jsonschema_rs.validator_for(main, registry=registry)
    for path in pathlib.Path(sys.argv[2]).rglob("*.yaml"):
        if path.name == "flagstaff.yaml":
            continue
        if not validator.is_valid(yaml.load(path.read_bytes(), Loader)):
            sys.exit(f"{path} is refused")
    """

  private static func run(_ words: [String]) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    let start = ContinuousClock.now
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let took = start.duration(to: .now)
    guard process.terminationStatus == 0 else {
      return .unavailable(text.split(separator: "\n").last.map(String.init) ?? "no answer")
    }
    return .seconds(Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18)
  }
}
