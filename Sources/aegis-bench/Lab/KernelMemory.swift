import FoundationEssentials
import Glibc

/// Memory of the kernel that the control group of this process is charged for.
enum KernelMemory {
  /// In bytes; nil if it cannot be read.
  static func charged() -> UInt64? {
    let groups = text("/proc/self/cgroup").split(separator: "\n")
    if let group = groups.first(where: { $0.contains(":memory:") }) {
      let path = "/sys/fs/cgroup/memory" + group.split(separator: ":", maxSplits: 2)[2]
      return UInt64(text(path + "/memory.kmem.usage_in_bytes").prefix { $0 != "\n" })
    }
    guard let group = groups.first(where: { $0.hasPrefix("0::") }) else { return nil }
    let lines = text("/sys/fs/cgroup" + group.dropFirst(3) + "/memory.stat").split(separator: "\n")
    return lines.first { $0.hasPrefix("kernel ") }.flatMap { UInt64($0.dropFirst(7)) }
  }

  /// Waits until the kernel has freed what is no longer used, which takes it seconds for a large trie.
  static func settle() {
    guard var before = charged() else { return }
    for _ in 0..<100 {
      usleep(200_000)
      let now = charged() ?? before
      if before < now + (64 << 10) { return }
      before = now
    }
  }

  private static func text(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }
}
