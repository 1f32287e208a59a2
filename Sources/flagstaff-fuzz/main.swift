// The fuzzer: libFuzzer drives one of the targets below with inputs that it grows by what they
// reach. It is a build of its own, made by `.ci/fuzz`, since every room is compiled with coverage
// for it; `Package.swift` knows it only there. A target that finds a promise broken stops at a
// precondition, which libFuzzer reports with the input.
//
//   flagstaff-fuzz yaml|schema|definitions [what libFuzzer takes]

import Glibc

@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Hands an input to a target. A C function cannot capture, so each target has its own.
func take(_ start: UnsafePointer<UInt8>?, _ count: Int, _ target: ([UInt8]) -> Void) -> CInt {
  target(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

let targets: [String: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt] = [
  "yaml": { take($0, $1, FuzzTarget.yaml) },
  "schema": { take($0, $1, FuzzTarget.schema) },
  "definitions": { take($0, $1, FuzzTarget.definitions) },
]

guard CommandLine.argc > 1, let target = targets[CommandLine.arguments[1]] else {
  let usage = "usage: flagstaff-fuzz yaml|schema|definitions [libFuzzer's arguments]\n"
  _ = write(STDERR_FILENO, usage, usage.utf8.count)
  exit(64)
}
// libFuzzer sees the program's name and what follows the target's.
var count = CommandLine.argc - 1
var arguments = CommandLine.unsafeArgv + 1
exit(runDriver(&count, &arguments, target))
