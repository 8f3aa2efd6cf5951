internal import BPF
internal import CAegis
internal import Linux

/// Reads decisions about packets from now on, for as long as it is polled.
///
/// There is one reader at a time. The datapath reports to that one only, and stops by itself when it is gone.
public struct EventReader: ~Copyable {
  private let root: PinRoot
  private let lock: FileDescriptor
  private var maps: EventMaps
  private var names: EventNames
  private var turn: UInt32 = 0
  /// ns of CLOCK_MONOTONIC.
  private var renewedAt: UInt64
  private var checkedAt: UInt64 = 0
  /// How long the datapath did not report, because nobody looked for longer than `patience`.
  public private(set) var missed = Duration.zero

  /// How long the datapath continues when nobody looks.
  public static let patience = Duration.seconds(2)
  /// The maximum pause between two looks, so that at the given rate there is room for all events in between.
  public static func pause(rate: UInt32) -> Duration {
    let filled = Duration.seconds(EventMaps.room / 2) / Int(rate)
    return min(max(filled, .milliseconds(1)), .milliseconds(100))
  }

  private static let patienceNanoseconds = UInt64(patience / .nanoseconds(1))
  /// ns between checks whether the datapath still exists.
  private static let checkInterval: UInt64 = 100_000_000

  /// Starts to read.
  ///
  /// - Parameter timeout: How long to wait for another reader, and for another process that is changing the datapath.
  /// - Throws: `timedOut` if another process reads for longer than `timeout`; `notLoaded` also if the datapath is not
  ///   attached to the given interface.
  public init(_ filter: EventFilter, at root: PinRoot, timeout: Duration) throws(AegisError) {
    let names = try EventNames(Datapath(at: root))
    let lock = try EventLock.take(at: root, timeout: timeout)
    let session = try Session(at: root, timeout: timeout)
    let datapath = try session.datapath()
    var wanted = try filter.abi(
      ifindex: filter.ifindex(in: datapath), classNumber: filter.classNumber(in: datapath))
    // A reader that was just killed may still receive events.
    if try Self.setEvents(false, datapath, session) { try Self.awaitPrograms() }
    let now = Clock.monotonic()
    wanted.until = now + Self.patienceNanoseconds
    let maps = try EventMaps(at: root, for: wanted)
    _ = try Self.setEvents(true, datapath, session)
    self.root = root
    self.lock = lock
    self.maps = maps
    self.names = names
    renewedAt = now
  }

  /// Waits until all running programs have seen what was written before.
  private static func awaitPrograms() throws(AegisError) {
    try kernel { () throws(SystemError) in try GracePeriod.wait() }
  }

  /// - Returns: Whether anything changed.
  private static func setEvents(
    _ isOn: Bool, _ datapath: Datapath, _ session: borrowing Session
  ) throws(AegisError) -> Bool {
    var isChanged = false
    for side in datapath.directions {
      let isNew = try Settings.change(side, in: session) { $0.set(aegis_stage.events, isOn) }
      isChanged = isChanged || isNew
    }
    return isChanged
  }

  /// Whether both directions report.
  private static func isOn(_ datapath: Datapath) throws(AegisError) -> Bool {
    for side in datapath.directions
    where try Settings.read(side).stages & aegis_stage.events == 0 {
      return false
    }
    return true
  }

  /// Lets the datapath continue for a while.
  public mutating func renew() {
    let now = Clock.monotonic()
    let late = now - renewedAt
    if late > Self.patienceNanoseconds { missed += .nanoseconds(late - Self.patienceNanoseconds) }
    renewedAt = now
    turn &+= 1
    maps.filter.set(\.until, to: now + Self.patienceNanoseconds)
    maps.filter.set(\.turn, to: turn)
  }

  /// Returns the events since the last look, as many as there was room for, and lets the datapath continue for a while.
  ///
  /// - Throws: `notLoaded` once the datapath was unloaded, `otherLayout` once another version's datapath replaced it.
  public mutating func look() throws(AegisError) -> [Event] {
    renew()
    let records = try maps.take()
    do {
      try check()
    } catch {
      if records.isEmpty { throw error }
      // Return these events first; the next look throws the error.
      checkedAt = 0
    }
    return events(records)
  }

  /// Stops reading. Returns the remaining events, and the totals for all packets.
  public consuming func end() throws(AegisError) -> (events: [Event], tally: EventTally) {
    maps.filter.set(\.until, to: 0)
    // Without this the datapath stops at the next packet, if there is one. Another datapath may have been loaded in its
    // place, which has its own reader.
    if let session = try? Session(at: root, timeout: .seconds(1)),
      let datapath = try? Datapath(toChangeAt: root), (try? isInForce()) == true
    {
      _ = try? Self.setEvents(false, datapath, session)
    }
    try Self.awaitPrograms()
    let records = try maps.take()
    let tally = try maps.tally()
    return (events(records), tally)
  }
}

extension EventReader {
  private mutating func events(_ records: [aegis_event]) -> [Event] {
    if records.isEmpty { return [] }
    if let datapath = try? Datapath(at: root) { names.learn(records, of: datapath) }
    let clock = ClockReading.now()
    return records.map {
      Event(
        $0, at: clock, interface: names.interface($0.ifindex), rate: names.rate(of: $0),
        matched: names.match(of: $0), className: names.className(UInt32($0.class)),
        list: names.list(of: $0), isBare: names.isBare($0.ifindex))
    }
  }

  /// Whether the ring being read belongs to the datapath in force.
  private func isInForce() throws(AegisError) -> Bool {
    let present = try kernel { () throws(SystemError) in
      try AnyBPFMap(pinnedAt: root.map(AEGIS_MAP_events)).info().id
    }
    return try maps.id == present
  }

  /// Makes the datapath in force report, which must be the one that is being read.
  private mutating func check() throws(AegisError) {
    if renewedAt - checkedAt < Self.checkInterval { return }
    checkedAt = renewedAt
    let datapath = try Datapath(toChangeAt: root)
    guard try isInForce() else {
      throw AegisError(.notLoaded, "the datapath at \(root) was unloaded")
    }
    if try Self.isOn(datapath) { return }
    // The reader was stopped for so long that the datapath gave it up. If another process is changing the datapath, the
    // next look tries again.
    guard let session = try? Session(at: root, timeout: .zero) else { return }
    _ = try Self.setEvents(true, datapath, session)
  }
}
