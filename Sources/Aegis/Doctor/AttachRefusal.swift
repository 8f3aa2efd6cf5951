internal import Glibc
internal import Linux

/// Determines from the kernel's message why a program cannot be attached.
struct AttachRefusal {
  let error: SystemError
  /// The driver's own message, if there was one.
  let said: String?
  let facts: InterfaceFacts

  /// The cause, with the command that removes it; nil if the cause is not known.
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

  /// The driver's message if there was one, or else ours.
  var reason: String { said ?? finding?.message ?? error.reason }

  /// The command that helps; nil if nothing can be done.
  var fix: String? { finding?.fix }

  /// What to do to get native mode after generic mode was used; nil if nothing can be done.
  var remedy: String? { cause == .noNativeMode ? nil : fix }

  private enum Cause { case mtu, lro, groHardware, queues, noNativeMode }

  private var cause: Cause? { said.flatMap(Self.cause(in:)) ?? causeByNumber }

  /// Drivers use their own wording, but all of them name the cause.
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

  /// A veth needs as many receive queues as its peer has transmit queues; network cards need spare queues for XDP.
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
