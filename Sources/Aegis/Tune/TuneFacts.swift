/// What decides on which CPUs an interface's packets are handled, and how quickly; tests make their own.
struct TuneFacts: Sendable {
  var name: String
  /// Whether there is hardware, or what passes for it, behind the interface.
  var hasDevice: Bool
  var interrupts: [CPUSetting]
  /// Of the receive queues, by RPS: the stack's work, after XDP. Empty masks leave it where it is.
  var receive: [CPUSetting]
  /// Of the transmit queues, by XPS; none where there is a single one.
  var transmit: [CPUSetting]
  var host: HostFacts
  var processors: [Processor]

  struct HostFacts: Sendable {
    var present: CPUList
    var online: CPUList
    /// `isolcpus`
    var isolated: CPUList
    /// `nohz_full`
    var tickless: CPUList
    /// `rcu_nocbs`, which comes with `nohz_full` too.
    var withoutCallbacks: CPUList
    var hasIRQBalance: Bool
  }

  struct Processor: Sendable {
    var number: Int
    /// Of its frequency; nil where the kernel does not scale it.
    var governor: String?
    var idleStates: [IdleState]
  }

  struct IdleState: Sendable {
    var name: String
    /// To leave it, in microseconds.
    var latency: Int
    var isDisabled: Bool
  }
}
