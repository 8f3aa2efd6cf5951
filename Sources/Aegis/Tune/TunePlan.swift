/// What to write so that an interface's work is done on chosen CPUs.
struct TunePlan {
  struct Write: Sendable, Equatable {
    let setting: CPUSetting
    let cpus: CPUList

    var text: String { setting.text(for: cpus) }
    /// By the CPUs that are meant: masks of the same ones can differ in their zeros.
    var isNeeded: Bool { setting.cpus != cpus }
  }

  let writes: [Write]

  /// Queues take turns on the CPUs. RPS costs a queue another pass between CPUs, so where interrupts
  /// say where the work is done and RPS is off, it stays off.
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

  /// That the CPUs can be used.
  ///
  /// - Throws: `badInput` if one is offline or not there.
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
