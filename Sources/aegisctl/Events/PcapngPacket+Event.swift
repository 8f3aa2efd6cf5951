import Aegis

extension PcapngPacket {
  /// `XDP_DROP` and `XDP_PASS` of `enum xdp_action`.
  private static let actions: [Verdict: UInt64] = [.drop: 1, .pass: 2]

  /// Uses the reason and the rule as the comment: `drop.prefix 10.0.0.0/8: its source is …`.
  init(_ event: Event) {
    let rule = event.rule.map { " \($0)" } ?? ""
    self.init(
      time: event.time, bytes: event.bytes, originalLength: event.length,
      interface: event.interface.printable(),
      comment: "\(event.reasonText)\(rule): \(event.meaning)",
      verdict: Self.actions[event.reason.verdict])
  }
}
