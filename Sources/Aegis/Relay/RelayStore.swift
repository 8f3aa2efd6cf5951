internal import BPF
internal import CAegis
internal import Linux

/// The relay of a datapath.
public struct RelayStore: Sendable {
  public let datapath: Datapath

  public init(_ datapath: Datapath) {
    self.datapath = datapath[.in]
  }

  /// nil if there is no relay.
  public func settings() throws(AegisError) -> RelaySettings? {
    guard try isOn() else { return nil }
    return RelaySettings(try read())
  }

  /// - Throws: `notLoaded` if there is no relay.
  func requiredSettings() throws(AegisError) -> RelaySettings {
    if let settings = try settings() { return settings }
    throw .relayIsOff
  }

  private func isOn() throws(AegisError) -> Bool {
    try Settings.read(datapath).stages & aegis_stage.relay != 0
  }

  func read() throws(AegisError) -> aegis_relay {
    // Layouts before this one had no relay.
    guard try datapath.root.has(datapath.pin(of: AEGIS_MAP_relay)) else { return aegis_relay() }
    // It has the keys.
    CoreDump.forbid()
    let map: BPFMap<UInt32, aegis_relay> = try datapath.map(AEGIS_MAP_relay)
    return try kernel { () throws(SystemError) in try map.value(forKey: 0) } ?? aegis_relay()
  }

  private func write(_ relay: aegis_relay) throws(AegisError) {
    let map: BPFMap<UInt32, aegis_relay> = try datapath.map(AEGIS_MAP_relay)
    try kernel { () throws(SystemError) in try map.update(relay, forKey: 0) }
  }

  /// Switches the relay on, or changes its settings. Its clock is set too, whatever changed.
  ///
  /// - Returns: Whether anything changed.
  /// - Throws: `badInput` if there are users that the settings have no address or port for.
  public func set(
    _ settings: RelaySettings, in session: borrowing Session
  ) throws(AegisError) -> Bool {
    let old = try read()
    let isOn = try isOn()
    let isChanged = !isOn || RelaySettings(old) != settings
    try RelayUsers(datapath).check(settings)
    if session.isDryRun { return isChanged }
    try RelayProgram.make(in: datapath.root.current)
    var relay = settings.abi(replacing: old, at: .now())
    relay.mark = relay.hasKeys(of: old) ? old.mark : 0
    try write(relay)
    try Settings.change(datapath) { $0.stages |= aegis_stage.relay }
    if relay.mark == 0 {
      // No packet that is on its way may keep what it derived from the old keys under the new mark.
      try kernel { () throws(SystemError) in try GracePeriod.wait() }
      relay.mark = .random(in: 1 ... .max)
      try write(relay)
    }
    return isChanged
  }

  /// Whether a call was killed while it changed the keys. Until they are set again no key of a token is kept.
  func isHalfSet() throws(AegisError) -> Bool {
    let relay = try read()
    return relay.port != 0 && relay.mark == 0
  }

  /// Switches the relay off and forgets its keys; the users stay.
  ///
  /// - Returns: Whether there was a relay.
  public func remove(in session: borrowing Session) throws(AegisError) -> Bool {
    let (isOn, hasPort) = (try isOn(), try read().port != 0)
    let isChanged = isOn || hasPort
    if session.isDryRun || !isChanged { return isChanged }
    try Settings.change(datapath) { $0.stages &= ~aegis_stage.relay }
    try kernel { () throws(SystemError) in try GracePeriod.wait() }
    try RelayTable(datapath).forgetKeys()
    try RelayProgram.remove(from: datapath.root.current)
    // This comes last: until then a call that was killed can be repeated.
    try write(aegis_relay())
    return true
  }
}

/// The wall clock, which the datapath cannot read.
extension RelayStore {
  /// More than this makes the relay refuse tokens and packets early or late.
  public static let mostSkew = Duration.seconds(1)

  /// How far the wall clock has been set ahead since the relay was told about it; nil if there is no relay.
  public func clockSkew() throws(AegisError) -> Duration? {
    let relay = try read()
    if relay.port == 0 { return nil }
    return .nanoseconds(Int64(clamping: Int128(ClockReading.now().epoch) - Int128(relay.epoch)))
  }

  /// Refuses what clients have sent before now: what came while the windows of users were copied is not in the copies.
  func refuseEarlier() throws(AegisError) {
    var relay = try read()
    if relay.port == 0 { return }
    relay.started = UInt64(clamping: ClockReading.now().realtime / 1000)
    try write(relay)
  }

  /// Tells the relay about the wall clock, and leaves everything else as it is.
  public func refreshClock(in session: borrowing Session) throws(AegisError) {
    var relay = try read()
    if relay.port == 0 || session.isDryRun { return }
    relay.tell(.now())
    try write(relay)
  }
}

extension AegisError {
  static var relayIsOff: AegisError {
    AegisError(
      .notLoaded, "the relay is off",
      hint: "aegisctl set-relay --listen ADDRESS:PORT --port-range FIRST-LAST --key-file FILE")
  }
}
