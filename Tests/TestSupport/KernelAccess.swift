internal import BPF
internal import Foundation
internal import Glibc

/// Whether tests that need the real kernel can run here.
public enum KernelAccess {
  /// On a machine that should run them, CI, they fail rather than being skipped.
  public static let isPossible = (geteuid() == 0 && mountPins()) || Tool.isCI

  private static func mountPins() -> Bool {
    let directory = "/sys/fs/bpf"
    // Root does not use what anybody can write to, as it is mounted without a mode.
    if BPFFS.isMounted(at: directory) {
      return (try? Command(["chmod", "go-w", directory]).succeed()) != nil
    }
    let mount = ["mount", "-t", "bpf", "-o", "mode=700", "bpf", directory]
    return (try? Command(mount).succeed()) != nil
  }
}
