import Glibc
import Testing

/// Whether tests may load programs.
enum KernelAccess {
  /// As root; and in CI, where a machine that cannot is to fail and not to skip.
  static var isPossible: Bool { geteuid() == 0 || isCI }

  private static var isCI: Bool { getenv("CI").map { String(cString: $0) == "true" } ?? false }
}

/// The parent of all suites that run the program: they share one and so take turns.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct DatapathTests {}
