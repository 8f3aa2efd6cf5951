internal import Foundation

/// The machine that the tests run on.
public enum Machine {
  /// How many times slower than the ones they were written on, by the environment variable `AEGIS_SLOW_MACHINE`: an
  /// emulated one may be 20. Tests of many random cases try fewer there, but never none.
  public static let slowness: Int = {
    guard let text = ProcessInfo.processInfo.environment["AEGIS_SLOW_MACHINE"] else { return 1 }
    guard let times = Int(text), times >= 1 else {
      fatalError("AEGIS_SLOW_MACHINE=\(text) is not a number from 1")
    }
    return times
  }()

  /// How many to try here of what is otherwise tried `count` times.
  public static func few(_ count: Int, atLeast least: Int = 1) -> Int {
    max(min(least, count), count / slowness)
  }
}
