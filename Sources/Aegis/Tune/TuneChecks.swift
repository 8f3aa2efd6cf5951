/// Findings about the CPUs that handle an interface's packets.
struct TuneChecks {
  let facts: TuneFacts
  /// The chosen CPUs; nil if none were chosen.
  let chosen: CPUList?

  /// The chosen CPUs, or else those that take the interrupts now.
  private var cpus: CPUList { chosen ?? facts.interrupts.reduce(CPUList()) { $0.union($1.cpus) } }

  var findings: [Finding] {
    [interrupts, queues].compactMap(\.self) + isolation + [irqbalance, governor, idleStates]
  }

  var interrupts: Finding {
    let check = "interrupts"
    if !facts.hasDevice { return .ok(check, "none: it is a virtual interface") }
    if facts.interrupts.isEmpty {
      return Finding(
        check, .warning, "no interrupts found",
        because:
          "many drivers request them when the interface comes up; a few have none of their own",
        fix: "ip link set dev \(ShellWord(facts.name)) up")
    }
    let count = facts.interrupts.count
    let now = facts.interrupts.reduce(CPUList()) { $0.union($1.cpus) }
    return .ok(check, "\(count), on \(now.phrase) now")
  }

  /// nil for an interface without queues.
  var queues: Finding? {
    let queues = facts.receive.count
    if queues == 0 { return nil }
    let idle = cpus.numbers.count - queues
    let found = "\(queues) receive" + (cpus.isEmpty ? "" : " for \(cpus.phrase)")
    guard chosen != nil, idle > 0, !facts.interrupts.isEmpty else { return .ok("queues", found) }
    return Finding(
      "queues", .warning, found,
      because: "no queue uses \(CPUList(cpus.numbers.suffix(idle)).phrase)",
      fix: "ethtool -L \(ShellWord(facts.name)) combined \(cpus.numbers.count)")
  }

  var isolation: [Finding] {
    let host = facts.host
    return [
      isolation("isolcpus", host.isolated, "other tasks run there, too"),
      isolation(
        "nohz_full", host.tickless, "the timer tick interrupts them even when they run one task"),
      isolation(
        "rcu_nocbs", host.withoutCallbacks, "the kernel runs RCU callbacks of other CPUs there"),
    ]
  }

  private func isolation(_ parameter: String, _ isolated: CPUList, _ reason: String) -> Finding {
    let found = isolated.isEmpty ? "no CPUs" : isolated.phrase
    guard let chosen else { return .ok(parameter, found) }
    let missing = chosen.subtracting(isolated)
    if missing.isEmpty { return .ok(parameter, found) }
    return Finding(
      parameter, .warning, isolated.isEmpty ? found : "\(found), but not \(missing.phrase)",
      because:
        "\(reason); boot with \(parameter)=\(chosen.union(isolated)) on the kernel's command line"
    )
  }

  var irqbalance: Finding {
    let check = "irqbalance"
    if !facts.host.hasIRQBalance { return .ok(check, "not running") }
    return Finding(
      check, .warning, "running", because: "it moves the interrupts back within seconds",
      fix: "systemctl disable --now irqbalance")
  }

  var governor: Finding {
    let check = "governor"
    let others = facts.processors.filter { $0.governor.map { $0 != "performance" } ?? false }
    let names = Set(facts.processors.compactMap(\.governor)).sorted().joined(separator: ", ")
    if others.isEmpty {
      return .ok(check, names.isEmpty ? "no frequency scaling" : names)
    }
    let cpus = CPUList(others.map(\.number))
    return Finding(
      check, .warning, "\(names) on \(cpus.phrase)",
      because: "an idle CPU starts at a low frequency when a flood begins",
      fix: "cpupower -c \(cpus) frequency-set -g performance")
  }

  /// In microseconds: leaving a state with this exit latency dominates the cost of a packet.
  private static let longLatency = 10

  var idleStates: Finding {
    let check = "c-states"
    let deep = facts.processors.map { processor in
      (processor.number, processor.idleStates.filter { $0.isEnabledAndDeep(Self.longLatency) })
    }.filter { !$0.1.isEmpty }
    guard let deepest = deep.flatMap(\.1).max(by: { $0.latency < $1.latency }) else {
      return .ok(check, "no idle state takes \(Self.longLatency) us or more to leave")
    }
    let cpus = CPUList(deep.map(\.0))
    return Finding(
      check, .warning, "\(deepest.name) takes \(deepest.latency) us to leave, on \(cpus.phrase)",
      because: "the first packet after a pause waits that long",
      fix: "cpupower -c \(cpus) idle-set -D \(Self.longLatency)")
  }
}

extension TuneFacts.IdleState {
  fileprivate func isEnabledAndDeep(_ latency: Int) -> Bool {
    !isDisabled && self.latency >= latency
  }
}
