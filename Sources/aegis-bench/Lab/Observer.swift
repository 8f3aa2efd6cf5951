import BPF
import CBench
import Linux

/// Counts the packets that pass a competitor, per millisecond.
final class Observer {
  private let program: FileDescriptor
  private let start: BPFMap<UInt32, UInt64>
  private let seen: BPFMap<UInt32, UInt64>
  private var sockets: [CInt] = []

  init() throws {
    var object = try BenchObjects.open(BenchObjects.observer, name: "observer")
    try object.load()
    program = try object.programDescriptor("observe")
    start = try BPFMap(object.mapDescriptor("start"), name: "start")
    seen = try BPFMap(object.mapDescriptor("seen"), name: "seen")
  }

  /// Starts to observe the packets that arrive on a veth.
  func watch(_ competitor: any Competitor) throws {
    let isLate = competitor is HashLimit
    let socket =
      isLate
      ? bench_observe_port(Frame.port, program.rawValue)
      : bench_observe_link(competitor.veth.index, program.rawValue)
    if socket < 0 {
      throw SystemError(operation: "observe", subject: competitor.veth.interface, errno: -socket)
    }
    sockets.append(socket)
  }

  func reset() throws {
    try seen.update((0..<BENCH_MS).map { (key: $0, value: 0) })
    try start.update(Clock.monotonic(), forKey: 0)
  }

  /// The most packets in any span of `span` milliseconds.
  func peak(over span: Int) throws -> UInt64 {
    let counts = try seen.entries().sorted { $0.key < $1.key }.map(\.value)
    var sum: UInt64 = 0
    var peak: UInt64 = 0
    for (index, count) in counts.enumerated() {
      sum += count
      if index >= span { sum -= counts[index - span] }
      peak = max(peak, sum)
    }
    return peak
  }
}
