internal import Linux

/// Looks for replies to this host's own connections that would not pass, and for what would pass as one.
struct ReplyChecks {
  /// The local ports that replies may be for.
  let ports: ClosedRange<UInt16>
  /// The ports that the kernel gives to connections.
  let given: ClosedRange<UInt16>
  /// Those that programs accept TCP connections on.
  let listening: [UInt16]

  private static let check = "replies"

  /// None if replies do not pass at all, or the caller may not see it.
  static func findings(at root: PinRoot) -> [Finding] {
    guard let datapath = try? Datapath(at: root),
      let ports = try? PolicyDefaults(datapath).replyPorts()
    else { return [] }
    let listening = (try? TCPSockets.listening()) ?? []
    let checks = ReplyChecks(
      ports: ports, given: LocalPorts.now,
      listening: listening.filter { !IPAddress.isOnlyLocal($0.local) }.map(\.localPort))
    return checks.findings
  }

  var findings: [Finding] {
    let found = [range, listeners].compactMap(\.self)
    return found.isEmpty
      ? [.ok(Self.check, "to ports \(Self.text(ports))")] : found
  }

  private var range: Finding? {
    if ports == given { return nil }
    return Finding(
      Self.check, .error,
      "they pass to ports \(Self.text(ports)), and connections get \(Self.text(given))",
      because:
        "net.ipv4.ip_local_port_range has changed since, and connections from other ports get no replies",
      fix: "aegisctl set-default deny --replies")
  }

  private var listeners: Finding? {
    let most = 10
    let open = Set(listening.filter(ports.contains)).sorted()
    if open.isEmpty { return nil }
    let text = open.prefix(most).map { "\($0)" }.joined(separator: ", ")
    return Finding(
      Self.check, .warning,
      "programs accept connections on ports of that range: \(text)"
        + (open.count > most ? " and \(open.count - most) more" : ""),
      because: "connections that they have accepted pass without a key until they are closed")
  }

  private static func text(_ ports: ClosedRange<UInt16>) -> String {
    "\(ports.lowerBound)-\(ports.upperBound)"
  }
}
