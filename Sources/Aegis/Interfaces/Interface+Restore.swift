internal import CAegis
internal import Linux

extension Interface.Setting {
  /// The bit that records that it was changed.
  var undo: UInt32 {
    switch self {
    case .forwardsIPv4: AEGIS_PORT_UNDO_FORWARDING_V4.rawValue
    case .forwardsIPv6: AEGIS_PORT_UNDO_FORWARDING_V6.rawValue
    case .forgetsIPv4: AEGIS_PORT_UNDO_EVICT_V4.rawValue
    case .forgetsIPv6: AEGIS_PORT_UNDO_EVICT_V6.rawValue
    }
  }

  /// The bit that records that it was off although that of all interfaces was on; 0 if that makes no difference.
  var alone: UInt32 {
    switch self {
    case .forwardsIPv4: AEGIS_PORT_FORWARDING_ALONE_V4.rawValue
    case .forwardsIPv6: AEGIS_PORT_FORWARDING_ALONE_V6.rawValue
    case .forgetsIPv4, .forgetsIPv6: 0
    }
  }

  /// Sets it as it was, if the flags of an interface say that it was changed. What the operator changed meanwhile stays.
  func restore(_ name: String, _ flags: UInt32) throws(SystemError) {
    guard flags & undo != 0, try Interface.isOn(self, of: name) == isNeeded else { return }
    // Meanwhile the host may have become a router.
    if isNeeded, flags & alone == 0, try Interface.isOn(self, of: "all") == true { return }
    try Interface.set(self, !isNeeded, of: name)
  }
}

extension RelayHost.Change {
  /// One clause.
  var text: String {
    switch self {
    case .keep(let port): "\(port.name) is kept as the relay needs it"
    case .leave(let port): "\(port.name) is as it was before"
    case .set(let setting, let port):
      "\(setting.path(of: port.name)) is \(setting.isNeeded ? 1 : 0)"
    case .add(let hop, let interface): "\(Self.text(hop)) is kept as a neighbour on \(interface)"
    case .remove(let hop, let interface): "\(Self.text(hop)) is no neighbour on \(interface)"
    }
  }

  private static func text(_ hop: NextHops.Hop) -> String {
    IPAddress(networkOrder: hop.address).map { "\($0)" } ?? "?"
  }
}
