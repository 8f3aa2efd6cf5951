internal import CAegis

extension aegis_event {
  /// The name of the entry, rule or rate that decided or, where the packet passed all the same, would have dropped it.
  ///
  /// - Parameter matched: What its `rule` names.
  func rule(rate: String?, matched: String?) -> String? {
    let isPassed = Reason(rawValue: reason).verdict == .pass
    let decider = isPassed && would_drop != 0 ? would_drop : reason
    return switch decider {
    case AEGIS_PASS_KEY.rawValue, AEGIS_PASS_PROTECTED.rawValue:
      key.map { "\($0)" } ?? matched
    case AEGIS_DROP_HOST.rawValue: peer.map { "\(Prefix($0))" }
    case AEGIS_DROP_PREFIX.rawValue: isOfDrop(decider) ? prefix : nil
    case AEGIS_DROP_RATE.rawValue: rate
    case AEGIS_PASS_RULE.rawValue, AEGIS_DROP_RULE.rawValue: matched
    // A key that let the packet in as well hides the rule that chose it.
    case AEGIS_PASS_HOOK.rawValue, AEGIS_DROP_HOOK.rawValue, AEGIS_REPLY_HOOK.rawValue,
      AEGIS_PASS_HOOK_MISSING.rawValue, AEGIS_DROP_HOOK_MISSING.rawValue:
      matched.flatMap { $0.hasPrefix("rule ") ? $0 : nil }
    default: nil
    }
  }

  private var peer: IPAddress? {
    IPAddress(leaves ? destination : source, family: UInt32(family))
  }

  private var prefix: String? {
    peer.flatMap { Found(found)?.drop(of: $0) }.map { "\($0)" }
  }

  /// Whether `found` refers to a drop entry: a key that is found after a monitored drop overwrites it.
  private func isOfDrop(_ decider: UInt32) -> Bool {
    decider == reason || found & UInt64(AEGIS_FOUND_MONITOR) != 0
      || reason == AEGIS_PASS_MONITORED.rawValue
  }

  private var key: AllowKey? {
    guard let found = Found(found), found.decides, let peer else { return nil }
    let port = destination_port == 0 ? nil : UInt16(bigEndian: destination_port)
    return found.key(
      of: peer, port: port, protocol: TransportProtocol(rawValue: self.protocol))
  }
}
