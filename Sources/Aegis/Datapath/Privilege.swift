internal import BPF
internal import Glibc
internal import Linux

/// Whether the kernel is likely to let this process administer BPF. Asked only to explain a failure.
enum Privilege {
  private static let sysAdmin: UInt64 = 1 << 21
  private static let bpf: UInt64 = 1 << 39

  /// The capabilities that attaching needs, with the bits of those that grant each.
  static let needed: [(name: String, bits: UInt64)] = [
    ("CAP_BPF", bpf | sysAdmin), ("CAP_NET_ADMIN", 1 << 12), ("CAP_PERFMON", 1 << 38 | sysAdmin),
  ]

  static func missing(from held: UInt64) -> [String] {
    needed.filter { $0.bits & held == 0 }.map(\.name)
  }

  /// What would allow the caller to do what was refused.
  ///
  /// - Parameter subject: The object of the refused operation, perhaps a path.
  static func hint(about subject: String = "") -> String {
    let status = (try? readFile("/proc/self/status")) ?? ""
    return hint(
      status: status, owner: BPFFS.foreignOwner(of: subject, caller: geteuid()),
      userMap: (try? readFile("/proc/self/uid_map")) ?? "")
  }

  /// - Parameters:
  ///   - status: The contents of `/proc/self/status`.
  ///   - owner: A path that the caller has no rights to, and its owner.
  ///   - userMap: The contents of `/proc/self/uid_map`.
  static func hint(
    status: String, owner: (path: String, uid: UInt32)?, userMap: String
  ) -> String {
    let held = value(of: "CapEff", in: status).flatMap { UInt64($0, radix: 16) }
    guard let held, missing(from: held).isEmpty else {
      return "run it as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON"
    }
    if let owner, held & dacOverride == 0 {
      return
        "\(owner.path) belongs to the user \(owner.uid): run it as that user, or with CAP_DAC_OVERRIDE"
    }
    if value(of: "Seccomp", in: status).map({ $0 != "0" }) ?? false {
      return "no capability is missing, but a seccomp filter may refuse it:"
        + " let the container or service call bpf, or run it outside"
    }
    let words = userMap.split { $0 == " " || $0 == "\n" }
    if !words.isEmpty, words != ["0", "0", "4294967295"] {
      return "the capabilities are those of a user namespace: run it outside, as the host's root"
    }
    return "no capability is missing: a security module or kernel lockdown may refuse it; see dmesg"
  }

  private static let dacOverride: UInt64 = 1 << 1

  private static func value(of field: String, in status: String) -> Substring? {
    let line = status.split(separator: "\n").first { $0.hasPrefix(field + ":") }
    return line?.split(separator: "\t").last
  }

  /// One bit per capability, by the numbers of `<linux/capability.h>`; nil if they cannot be read.
  static var effective: UInt64? {
    guard let status = try? readFile("/proc/self/status") else {
      return nil
    }
    return value(of: "CapEff", in: status).flatMap { UInt64($0, radix: 16) }
  }

  static var isSufficient: Bool {
    guard let effective else { return geteuid() == 0 }
    return effective & (sysAdmin | bpf) != 0
  }
}
