internal import BPF
internal import CAegis
internal import Linux

/// A build of the datapath that reads the clock before and after, on the maps of the one in force. It is freed with
/// this value, unless a pin or a link holds it.
struct TimedBuild: ~Copyable {
  /// The name of its program.
  static let name = "aegis_timed"

  let program: BPFProgram
  /// The program's number in the kernel.
  let id: UInt32
  /// The cost of the clock itself, which is included in each of its measurements.
  let clock: LatencyHistogram
  private let object: BPFObject
  private let timing: PerCPUMap<aegis_latency>
  private let until: BPFMap<UInt32, UInt64>

  private static let map = "timing"
  private static let clockRuns: Int32 = 20_000

  init(of datapath: Datapath) throws(AegisError) {
    let object = try datapath.load(build: BPFObjects.timed, named: Self.name)
    do {
      let program = try BPFProgram(object.programDescriptor(Self.name), name: Self.name)
      let id = try program.info().id
      let timing = try PerCPUMap<aegis_latency>(object.mapDescriptor(Self.map), name: Self.map)
      let until = try BPFMap<UInt32, UInt64>(object.mapDescriptor(".data.until"), name: "until")
      clock = try Self.timeClock(of: object, into: timing)
      self.program = program
      self.id = id
      self.timing = timing
      self.until = until
    } catch {
      throw AegisError(error)
    }
    self.object = object
  }

  /// Makes an operator's program continue with programs that read the clock, too. They also serve the build in force.
  func putExits(in root: PinRoot) throws(AegisError) {
    try kernel { () throws(SystemError) in
      try HookProgram.putExits(of: object, in: root.current, pinnedIn: root.measuring)
    }
  }

  /// Sets when it stops measuring in any case, in ns of CLOCK_MONOTONIC. It does not measure before this is set.
  func measure(until deadline: UInt64) throws(SystemError) {
    try until.update(deadline, forKey: 0)
  }

  private static func timeClock(
    of object: borrowing BPFObject, into timing: borrowing PerCPUMap<aegis_latency>
  ) throws(SystemError) -> LatencyHistogram {
    let name = "aegis_clock"
    let program = try BPFProgram(object.programDescriptor(name), name: name)
    _ = try program.testRun([UInt8](repeating: 0, count: 64), repeat: clockRuns)
    let clock = try LatencyHistogram(timing.values(at: 0))
    try timing.set(aegis_latency(), at: 0)
    return clock
  }

  /// The measurements of all CPUs so far.
  func histograms() throws(AegisError) -> [Verdict: LatencyHistogram] {
    var histograms: [Verdict: LatencyHistogram] = [:]
    for verdict in Verdict.allCases {
      histograms[verdict] = try kernel { () throws(SystemError) in
        try LatencyHistogram(timing.values(at: verdict.action))
      }
    }
    return histograms
  }

  /// Of an operator's program alone.
  func histogramOfHook() throws(AegisError) -> LatencyHistogram {
    try kernel { () throws(SystemError) in
      try LatencyHistogram(timing.values(at: AEGIS_ACTIONS.rawValue))
    }
  }
}
