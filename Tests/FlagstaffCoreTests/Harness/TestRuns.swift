// How thoroughly random properties are tried: some seconds' worth each time, and everything that
// was promised where FLAGSTAFF_TEST_FULL=1 is set.

import Foundation

enum TestRuns {
  static let isFull = ProcessInfo.processInfo.environment["FLAGSTAFF_TEST_FULL"] == "1"
}
