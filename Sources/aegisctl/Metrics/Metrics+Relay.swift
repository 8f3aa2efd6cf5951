import Aegis

extension Metrics {
  /// The relay. There is no label for its users: there may be a hundred thousand.
  struct Relay {
    var users: Int
    var capacity: Int
    var totals: RelayStore.Totals
    /// How far the wall clock was set ahead since the relay was told about it.
    var clockSkew: Double
  }

  var relayFamilies: [MetricFamily] {
    var users = MetricFamily(
      name: "aegis_relay_users", kind: .gauge, help: "Users of the relay.")
    var capacity = MetricFamily(
      name: "aegis_relay_users_capacity", kind: .gauge,
      help: "Users of the relay that there is room for.")
    var packets = MetricFamily(
      name: "aegis_relay_packets_total", kind: .counter,
      help: "Packets that the relay sent on, forth to destinations and back to clients.")
    var bytes = MetricFamily(
      name: "aegis_relay_bytes_total", kind: .counter,
      help: "Bytes from IP on that the relay sent on, forth to destinations and back to clients.")
    var skew = MetricFamily(
      name: "aegis_relay_clock_skew_seconds", kind: .gauge,
      help: "How far the wall clock was set ahead since the relay was told about it.")
    if let relay {
      users.add(relay.users)
      capacity.add(relay.capacity)
      for (way, counts) in [("forth", relay.totals.forth), ("back", relay.totals.back)] {
        packets.add(counts.packets, ["way": way])
        bytes.add(counts.bytes, ["way": way])
      }
      skew.add(relay.clockSkew)
    }
    return [users, capacity, packets, bytes, skew]
  }
}

extension Metrics.Relay {
  /// nil if there is no relay.
  init?(_ datapath: Datapath) throws(AegisError) {
    let store = RelayStore(datapath)
    guard try store.settings() != nil else { return nil }
    (users, capacity) = try RelayUsers(datapath).fill()
    totals = try store.totals()
    clockSkew = try (store.clockSkew() ?? .zero) / .seconds(1)
  }
}
