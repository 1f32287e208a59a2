// The command line of Flagstaff: the only place where parts are put together.

internal import GitSource

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

// Fetching happens in a process of its own, which is this program again: see `FetchChild`.
if CommandLine.arguments.dropFirst().first == FetchChild.name {
  exit(FetchChild.run(arguments: Array(CommandLine.arguments.dropFirst(2))))
}
