// The terminal: colour where one is looking, a progress line for work over a second, notes on
// standard error and results on standard output, so that output can be piped. Whoever pipes the
// output, or asks for quiet, sees results alone.

internal import FlagstaffController
internal import Foundation
internal import Synchronization

struct Terminal: Sendable {
  enum Colour: String {
    case red = "31"
    case green = "32"
    case yellow = "33"
    case dim = "2"
    case bold = "1"
  }

  let isQuiet: Bool
  private let isColoured: Bool
  private let line: ProgressLine

  init(isQuiet: Bool, mayColour: Bool) {
    self.isQuiet = isQuiet
    isColoured = mayColour && isatty(STDOUT_FILENO) == 1 && Variables.all["TERM"] != "dumb"
    line = ProgressLine(isShown: !isQuiet && isatty(STDERR_FILENO) == 1)
  }

  func colour(_ text: String, _ colour: Colour) -> String {
    isColoured ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// A result, on standard output.
  func result(_ text: String) {
    line.clear()
    print(text)
  }

  /// A result that ends with its own line end.
  func page(_ text: String) {
    line.clear()
    print(text, terminator: "")
  }

  /// Something worth knowing that is no result, on standard error.
  func note(_ text: String) {
    guard !isQuiet else { return }
    line.clear()
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  /// A result that stands beside the one on standard output; not even quiet may hide it.
  func besideResult(_ text: String) {
    line.clear()
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  var progress: ProgressReporter {
    let line = line
    return ProgressReporter { activity, done, total in line.show(activity, done, total) }
  }
}

/// One line that is drawn over itself, at most ten times a second, once work has taken a second.
private final class ProgressLine: Sendable {
  private struct State {
    var began: ContinuousClock.Instant?
    var drawn: ContinuousClock.Instant?
  }

  private let isShown: Bool
  private let state = Mutex(State())

  init(isShown: Bool) {
    self.isShown = isShown
  }

  func show(_ activity: String, _ done: Int, _ total: Int) {
    guard isShown else { return }
    let now = ContinuousClock.now
    let isDue = state.withLock { state in
      let began = state.began ?? now
      state.began = began
      guard began.duration(to: now) > .seconds(1),
        state.drawn.map({ $0.duration(to: now) > .milliseconds(100) }) ?? true
      else { return false }
      state.drawn = now
      return true
    }
    guard isDue else { return }
    let share = total > 0 ? done * 100 / total : 0
    FileHandle.standardError.write(
      Data("\r\u{1B}[K\(activity): \(done) of \(total) (\(share) %)".utf8))
  }

  func clear() {
    let wasDrawn = state.withLock { state in
      defer { state = State() }
      return state.drawn != nil
    }
    if wasDrawn { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }
}
