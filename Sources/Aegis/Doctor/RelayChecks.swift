internal import Linux

/// Findings about what the relay needs of the host.
struct RelayChecks {
  let facts: RelayFacts

  private static let check = "relay"

  private func finding(
    _ level: Finding.Level, _ message: String, because reason: String, fix: String? = nil
  ) -> Finding {
    Finding(Self.check, level, message, because: reason, fix: fix)
  }

  /// Everything that is in the way; empty if nothing is.
  var findings: [Finding] {
    incoming + settings + neighbours + [unreachable, local].compactMap(\.self) + queues
  }

  /// The relay works in XDP, on frames without VLAN tags.
  private var incoming: [Finding] {
    var findings: [Finding] = []
    for ifindex in facts.receiving.sorted() {
      guard let port = facts.port(ifindex) else { continue }
      let name = ShellWord(port.name)
      if port.isPortOfWire {
        findings.append(
          finding(
            .error, "\(port.name) is a port of a wire",
            because: "what a wire passes on is never relayed"))
      } else if port.isVLAN {
        findings.append(
          finding(
            .error, "\(port.name) is a VLAN",
            because: "the relay neither reads nor writes VLAN tags",
            fix: "let the switch remove the tag, and use the interface below"))
      } else if port.mode == .tc {
        findings.append(
          finding(
            .error, "\(port.name) is attached by tc",
            because: "the relay works in XDP only",
            fix: "aegisctl detach \(name) --direction in && aegisctl attach \(name)"))
      } else if port.mode == nil {
        findings.append(
          finding(
            .error, "\(port.name) is not attached",
            because: facts.listening.contains(ifindex)
              ? "clients send to its address, and nothing relays that"
              : "answers of destinations come in by it, and nothing relays them",
            fix: "aegisctl attach \(name)"))
      }
    }
    let leaving = Set(facts.hops.map(\.hop.ifindex))
    for port in facts.ports where leaving.contains(port.ifindex) && port.transmits == false {
      // Frames leave by the interface that they came in by without that.
      if facts.receiving == [port.ifindex] { continue }
      findings.append(
        finding(
          .error, "the driver of \(port.name) does not send frames of other interfaces",
          because: "packets to be relayed from one interface to the other are lost",
          fix: "aegisctl doctor \(ShellWord(port.name))"))
    }
    return findings
  }

  private var settings: [Finding] {
    let receiving = facts.receiving
    let leaving = Set(facts.hops.map(\.hop.ifindex))
    return facts.ports.flatMap { port in
      port.wrong.compactMap { setting in
        guard setting.isNeeded ? receiving.contains(port.ifindex) : leaving.contains(port.ifindex)
        else { return nil }
        let version = setting.width == 32 ? "IPv4" : "IPv6"
        let fix =
          port.forwards
          ? "aegisctl repair"
          : port.mode == nil || port.mode == .tc
            ? setting.command(for: port.name)
            : "aegisctl set-relay --forward \(ShellWord(port.name)), or "
              + setting.command(for: port.name)
        return setting.isNeeded
          ? finding(
            .error, "\(port.name) does not forward \(version)",
            because: "the kernel names no next hop for what comes in by it: drop.relay-unroutable",
            fix: obstacle(to: setting) ?? fix)
          : finding(
            .warning, "\(port.name) forgets its \(version) neighbours when it loses its carrier",
            because:
              "the relay cannot ask for them: drop.relay-unroutable until something else does",
            fix: fix)
      }
    }
  }

  /// What must be done before a setting may be changed; nil if nothing must.
  private func obstacle(to setting: Interface.Setting) -> String? {
    setting == .forwardsIPv6 && !facts.learning.isEmpty ? facts.keepRoutes : nil
  }

  private var neighbours: [Finding] {
    facts.hops.compactMap { next in
      let name = facts.name(next.hop.ifindex)
      let neighbour = next.neighbour
      if neighbour?.isKept == true, neighbour?.isFailed != true { return nil }
      let serves = next.destination.map { "to \($0)" } ?? "to clients"
      if neighbour?.isFailed == true {
        return finding(
          .error, "\(next.address), the next hop \(serves) on \(name), does not answer",
          because: "packets to it are dropped: drop.relay-unroutable")
      }
      let add =
        "ip neigh replace \(next.address) dev \(ShellWord(name)) managed extern_learn"
      let port = facts.port(next.hop.ifindex)
      let fix =
        port?.forwards == true
        ? "aegisctl repair"
        : port?.mode == nil || port?.mode == .tc
          ? add : "aegisctl set-relay --forward \(ShellWord(name)), or " + add
      return neighbour?.isResolved == true
        ? finding(
          .warning, "\(next.address), the next hop \(serves) on \(name), is known for a while only",
          because: "the relay cannot ask for it when the kernel has forgotten it", fix: fix)
        : finding(
          .error, "\(next.address), the next hop \(serves) on \(name), is not known",
          because: "the relay cannot ask for it: drop.relay-unroutable", fix: fix)
    }
  }

  private var unreachable: Finding? {
    if facts.unreachable.isEmpty { return nil }
    return finding(
      .error, "there is no route to \(Self.text(facts.unreachable))",
      because: "packets to it are dropped: drop.relay-unroutable",
      fix: "ip route get \(facts.unreachable[0])")
  }

  private var local: Finding? {
    if facts.local.isEmpty { return nil }
    return finding(
      .error, "\(Self.text(facts.local)) is an address of this host",
      because: "the relay only forwards: drop.relay-unroutable")
  }

  private var queues: [Finding] {
    facts.ports.filter {
      $0.mode != nil && !$0.bunched.isEmpty && facts.receiving.contains($0.ifindex)
    }.map { port in
      finding(
        .warning, "\(port.name) chooses the receive queue of UDP packets by their addresses only",
        because: "one CPU handles all packets between the relay and another address",
        fix: port.bunched.map { "ethtool -N \(ShellWord(port.name)) rx-flow-hash \($0) sdfn" }
          .joined(separator: " && "))
    }
  }

  /// Programs of this host that may get a port of the relay.
  static func ports(_ settings: RelaySettings, _ local: LocalPorts) -> Finding? {
    let taken = [settings.port...settings.port, settings.ports].filter(local.gives)
    if taken.isEmpty { return nil }
    let text = taken.map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
    }
    let reserved = (local.reserved.isEmpty ? [] : [local.reserved]) + text
    return Finding(
      check, .warning,
      "the kernel may give a port of the relay to a program: \(text.joined(separator: ", "))",
      because: "the relay takes packets that are meant for the program",
      fix: "sysctl -w net.ipv4.ip_local_reserved_ports=\(reserved.joined(separator: ","))")
  }

  /// Some of many addresses.
  private static func text(_ addresses: [IPAddress]) -> String {
    let most = 3
    let some = addresses.prefix(most).map { "\($0)" }.joined(separator: ", ")
    return addresses.count > most ? some + " and \(addresses.count - most) more" : some
  }
}

extension RelayFacts {
  /// The commands after which IPv6 forwarding removes no route; empty if it removes none.
  var keepRoutes: String {
    learning.map { "echo 2 > \(ShellWord("/proc/sys/net/ipv6/conf/\($0)/accept_ra"))" }
      .joined(separator: " && ")
  }
}
