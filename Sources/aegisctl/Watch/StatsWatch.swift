import Aegis
import Glibc

/// Reads counters repeatedly.
struct StatsWatch {
  let interval: Duration
  /// Number of reads, without the first, which is the base for comparison; endless if nil.
  let count: Int?
  let isWide: Bool
  let look: () throws -> (sample: StatsSample, top: StatsTop?)

  private struct State {
    var trends: Trends
    var sample: StatsSample
    var report: StatsReport
  }

  /// - Parameter onScreen: Whether to redraw the screen instead of printing lines of JSON.
  func run(onScreen: Bool) throws {
    let signals = Signals()
    let screen = onScreen ? Screen() : nil
    let (first, top) = try look()
    var state = State(
      trends: Trends(interval: interval), sample: first,
      report: StatsReport(first, since: nil, top: top))
    try screen?.open()
    let ending: CInt?
    do {
      try screen?.draw(frame(state))
      ending = try loop(&state, signals, screen)
    } catch {
      try? screen?.close()
      throw error
    }
    if let screen {
      try screen.close()
      try StandardOutput.write(state.report.table(wide: isWide).text)
    }
    if let ending, ending != SIGINT { signals.die(of: ending) }
  }

  /// - Returns: The signal that ended it; nil after the last read.
  private func loop(_ state: inout State, _ signals: Signals, _ screen: Screen?) throws -> CInt? {
    var looks = 0
    var next = ContinuousClock.now + interval
    while true {
      switch signals.next(until: next) {
      case nil:
        try advance(&state)
        if let screen {
          try screen.draw(frame(state))
        } else {
          try StandardOutput.write(JSONText.compact(state.report.object) + "\n")
        }
        looks += 1
        if looks == count { return nil }
        // Reads missed while asleep or stopped are not made up.
        next = max(next + interval, .now)
      case SIGWINCH: try screen?.draw(frame(state))
      case SIGTSTP:
        try screen?.close()
        signals.stop()
        try screen?.open()
        try screen?.draw(frame(state))
      case let signal: return signal
      }
    }
  }

  private func advance(_ state: inout State) throws {
    let (sample, top) = try look()
    var report = StatsReport(sample, since: state.sample, top: top)
    report.takenAt = WallTime(milliseconds: Self.realtime())
    state.trends.add(report.packetRates)
    report.trends = state.trends
    state.sample = sample
    state.report = report
  }

  private func frame(_ state: State) -> String {
    let time = "\(WallTime(milliseconds: Self.realtime() / 1000 * 1000))"
    return "aegisctl stats, every \(interval), \(time), Ctrl-C ends\n\n"
      + fitted(state.report).table(wide: isWide).text
  }

  /// Limits the sparklines to the room that the other columns leave.
  private func fitted(_ report: StatsReport) -> StatsReport {
    var report = report
    guard var trends = report.trends else { return report }
    report.trends = nil
    let lines = report.table(wide: isWide).text.split(separator: "\n")
    let others = lines.map { String($0).displayWidth }.max() ?? 0
    trends.width = max(8, Terminal.size.columns - others - 2)
    report.trends = trends
    return report
  }

  /// Milliseconds since the Unix epoch.
  private static func realtime() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
