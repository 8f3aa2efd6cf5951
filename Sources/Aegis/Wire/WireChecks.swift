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
    // Its settings concern all the host's own traffic: nothing else about it may be advised.
    if let port = ports.first(where: \.isLoopback) {
      return [
        fail(
          "loopback", "\(port.name) is the loopback", because: "it leads nowhere but to this host",
          fix: nil)
      ]
    }
    return ports.flatMap { port in
      addresses(port) + routes(port) + uppers(port) + offloads(port) + transmission(port)
    } + mtu + loops + below
  }

  /// What is lost on the wire although nothing is in its way, as far as it can be seen from here.
  var warnings: [Finding] {
    let down = ports.filter { !$0.isUp }.map { port in
      Finding(
        "wire.down", .warning, "\(port.name) is down", because: "nothing crosses until it is up",
        fix: "ip link set dev \(ShellWord(port.name)) up")
    }
    return down + farEnds
  }

  private var farEnds: [Finding] {
    veths.compactMap { port in
      guard let far = port.farEnd else { return nil }
      let known = [
        ("VLAN tags", ["tx-vlan-hw-insert", "tx-vlan-stag-hw-insert"]),
        ("checksums", far.offloads.keys.filter { $0.hasPrefix("tx-checksum-") }),
      ]
      let left = known.filter { $1.contains { far.offloads[$0]?.isOn == true } }.map(\.0)
      if left.isEmpty { return nil }
      return Finding(
        "wire.far-end", .warning,
        "\(far.name), the other end of \(port.name), leaves \(left.joined(separator: " and ")) to hardware",
        because: "there is none in native mode, and they are lost",
        fix: "ethtool -K \(ShellWord(far.name)) \(Self.farEndOptions)")
    }
  }

  /// What may be lost on the wire, for ports whose other end is in another network namespace.
  var doubts: [Finding] {
    veths.filter { $0.farEnd == nil }.map { port in
      Finding(
        "wire.far-end", .warning,
        "the other end of \(port.name) may leave VLAN tags and checksums to hardware",
        because: "there is none in native mode, and they are lost",
        fix: "at the other end: ethtool -K PEER \(Self.farEndOptions)")
    }
  }

  private var veths: [WirePort] { isNative ? ports.filter { $0.driver == "veth" } : [] }

  private static let farEndOptions = "txvlan off tx off tx-vlan-stag-hw-insert off"

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

  private func routes(_ port: WirePort) -> [Finding] {
    // A route with several hops may lead over both.
    let known = port.name == ports.first?.name ? [] : ports.first?.routes ?? []
    let routes = port.routes.filter { !known.contains($0) }
    if routes.isEmpty { return [] }
    let names = routes.prefix(Self.mostRoutes).map(\.destination)
    let more = routes.count > names.count ? " and \(routes.count - names.count) more" : ""
    return [
      fail(
        "routes", "this host sends to \(names.joined(separator: ", "))\(more) by \(port.name)",
        because: "the host sends nothing by the ports",
        fix: routes.prefix(Self.mostRoutes).map(\.removal).joined(separator: " && "))
    ]
  }

  /// So many are named; the others are, when these are gone.
  private static let mostRoutes = 8

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
      if let far = port.farEnd {
        Self.turnOnGRO(far)
      } else if port.driver == "veth" {
        "turn GRO on at the other end of \(port.name), off first if it is on: ethtool -K PEER gro on"
      } else {
        "aegisctl attach … --mode generic"
      }
    return [
      fail(
        "transmit", "the driver of \(port.name) takes no frames from another port",
        because: "every frame would be lost", fix: fix)
    ]
  }

  /// A driver that was told while the interface was down does not take frames until GRO is turned on again.
  private static func turnOnGRO(_ far: WirePort.FarEnd) -> String {
    let command = "ethtool -K \(ShellWord(far.name)) gro"
    let isOn = far.offloads["rx-gro"]?.isOn == true
    return (isOn ? ["off", "on"] : ["on"]).map { "\(command) \($0)" }.joined(separator: " && ")
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

  /// Where a frame would come back to the port that it left by, again and again.
  private var loops: [Finding] {
    guard ports.count == 2 else { return [] }
    return zip(ports, ports.reversed()).compactMap { port, other in
      if port.master == other.name || port.bridge?.name == other.name {
        return loop(
          "\(port.name) is a port of \(other.name), the other port of the wire",
          fix: "ip link set dev \(ShellWord(port.name)) nomaster")
      }
      guard let far = port.farEnd else { return nil }
      if far.name == other.name {
        // Each is the other end of the other one.
        if port.name > other.name { return nil }
        return loop("\(port.name) and \(other.name) are the two ends of one veth pair", fix: nil)
      }
      guard let master = far.master, master == other.name || master == other.bridge?.name else {
        return nil
      }
      return loop(
        "\(master) joins \(other.name) and \(far.name), the other end of \(port.name)",
        fix: "ip link set dev \(ShellWord(far.name)) nomaster")
    }
  }

  private func loop(_ message: String, fix: String?) -> Finding {
    fail(
      "loop", message, because: "what leaves by one port comes in by the other one again", fix: fix)
  }

  /// What is below the wire while the datapath is not attached.
  private var below: [Finding] {
    for port in ports {
      guard let master = port.master, !ports.contains(where: { $0.name == master }) else {
        continue
      }
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
    return address(of: bridge) + forwarding(of: bridge) + others(in: bridge)
      + ports.flatMap { state(of: $0, in: bridge) }
  }

  private func address(of bridge: WirePort.Bridge) -> [Finding] {
    guard bridge.hasAddress else { return [] }
    return [
      fail(
        "open", "the bridge \(bridge.name) has an address",
        because: "the gateway would answer for it",
        fix: "ip address flush dev \(ShellWord(bridge.name))")
    ]
  }

  private func forwarding(of bridge: WirePort.Bridge) -> [Finding] {
    let name = ShellWord(bridge.name)
    let settings = bridge.settings
    var findings: [Finding] = []
    if settings.hasSTP || settings.snoopsMulticast || settings.filtersVLANs
      || settings.forwardedGroups & Self.forwardedGroups != Self.forwardedGroups
    {
      let vlans = settings.filtersVLANs ? " vlan_filtering 0" : ""
      findings.append(
        fail(
          "open", "the bridge \(bridge.name) does not forward every frame",
          because: "a bridge takes part in protocols of the network",
          fix: "ip link set dev \(name) type bridge \(Self.bridgeOptions)\(vlans)"))
    }
    if !bridge.isUp {
      findings.append(
        fail(
          "open", "the bridge \(bridge.name) is down",
          because: "nothing would cross without the datapath",
          fix: "ip link set dev \(name) up"))
    }
    return findings
  }

  /// What else a bridge joins would talk by both ports.
  private func others(in bridge: WirePort.Bridge) -> [Finding] {
    let others = bridge.ports.filter { name in !ports.contains { $0.name == name } }
    if others.isEmpty { return [] }
    let (verb, what) = others.count == 1 ? ("is a port", "it") : ("are ports", "they")
    return [
      fail(
        "open", "\(others.joined(separator: ", ")) \(verb) of the bridge \(bridge.name) too",
        because: "\(what) would take part in the network of the wire",
        fix: others.map { "ip link set dev \(ShellWord($0)) nomaster" }.joined(separator: " && "))
    ]
  }

  /// A port whose link does not work is not forwarding, and will be when it does.
  private func state(of port: WirePort, in bridge: WirePort.Bridge) -> [Finding] {
    guard let settings = port.bridgePort else { return [] }
    let name = ShellWord(port.name)
    let wrong = [
      (
        bridge.isUp && port.isRunning && !settings.isForwarding,
        "is not in the forwarding state", "state 3"
      ), (settings.isIsolated, "is isolated", "isolated off"),
      (
        !settings.floods, "gets no frames for everybody",
        "flood on mcast_flood on bcast_flood on"
      ),
    ]
    return wrong.filter(\.0).map { _, message, option in
      fail(
        "open", "\(port.name) \(message) in the bridge \(bridge.name)",
        because: "not every frame would cross without the datapath",
        fix: "bridge link set dev \(name) \(option)")
    }
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
