internal import BPF
internal import Linux

/// Why two ports cannot be a wire, each with the command that helps.
struct WireChecks {
  let ports: [WirePort]
  let ifDetached: WireOptions.IfDetached
  /// Whether the program runs in the drivers, which then must take frames from each other.
  let isNative: Bool

  /// A bridge forwards all group addresses but PAUSE, LACP and its own; the kernel refuses those.
  static let forwardedGroups: UInt16 = 0xfff8

  var errors: [Finding] {
    ports.flatMap { addresses($0) + uppers($0) + offloads($0) + transmission($0) } + mtu + below
  }

  private func fail(
    _ check: String, _ message: String, because reason: String, fix: String?
  ) -> Finding {
    Finding("wire." + check, .error, message, because: reason, fix: fix)
  }

  private func addresses(_ port: WirePort) -> [Finding] {
    if port.addresses.isEmpty { return [] }
    let names = port.addresses.map { "\($0)" }.joined(separator: ", ")
    return [
      fail(
        "addresses", "\(port.name) has the address \(names)",
        because: "nothing answers for the addresses of a port",
        fix: "ip address flush dev \(ShellWord(port.name))")
    ]
  }

  private func uppers(_ port: WirePort) -> [Finding] {
    port.uppers.map { upper in
      fail(
        "uppers", "\(upper) is on top of \(port.name)",
        because: "what comes in by the port leaves by the other one",
        fix: "ip link delete \(ShellWord(upper))")
    }
  }

  private func offloads(_ port: WirePort) -> [Finding] {
    let known = [
      (
        "rx-vlan", "rx-vlan-hw-parse", "rxvlan",
        "the card takes VLAN tags off, and they would be lost"
      ),
      (
        "rx-stag", "rx-vlan-stag-hw-parse", "rx-vlan-stag-hw-parse",
        "the card takes VLAN tags off, and they would be lost"
      ),
      ("lro", "rx-lro", "lro", "the card merges packets, and they would leave merged"),
      ("gro-hw", "rx-gro-hw", "rx-gro-hw", "the card merges packets, and they would leave merged"),
    ]
    return known.compactMap { check, name, option, reason in
      guard let state = port.offloads[name], state.isOn, state.isChangeable else { return nil }
      return fail(
        check, "\(name) is on at \(port.name)", because: reason,
        fix: "ethtool -K \(ShellWord(port.name)) \(option) off")
    }
  }

  /// Other drivers than veth's can do it only once a program is attached.
  private func transmission(_ port: WirePort) -> [Finding] {
    guard isNative, port.driver == "veth" else { return [] }
    return transmission(afterwards: port)
  }

  /// Whether a port takes frames from the other one, after both have a program.
  func transmission(afterwards port: WirePort) -> [Finding] {
    guard isNative, let xdp = port.xdp else { return [] }
    let wanted: XDPFeatures = port.mtu > 3_500 ? [.transmit, .transmitFragments] : .transmit
    if xdp.isSuperset(of: wanted) { return [] }
    let fix =
      port.driver == "veth"
      ? "turn GRO on at the other end of \(port.name): ethtool -K PEER gro on"
      : "aegisctl attach … --mode generic"
    return [
      fail(
        "transmit", "the driver of \(port.name) takes no frames from another port",
        because: "every frame would be lost", fix: fix)
    ]
  }

  private var mtu: [Finding] {
    guard let least = ports.min(by: { $0.mtu < $1.mtu }),
      let most = ports.max(by: { $0.mtu < $1.mtu }),
      least.mtu != most.mtu
    else { return [] }
    return [
      fail(
        "mtu", "\(most.name) has an MTU of \(most.mtu), \(least.name) of \(least.mtu)",
        because: "longer frames would be dropped, and nobody would be told",
        fix: "ip link set dev \(ShellWord(least.name)) mtu \(most.mtu)")
    ]
  }

  /// What is below the wire while the datapath is not attached.
  private var below: [Finding] {
    for port in ports {
      guard let master = port.master else { continue }
      return [
        fail(
          "master", "\(port.name) is a port of \(master)",
          because: "frames must leave and come in by the port itself",
          fix: "ip link set dev \(ShellWord(port.name)) nomaster")
      ]
    }
    switch ifDetached {
    case .open: return open
    case .closed:
      guard let bridge = ports.first?.bridge, ports.allSatisfy({ $0.bridge?.name == bridge.name })
      else { return [] }
      return [
        fail(
          "closed", "\(bridge.name) joins the ports while the datapath is not attached",
          because: "the wire is declared as closed",
          fix:
            "ip link set dev \(ShellWord(ports[0].name)) nomaster, or attach with --if-detached open"
        )
      ]
    }
  }

  private var open: [Finding] {
    guard let bridge = ports.first?.bridge, ports.allSatisfy({ $0.bridge?.name == bridge.name })
    else {
      let names = ports.map { "ip link set dev \(ShellWord($0.name)) master br0" }
      return [
        fail(
          "open", "no bridge joins \(ports.map(\.name).joined(separator: " and "))",
          because: "the wire is declared as open, and nothing would cross without the datapath",
          fix: (["ip link add br0 type bridge \(Self.bridgeOptions)"] + names + [
            "ip link set dev br0 up"
          ])
          .joined(separator: " && "))
      ]
    }
    var findings: [Finding] = []
    if bridge.hasAddress {
      findings.append(
        fail(
          "open", "the bridge \(bridge.name) has an address",
          because: "the gateway would answer for it",
          fix: "ip address flush dev \(ShellWord(bridge.name))"))
    }
    let settings = bridge.settings
    if settings.hasSTP || settings.snoopsMulticast
      || settings.forwardedGroups & Self.forwardedGroups != Self.forwardedGroups
    {
      findings.append(
        fail(
          "open", "the bridge \(bridge.name) does not forward every frame",
          because: "a bridge takes part in protocols of the network",
          fix: "ip link set dev \(ShellWord(bridge.name)) type bridge \(Self.bridgeOptions)"))
    }
    return findings
  }

  private static let bridgeOptions =
    "stp_state 0 mcast_snooping 0 group_fwd_mask \(forwardedGroups)"
}

extension AegisError {
  /// - Parameter findings: Not empty.
  init(wire names: [String], _ findings: [Finding]) {
    let fixes = findings.compactMap(\.fix)
    self.init(
      .failed,
      "\(names.joined(separator: " and ")) cannot be a wire: \(findings.map(\.message).joined(separator: "; "))",
      hint: fixes.isEmpty ? nil : fixes.joined(separator: " && "))
  }
}
