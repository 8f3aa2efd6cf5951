internal import CAegis
internal import Linux

/// The time by which a change must be confirmed. The datapath itself enforces it: after the deadline everything passes,
/// even if no process is alive.
public struct Deadline: Sendable {
  private let datapath: Datapath

  public init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  /// The remaining time; zero or less once it has passed, nil if there is no deadline.
  public func remaining() throws(AegisError) -> Duration? {
    Self.remaining(try Settings.read(datapath))
  }

  /// The time of the deadline; nil if there is none.
  public func time() throws(AegisError) -> WallTime? {
    let config = try Settings.read(datapath)
    guard config.stages & aegis_stage.deadline != 0 else { return nil }
    return ClockReading.now().wallTime(of: config.deadline)
  }

  static func remaining(_ config: aegis_config) -> Duration? {
    guard config.stages & aegis_stage.deadline != 0 else { return nil }
    let now = Clock.boottime()
    return config.deadline > now
      ? .nanoseconds(Int64(clamping: config.deadline - now))
      : .zero - .nanoseconds(Int64(clamping: now - config.deadline))
  }
}

extension Clock {
  /// In ns of CLOCK_BOOTTIME.
  static func boottime(after duration: Duration) -> UInt64 {
    let (seconds, attoseconds) = duration.components
    return boottime() + UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }
}
