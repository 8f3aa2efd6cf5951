internal import BPF
internal import Foundation
internal import Glibc

/// Whether tests that need the real kernel can run here.
public enum KernelAccess {
  /// On a machine that should run them, CI, they fail rather than being skipped.
  public static let isPossible: Bool = {
    let isCI = ProcessInfo.processInfo.environment["CI"] == "true"
    return (geteuid() == 0 && mountPins()) || isCI
  }()

  private static func mountPins() -> Bool {
    if BPFFS.isMounted(at: "/sys/fs/bpf") { return true }
    return (try? Command(["mount", "-t", "bpf", "bpf", "/sys/fs/bpf"]).succeed()) != nil
  }
}
