internal import BPF
internal import CAegis
internal import Linux

/// The maps that the datapath and the reader of events share.
struct EventMaps: ~Copyable {
  let filter: MappedValue<aegis_event_filter>
  let states: PerCPUMap<aegis_event_state>
  var ring: RingBuffer<aegis_event>

  /// Opens the maps and discards what is left of an earlier reader. The datapath does not report anything yet.
  init(at root: PinRoot, for wanted: aegis_event_filter) throws(AegisError) {
    do {
      let filter = try MappedValue<aegis_event_filter>(pinnedAt: root.map(AEGIS_MAP_event_filter))
      let states = try PerCPUMap<aegis_event_state>(pinnedAt: root.map(AEGIS_MAP_event_state))
      var ring = try RingBuffer<aegis_event>(pinnedAt: root.map(AEGIS_MAP_events))
      while try !ring.take(atMost: Self.room).isEmpty {}
      var state = aegis_event_state()
      state.skip = wanted.sample > 1 ? .random(in: 0..<wanted.sample) : 0
      try states.set(state, at: 0)
      filter.set(wanted)
      self.filter = filter
      self.states = states
      self.ring = ring
    } catch {
      throw AegisError(error)
    }
  }

  mutating func take() throws(AegisError) -> [aegis_event] {
    do {
      return try ring.take(atMost: Self.room)
    } catch {
      throw AegisError(error)
    }
  }

  func tally() throws(AegisError) -> EventTally {
    try kernel { () throws(SystemError) in try EventTally(states.values(at: 0)) }
  }

  /// The kernel's number of the ring.
  var id: UInt32 {
    get throws(AegisError) {
      try kernel { () throws(SystemError) in try ring.info().id }
    }
  }

  /// The number of events that the ring has room for.
  static let room = Int(AEGIS_EVENTS_SIZE) / (MemoryLayout<aegis_event>.size + 8)
}
