import Aegis

extension PcapngPacket {
  /// `XDP_DROP` and `XDP_PASS` of `enum xdp_action`.
  private static let actions: [Verdict: Int64] = [.drop: 1, .pass: 2]
  /// `TC_ACT_SHOT` and `TC_ACT_UNSPEC`.
  private static let actionsOut: [Verdict: Int64] = [.drop: 2, .pass: -1]

  /// Uses the reason and the rule as the comment: `drop.prefix 10.0.0.0/8: its source is …`.
  init(_ event: Event) {
    let rule = event.rule.map { " \($0)" } ?? ""
    // All interfaces of a capture have the same link, or libpcap does not read it.
    let made =
      event.isBare
      ? EthernetHeader.bytes(type: EthernetHeader.type(ofIP: event.bytes.first)) : []
    let hook = event.direction == .out ? PcapngVerdict.Hook.tc : .xdp
    let actions = hook == .tc ? Self.actionsOut : Self.actions
    self.init(
      time: event.time, bytes: made + event.bytes, originalLength: made.count + event.length,
      interface: event.interface.printable(),
      comment: "\(event.reasonText)\(rule): \(event.meaning)",
      isSent: event.direction == .out,
      verdict: actions[event.reason.verdict].map { PcapngVerdict(hook: hook, action: $0) })
  }
}
