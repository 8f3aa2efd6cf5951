/// What to write so that an interface's work runs on the chosen CPUs.
struct TunePlan {
  struct Write: Sendable, Equatable {
    let setting: CPUSetting
    let cpus: CPUList

    var text: String { setting.text(for: cpus) }
    /// Compares the CPUs, since equal masks can differ in leading zeros.
    var isNeeded: Bool { setting.cpus != cpus }
  }

  let writes: [Write]

  /// Assigns queues to the CPUs in turn. RPS costs a queue another hop between CPUs, so if interrupts already determine
  /// the CPU and RPS is off, it stays off.
  init(_ facts: TuneFacts, cpus: CPUList) {
    let interrupts = facts.interrupts.map { Write(setting: $0, cpus: cpus.turn($0.queue ?? 0)) }
    let receive = facts.receive
      .filter { facts.interrupts.isEmpty || !$0.cpus.isEmpty }
      .map { Write(setting: $0, cpus: cpus) }
    let transmit = facts.transmit.map {
      Write(setting: $0, cpus: cpus.share($0.queue ?? 0, of: facts.transmit.count))
    }
    writes = interrupts + receive + transmit
  }

  /// Checks that the CPUs can be used.
  ///
  /// - Throws: `badInput` if one is offline or does not exist.
  static func check(_ cpus: CPUList, on host: TuneFacts.HostFacts) throws(AegisError) {
    let missing = cpus.subtracting(host.online)
    if missing.isEmpty { return }
    let absent = missing.subtracting(host.present)
    let verb = missing.numbers.count == 1 ? "is" : "are"
    throw AegisError(
      .badInput,
      absent.isEmpty
        ? "cannot pin to \(missing.phrase), which \(verb) offline"
        : "this host has no \(absent.phrase)",
      hint: "online CPUs: \(host.online)")
  }
}
