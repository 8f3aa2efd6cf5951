internal import BPF
internal import CAegis
internal import Linux

/// What sources really send, observed for a while, as the basis for a proposed rate.
///
/// The datapath records it only during that time, and stops by itself if the observer is gone.
public struct Survey: Sendable {
  private let root: PinRoot
  private let timeout: Duration

  /// - Parameter timeout: How long to wait for another process that is changing the datapath.
  public init(at root: PinRoot, timeout: Duration) {
    self.root = root
    self.timeout = timeout
  }

  /// Makes the datapath survey until `wait` returns, which should take about as long as `window`.
  public func take(
    _ window: Duration, wait: (Duration) -> Void
  ) throws(AegisError) -> SurveyResult {
    let start = Clock.monotonic()
    try begin(until: start + UInt64(window / .nanoseconds(1)))
    wait(window)
    return try end(after: Double(Clock.monotonic() - start) / 1e9, window)
  }

  private typealias Sources = BPFMap<aegis_survey_key, aegis_survey>

  private func begin(until end: UInt64) throws(AegisError) {
    let session = try Session(at: root, timeout: timeout)
    let datapath = try session.datapath()
    let sources: Sources = try datapath.map(AEGIS_MAP_survey)
    try kernel { () throws(SystemError) in
      _ = try sources.remove(sources.entries().map(\.key))
      // This entry counts the packets of sources without room.
      try sources.update(aegis_survey(), forKey: aegis_survey_key())
    }
    try Settings.change(datapath, in: session) { config in
      config.stages |= aegis_stage.survey
      config.survey_until = end
    }
  }

  private func end(
    after seconds: Double, _ window: Duration
  ) throws(AegisError) -> SurveyResult {
    let session = try Session(at: root, timeout: timeout)
    let datapath = try session.datapath()
    try Settings.change(datapath, in: session) { config in
      config.stages &= ~aegis_stage.survey
      config.survey_until = 0
    }
    let map: Sources = try datapath.map(AEGIS_MAP_survey)
    let found: [(key: aegis_survey_key, value: aegis_survey)]
    do {
      found = try map.entries()
      _ = try map.remove(found.map(\.key))
    } catch {
      throw AegisError(error)
    }
    let missed = found.first { $0.key.family == 0 }?.value.packets ?? 0
    let sources = found.filter { $0.key.family != 0 }.map {
      SurveyResult.Source(packets: $0.value.packets, peak: UInt64($0.value.peak))
    }
    return SurveyResult(
      sources: sources, missed: missed, seconds: min(seconds, window / .seconds(1)))
  }
}
