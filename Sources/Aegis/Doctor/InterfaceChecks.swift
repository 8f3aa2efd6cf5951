internal import BPF
internal import Linux

/// Findings about one interface.
struct InterfaceChecks {
  let facts: InterfaceFacts

  var findings: [Finding] {
    let program = [occupancy] + order
    if facts.isBare {
      let found = "none, without an Ethernet header: attach uses tc"
      return program + [.ok("native-mode", found), tunnels]
    }
    return program + [tcp].compactMap(\.self) + [mode, mtu] + offloads
      + [queues].compactMap(\.self) + [tunnels] + [frames].compactMap(\.self)
  }

  /// Programs of others that come before ours behind tc.
  var order: [Finding] {
    Direction.allCases.compactMap { direction in
      guard let other = facts.predecessors[direction] else { return nil }
      let packets = direction == .in ? "come in" : "go out"
      return Finding(
        "order", .warning, "\(other) comes before the datapath for packets that \(packets)",
        because: "it decides which packets get there, and may let others pass",
        fix: again(direction))
    }
  }

  /// XDP on a veth is right for packets that are forwarded, and wrong for TCP that ends behind it.
  var tcp: Finding? {
    guard facts.driver == "veth", !facts.isPort, let mode = facts.modes[.in],
      mode == .native || mode == .generic
    else { return nil }
    return Finding(
      "tcp", .warning, "a veth in \(mode.rawValue) mode",
      because:
        "XDP must see each packet, so TCP into it is sent in single packets, at about a quarter of its speed",
      fix: again(.in))
  }

  /// The commands that attach a direction again, before all others.
  private func again(_ direction: Direction) -> String {
    let name = ShellWord(facts.name)
    let options = direction == .in ? "--mode tc" : "--direction out"
    return
      "aegisctl detach \(name) --direction \(direction.rawValue) && aegisctl attach \(name) \(options)"
  }

  var occupancy: Finding {
    let check = "program"
    guard let occupant = facts.occupant else {
      let isAttached = facts.modes[.in] == .tc
      return .ok(check, isAttached ? "the datapath, in tc mode" : "none is attached")
    }
    if facts.modes[.in] == .tc {
      return .ok(check, "the datapath, in tc mode, behind \(occupant.description)")
    }
    if facts.isAttached { return .ok(check, "the datapath, in \(occupant.mode.rawValue) mode") }
    return Finding(
      check, .error, "\(occupant.description) is attached, \(occupant.ownerText)",
      because: "an interface runs one XDP program, and attach does not replace another one",
      fix: occupant.removal(from: facts.name))
  }

  var mode: Finding {
    let check = "native-mode"
    let driver = facts.driver.map { "driver \($0)" } ?? "no driver"
    let slower =
      "generic mode works, but the kernel has allocated and often copied each packet before it runs"
    switch facts.hasNativeMode {
    case true?: return .ok(check, driver)
    case false? where facts.driver == "veth":
      return Finding(
        check, .warning, "\(driver) has fewer receive queues than its peer transmit queues",
        because: slower, fix: "ethtool -L \(ShellWord(facts.name)) rx \(facts.queues?.most ?? 1)")
    case false?:
      return Finding(
        check, .warning, "none: \(driver)", because: slower,
        fix:
          "attach the interface below it instead, or: aegisctl attach \(ShellWord(facts.name)) --mode generic"
      )
    case nil:
      return .ok(check, "\(driver); kernels before 6.3 do not report it, so attach tries it")
    }
  }

  var mtu: Finding {
    let check = "mtu"
    let limit = facts.singleBufferMTU
    if facts.mtu <= limit { return .ok(check, "\(facts.mtu), fits in a page") }
    if facts.xdp?.contains(.fragments) == true {
      return .ok(check, "\(facts.mtu), with multi-buffer XDP")
    }
    if facts.hasNativeMode == false { return .ok(check, "\(facts.mtu), as generic mode allows") }
    return Finding(
      check, facts.hasNativeMode == nil ? .warning : .error,
      "\(facts.mtu) does not fit in a page of \(facts.pageSize) bytes, and the driver does not support multi-buffer XDP",
      because: "attach in native mode would fail",
      fix: "ip link set dev \(ShellWord(facts.name)) mtu \(limit)")
  }

  /// The number of CPUs with receive queues; nil if it is not known.
  var queues: Finding? {
    guard let queues = facts.queues, queues.receive > 0 else { return nil }
    let check = "queues"
    let found = "\(queues.receive) receive, \(facts.cpus) CPUs"
    let wanted = min(UInt32(facts.cpus), queues.most)
    if queues.receive >= wanted { return .ok(check, found) }
    return Finding(
      check, .warning, found,
      because: "a flood would load \(queues.receive) of them and leave the others idle",
      fix: "ethtool -L \(ShellWord(facts.name)) \(queues.isCombined ? "combined" : "rx") \(wanted)")
  }
}
