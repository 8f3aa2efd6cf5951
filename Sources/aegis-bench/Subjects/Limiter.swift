import BPF
import CBench

/// A limiter of the literature in a program of its own, or the one of Aegis in the same frame.
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

  /// Of a line in a set-associative table.
  static let ways: UInt32 = 7

  /// Lines of at most so many ways together: a power of two.
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
    var settings = bench_settings()
    settings.rate = limit.rate
    settings.burst = limit.burst
    settings.seed = (.random(in: 0 ... .max), .random(in: 0 ... .max), .random(in: 0 ... .max))
    settings.line_mask = lines - 1
    try BPFMap<UInt32, bench_settings>(object.mapDescriptor("settings"), name: "settings")
      .update(settings, forKey: 0)
    if self == .gcra {
      let prepare = try Subject("prepare", object.programDescriptor("prepare"))
      _ = try prepare.program.testRun(Frame.udp(from: 0))
    }
    let pin = lab.pinPath()
    try object.pinMap("table", at: pin)
    let room = self == .gcra ? lines * Self.ways : entries
    let memory = try Double(AnyBPFMap(pinnedAt: pin).memoryUsage()) / Double(room)
    try BPFFS.remove(pin)
    return LoadedLimiter(
      subject: try Subject(name, object.programDescriptor(program), bytesPerSource: memory),
      tally: try PerCPUMap(object.mapDescriptor("tally"), name: "tally"),
      histogram: try PerCPUMap(object.mapDescriptor("histogram"), name: "histogram"))
  }
}

/// What each source may send.
struct Limit {
  /// Packets a second.
  let rate: UInt64
  let burst: UInt64

  init(rate: UInt64, burst: UInt64? = nil) {
    self.rate = rate
    self.burst = burst ?? max(10, rate / 10)
  }
}

/// A reference in the kernel.
final class LoadedLimiter {
  let subject: Subject
  let histogram: Histogram
  private let tally: PerCPUMap<bench_tally>

  init(
    subject: Subject, tally: consuming PerCPUMap<bench_tally>,
    histogram: consuming PerCPUMap<UInt64>
  ) {
    self.subject = subject
    self.tally = tally
    self.histogram = Histogram(histogram)
  }

  /// What it has decided since it was loaded.
  func verdicts() throws -> Verdicts {
    try tally.values(at: 0).reduce(into: Verdicts()) {
      $0.passed += $1.passed
      $0.dropped += $1.dropped
    }
  }
}

/// How many packets came to a subject, and what became of them.
struct Verdicts {
  var passed: UInt64 = 0
  var dropped: UInt64 = 0

  var total: UInt64 { passed + dropped }

  static func - (left: Verdicts, right: Verdicts) -> Verdicts {
    Verdicts(passed: left.passed &- right.passed, dropped: left.dropped &- right.dropped)
  }
}
