internal import Linux

extension InterfaceChecks {
  /// Findings about changes that the hardware makes to packets before XDP sees them.
  var offloads: [Finding] { [lro, groHardware, vlan] }

  var lro: Finding {
    offload(
      "lro", "rx-lro", .warning,
      because: "packets are merged before they are counted; many drivers refuse native mode, and "
        + "generic mode turns LRO off", option: "lro")
  }

  var groHardware: Finding {
    offload(
      "gro-hw", "rx-gro-hw", .warning,
      because: "packets are merged before they are counted, and some drivers refuse native mode",
      option: "rx-gro-hw")
  }

  var vlan: Finding {
    offload(
      "rx-vlan", "rx-vlan-hw-parse", .warning,
      because:
        "the card removes VLAN tags before XDP sees the packet, so VLANs cannot be told apart",
      option: "rxvlan")
  }

  private func offload(
    _ check: String, _ name: String, _ level: Finding.Level, because reason: String, option: String
  ) -> Finding {
    guard let state = facts.offloads[name], state.isOn else { return .ok(check, "off") }
    if !state.isChangeable {
      return Finding(check, level, "on, and cannot be turned off", because: reason)
    }
    return Finding(
      check, level, "on", because: reason, fix: "ethtool -K \(ShellWord(facts.name)) \(option) off")
  }
}
