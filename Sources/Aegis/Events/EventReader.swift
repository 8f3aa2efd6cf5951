internal import BPF
internal import CAegis
internal import Linux

/// Reads what is decided about packets, from now on and for as long as it looks.
///
/// There is one reader at a time. The datapath tells nobody else, and stops by itself when this one is gone.
public struct EventReader: ~Copyable {
  private let root: PinRoot
  private let lock: FileDescriptor
  private var maps: EventMaps
  private var names: EventNames
  private var turn: UInt32 = 0
  /// ns of CLOCK_MONOTONIC.
  private var renewedAt: UInt64
  private var checkedAt: UInt64 = 0
  /// For how long the datapath told nothing, because nobody looked for longer than `patience`.
  public private(set) var missed = Duration.zero

  /// How long the datapath goes on when nobody looks.
  public static let patience = Duration.seconds(2)
  /// Between two looks at the most, so that at the given rate there is room for what comes meanwhile.
  public static func pause(rate: UInt32) -> Duration {
    let filled = Duration.seconds(EventMaps.room / 2) / Int(rate)
    return min(max(filled, .milliseconds(1)), .milliseconds(100))
  }

  private static let patienceNanoseconds = UInt64(patience / .nanoseconds(1))
  /// ns between looks at whether the datapath is still there.
  private static let checkInterval: UInt64 = 100_000_000

  /// Begins to read.
  ///
  /// - Parameter timeout: How long to wait for another reader, and for who is changing the datapath.
  /// - Throws: `timedOut` if another reads for longer than `timeout`; `notLoaded`, also of an interface that the
  ///   datapath is not attached to.
  public init(_ filter: EventFilter, at root: PinRoot, timeout: Duration) throws(AegisError) {
    let names = try EventNames(Datapath(at: root))
    let lock = try EventLock.take(at: root, timeout: timeout)
    let session = try Session(at: root, timeout: timeout)
    let datapath = try session.datapath()
    var wanted = try filter.abi(ifindex: filter.ifindex(in: datapath))
    // One that was killed a moment ago is still told.
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

  /// What was written until now, all that run have seen.
  private static func awaitPrograms() throws(AegisError) {
    try kernel { () throws(SystemError) in try GracePeriod.wait() }
  }

  private static func setEvents(
    _ isOn: Bool, _ datapath: Datapath, _ session: borrowing Session
  ) throws(AegisError) -> Bool {
    try Settings.change(datapath, in: session) { $0.set(aegis_stage.events, isOn) }
  }

  /// Has the datapath go on for a while.
  public mutating func renew() {
    let now = Clock.monotonic()
    let late = now - renewedAt
    if late > Self.patienceNanoseconds { missed += .nanoseconds(late - Self.patienceNanoseconds) }
    renewedAt = now
    turn &+= 1
    maps.filter.set(\.until, to: now + Self.patienceNanoseconds)
    maps.filter.set(\.turn, to: turn)
  }

  /// What was told since the last look, as many as there is room for, and has the datapath go on for a while.
  ///
  /// - Throws: `notLoaded` once it was unloaded, `otherLayout` once another version's took its place.
  public mutating func look() throws(AegisError) -> [Event] {
    renew()
    let records = try maps.take()
    do {
      try check()
    } catch {
      if records.isEmpty { throw error }
      // First these; the next look tells.
      checkedAt = 0
    }
    return events(records)
  }

  /// Ends it; what was still told, and what became of all packets.
  public consuming func end() throws(AegisError) -> (events: [Event], tally: EventTally) {
    maps.filter.set(\.until, to: 0)
    // Without it the datapath finds out with the next packet, if there is one. Another may have been loaded in its
    // place, and that has a reader of its own.
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
      Event($0, at: clock, interface: names.interface($0.ifindex), rate: names.rate($0.rates))
    }
  }

  /// Whether the ring that is read is that of the datapath in force.
  private func isInForce() throws(AegisError) -> Bool {
    let present = try kernel { () throws(SystemError) in
      try AnyBPFMap(pinnedAt: root.map(AEGIS_MAP_events)).info().id
    }
    return try maps.id == present
  }

  /// Has the datapath in force tell, which must be the one that is read.
  private mutating func check() throws(AegisError) {
    if renewedAt - checkedAt < Self.checkInterval { return }
    checkedAt = renewedAt
    let datapath = try Datapath(toChangeAt: root)
    guard try isInForce() else {
      throw AegisError(.notLoaded, "the datapath at \(root) was unloaded")
    }
    if try Settings.read(datapath).stages & aegis_stage.events != 0 { return }
    // It was stopped for so long that the datapath gave it up. While somebody changes that, the next look tries.
    guard let session = try? Session(at: root, timeout: .zero) else { return }
    _ = try Self.setEvents(true, datapath, session)
  }
}
