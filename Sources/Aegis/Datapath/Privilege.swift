internal import FoundationEssentials
internal import Glibc

/// Whether the kernel is likely to let this process administer BPF. Asked only to explain a failure.
enum Privilege {
  private static let sysAdmin: UInt64 = 1 << 21
  private static let bpf: UInt64 = 1 << 39

  static var isSufficient: Bool {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return geteuid() == 0
    }
    let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
    let digits = line?.split(separator: "\t").last ?? ""
    return (UInt64(digits, radix: 16) ?? 0) & (sysAdmin | bpf) != 0
  }
}
