internal import Foundation

/// What a test needs from the machine. In CI it has to be there: a test fails without it instead of being skipped.
public enum Tool {
  public static let isCI = ProcessInfo.processInfo.environment["CI"] == "true"

  /// Whether a test may use a program.
  public static func isExpected(_ name: String) -> Bool {
    isCI || (try? Command(["which", name]).run())?.status == 0
  }

  /// Whether a test may use modules of Python.
  public static func areExpected(pythonModules names: String) -> Bool {
    isCI || (try? Command(["python3", "-c", "import \(names)"]).succeed()) != nil
  }
}
