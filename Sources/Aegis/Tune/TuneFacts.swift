/// What determines which CPUs handle an interface's packets, and how fast. Tests create their own values.
struct TuneFacts: Sendable {
  var name: String
  /// Whether the interface has a hardware device, or an emulated one.
  var hasDevice: Bool
  var interrupts: [CPUSetting]
  /// RPS settings of the receive queues: the network stack's work, after XDP. An empty mask does not move it.
  var receive: [CPUSetting]
  /// XPS settings of the transmit queues; empty if there is only one queue.
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
    /// `rcu_nocbs`, which `nohz_full` implies.
    var withoutCallbacks: CPUList
    var hasIRQBalance: Bool
  }

  struct Processor: Sendable {
    var number: Int
    /// The frequency governor; nil if the kernel does not scale the frequency.
    var governor: String?
    var idleStates: [IdleState]
  }

  struct IdleState: Sendable {
    var name: String
    /// The exit latency in microseconds.
    var latency: Int
    var isDisabled: Bool
  }
}
