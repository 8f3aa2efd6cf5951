import BPF
import CBench

/// A reference limiter loaded into the kernel.
final class LoadedLimiter {
  let subject: ProgramUnderTest
  let histogram: Histogram
  private let tally: PerCPUMap<bench_tally>
  private let settings: BPFMap<UInt32, bench_settings>
  private let prepare: ProgramUnderTest?
  private var values = bench_settings()

  init(
    settings: consuming BPFMap<UInt32, bench_settings>, lines: UInt32, prepare: ProgramUnderTest?,
    subject: ProgramUnderTest, tally: consuming PerCPUMap<bench_tally>,
    histogram: consuming PerCPUMap<UInt64>
  ) {
    self.settings = settings
    self.prepare = prepare
    self.subject = subject
    self.tally = tally
    self.histogram = Histogram(histogram)
    values.seed = (.random(in: 0 ... .max), .random(in: 0 ... .max), .random(in: 0 ... .max))
    values.line_mask = lines - 1
  }

  func limit(to limit: Limit) throws {
    values.rate = limit.rate
    values.burst = limit.burst
    try settings.update(values, forKey: 0)
    _ = try prepare?.program.testRun(Frame.udp(from: 0))
  }

  /// Its decisions since it was loaded.
  func verdicts() throws -> Verdicts {
    try tally.values(at: 0).reduce(into: Verdicts()) {
      $0.passed += $1.passed
      $0.dropped += $1.dropped
    }
  }
}
