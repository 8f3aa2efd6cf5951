import BPF
import CAegis
import CBench
import Linux

/// A limiter from the literature in its own program, or the limiter of Aegis in the same frame.
enum Limiter: String, CaseIterable {
  case token, window, percpu, gcra

  var name: String {
    switch self {
    case .token: "LRU token bucket"
    case .window: "LRU fixed window"
    case .percpu: "per-CPU token bucket"
    case .gcra: "gcra.h alone"
    }
  }

  private var object: String {
    switch self {
    case .token: BenchObjects.token
    case .window: BenchObjects.window
    case .percpu: BenchObjects.percpu
    case .gcra: BenchObjects.gcra
    }
  }

  /// Ways of a line in a set-associative table.
  static let ways = AEGIS_WAYS

  /// The number of lines with at most `entries` ways in all: a power of two.
  static func lines(_ entries: UInt32) -> UInt32 {
    var lines: UInt32 = 1
    while lines * 2 * ways <= entries { lines *= 2 }
    return lines
  }

  /// - Parameter program: `limit`, or `limit_timed`.
  func load(
    entries: UInt32, limit: Limit, in lab: Lab, program: String = "limit"
  ) throws -> LoadedLimiter {
    var object = try BenchObjects.open(object, name: rawValue)
    let lines = Self.lines(entries)
    try object.setMaxEntries(self == .gcra ? lines : entries, ofMap: "table")
    try object.load()
    let pin = lab.pinPath()
    try object.pinMap("table", at: pin)
    let room = self == .gcra ? lines * Self.ways : entries
    let memory = try Double(AnyBPFMap(pinnedAt: pin).memoryUsage()) / Double(room)
    try FileSystem.remove(pin)
    let loaded = LoadedLimiter(
      settings: try BPFMap(object.mapDescriptor("settings"), name: "settings"), lines: lines,
      prepare: self == .gcra
        ? try ProgramUnderTest("prepare", object.programDescriptor("prepare")) : nil,
      subject: try ProgramUnderTest(
        name, object.programDescriptor(program), bytesPerSource: memory),
      tally: try PerCPUMap(object.mapDescriptor("tally"), name: "tally"),
      histogram: try PerCPUMap(object.mapDescriptor("histogram"), name: "histogram"))
    try loaded.limit(to: limit)
    return loaded
  }
}

/// The limit for each source.
struct Limit {
  /// Packets per second.
  let rate: UInt64
  let burst: UInt64

  init(rate: UInt64, burst: UInt64? = nil) {
    self.rate = rate
    self.burst = burst ?? max(10, rate / 10)
  }
}
