internal import Glibc
internal import Linux

/// Finds out from what the kernel said why a program cannot be attached.
struct AttachRefusal {
  let error: SystemError
  /// The driver's own words, if it had any.
  let said: String?
  let facts: InterfaceFacts

  /// What stands in the way, with the command that removes it; nil if it is none of what is known.
  var finding: Finding? {
    switch cause {
    case .mtu:
      blame(
        "mtu", "an MTU of \(facts.mtu) is too large for native mode",
        fix: "ip link set dev \(ShellWord(facts.name)) mtu \(min(facts.mtu, facts.singleBufferMTU))"
      )
    case .lro:
      blame(
        "lro", "large receive offload is on", fix: "ethtool -K \(ShellWord(facts.name)) lro off")
    case .groHardware:
      blame(
        "gro-hw", "hardware GRO is on", fix: "ethtool -K \(ShellWord(facts.name)) rx-gro-hw off")
    case .queues:
      blame("queues", "the number of its queues does not suit native mode", fix: queueFix)
    case .noNativeMode:
      blame(
        "native-mode",
        "\(facts.driver.map { "driver \($0)" } ?? "its driver") does not support native mode",
        fix: "aegisctl attach \(ShellWord(facts.name)) --mode generic")
    case nil: nil
    }
  }

  /// In the driver's words if it had any, else in ours.
  var reason: String { said ?? finding?.message ?? error.reason }

  /// Of what can be helped.
  var fix: String? { finding?.fix }

  /// What to do for native mode, where generic mode came instead; nil if nothing can be done.
  var remedy: String? { cause == .noNativeMode ? nil : fix }

  private enum Cause { case mtu, lro, groHardware, queues, noNativeMode }

  private var cause: Cause? { said.flatMap(Self.cause(in:)) ?? causeByNumber }

  /// Drivers put it in words of their own, but all name the thing.
  private static func cause(in text: String) -> Cause? {
    let text = text.lowercased()
    let words: [(Cause, [String])] = [
      (.mtu, ["mtu", "single page", "single-page", "single buffer"]),
      (.groHardware, ["gro_hw", "gro-hw", "hw-gro", "hw gro", "hardware gro"]),
      (.lro, ["lro", "rsc", "receive offload"]),
      (.queues, ["queue", "channel", "rings"]),
    ]
    return words.first { _, words in words.contains(where: text.contains) }?.0
  }

  private var causeByNumber: Cause? {
    switch error.errno {
    case ERANGE: .mtu
    case ENOSPC: .queues
    case _ where error.isUnsupported: .noNativeMode
    case EINVAL where facts.isOn("rx-lro"): .lro
    case EINVAL where facts.isOn("rx-gro-hw"): .groHardware
    case EINVAL where facts.mtu > facts.singleBufferMTU: .mtu
    default: nil
    }
  }

  /// A veth needs as many receive queues as its peer sends on; cards need queues left over for XDP.
  private var queueFix: String? {
    guard let queues = facts.queues else { return nil }
    if facts.driver == "veth" {
      return queues.receive < queues.most
        ? "ethtool -L \(ShellWord(facts.name)) rx \(queues.most)"
        : "ethtool -L PEER tx \(queues.receive)"
    }
    let kind = queues.isCombined ? "combined" : "rx"
    return "ethtool -L \(ShellWord(facts.name)) \(kind) \(max(1, queues.most / 2))"
  }

  private func blame(_ check: String, _ message: String, fix: String?) -> Finding {
    Finding(check, .error, message, because: "the program cannot be attached", fix: fix)
  }
}
