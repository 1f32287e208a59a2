// When the loop begins its next pass, asked without waiting: the schedule is a plain struct, and the
// randomness of its jitter is handed in.

import Documents
import FlagstaffController
import Testing

@Suite("The schedule of passes")
struct PassScheduleTests {
  /// In the middle of the jitter: the pause is exactly what was decided.
  private static let middle = 0.5

  /// The pauses of a schedule with an interval after a row of outcomes.
  private static func pauses(
    _ outcomes: [PassSchedule.Outcome], intervalSeconds: Double = 30, random: Double = middle
  ) -> [Double?] {
    var schedule = PassSchedule(intervalSeconds: intervalSeconds)
    return outcomes.map { schedule.pause(after: $0, random: random) }
  }

  @Test("After each failure the pause doubles, up to the cap")
  func backOff() {
    let pauses = Self.pauses(Array(repeating: .failed(.retry), count: 200))
    #expect(pauses.prefix(10) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300])
    #expect(pauses.dropFirst(10).allSatisfy { $0 == PassSchedule.backOffSecondsMax })
  }

  @Test("A success begins the back-off anew")
  func success() {
    let failures = Array(repeating: PassSchedule.Outcome.failed(.retry), count: 5)
    let pauses = Self.pauses(failures + [.done(dueInSeconds: nil)] + failures)
    #expect(pauses == [1, 2, 4, 8, 16, 30, 1, 2, 4, 8, 16])
  }

  @Test("A pause strays by a tenth at most, to both sides", arguments: [0, 0.25, 0.75, 0.999_999])
  func jitter(_ random: Double) throws {
    let outcomes: [(PassSchedule.Outcome, Double)] = [
      (.done(dueInSeconds: nil), 30), (.done(dueInSeconds: 3_600), 30), (.failed(.retry), 1),
      (.failed(.waiting), 30), (.failed(.stalled), 30),
    ]
    for (outcome, length) in outcomes {
      let pause = try #require(Self.pauses([outcome], random: random).first ?? nil)
      #expect(abs(pause - length) <= length / 10 + 1e-9, "\(outcome)")
      #expect((pause < length) == (random < Self.middle), "\(outcome)")
    }
  }

  @Test(
    "What is due sooner than the interval wakes the loop then, to the second",
    arguments: [(5, 5.0), (0, 0.0), (-7, 0.0), (29, 29.0), (31, 30.0), (86_400, 30.0)])
  func due(_ due: Int, _ expected: Double) throws {
    #expect(Self.pauses([.done(dueInSeconds: due)]) == [expected])
    // No jitter delays what is due.
    let latest = try #require(
      Self.pauses([.done(dueInSeconds: due)], random: 0.999_999).first ?? nil)
    #expect(latest <= Double(max(due, 0)))
  }

  @Test("What a person has to mend is looked at once an interval", arguments: [true, false])
  func stalled(_ isStalled: Bool) {
    let outcome = PassSchedule.Outcome.failed(isStalled ? .stalled : .waiting)
    #expect(Self.pauses(Array(repeating: outcome, count: 10)).allSatisfy { $0 == 30 })
    // A short interval does not make a busy loop of it.
    #expect(Self.pauses([outcome], intervalSeconds: 0.1) == [1])
  }

  @Test("After what nobody may go on from, the process ends")
  func halt() {
    #expect(Self.pauses([.failed(.halt)]) == [nil])
  }
}
