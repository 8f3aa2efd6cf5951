internal import BPF
internal import Glibc

/// Whether the kernel is likely to let this process administer BPF. Asked only to explain a failure.
enum Privilege {
  private static let sysAdmin: UInt64 = 1 << 21
  private static let bpf: UInt64 = 1 << 39

  /// What attaching takes, and the bits of those that grant each.
  static let needed: [(name: String, bits: UInt64)] = [
    ("CAP_BPF", bpf | sysAdmin), ("CAP_NET_ADMIN", 1 << 12), ("CAP_PERFMON", 1 << 38 | sysAdmin),
  ]

  static func missing(from held: UInt64) -> [String] {
    needed.filter { $0.bits & held == 0 }.map(\.name)
  }

  /// A bit each, by the numbers of `<linux/capability.h>`; nil if they cannot be read.
  static var effective: UInt64? {
    guard let status = try? readFile("/proc/self/status") else {
      return nil
    }
    let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
    return line?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) }
  }

  static var isSufficient: Bool {
    guard let effective else { return geteuid() == 0 }
    return effective & (sysAdmin | bpf) != 0
  }
}
