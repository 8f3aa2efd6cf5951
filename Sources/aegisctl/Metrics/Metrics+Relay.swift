import Aegis

extension Metrics {
  /// The relay. What it refuses is counted by its reason.
  struct Relay {
    let users: Int
    let capacity: Int
    let clockSkewSeconds: Double
    /// Of all users together.
    var forth = RelayUser.Counts(packets: 0, bytes: 0)
    var back = RelayUser.Counts(packets: 0, bytes: 0)

    init(users: Int, capacity: Int, clockSkewSeconds: Double) {
      self.users = users
      self.capacity = capacity
      self.clockSkewSeconds = clockSkewSeconds
    }

    /// nil if there is no relay.
    init?(_ datapath: Datapath) throws(AegisError) {
      guard let skew = try RelayStore(datapath).clockSkew() else { return nil }
      let relayed = RelayUsers(datapath)
      let fill = try relayed.fill()
      self.init(
        users: fill.used, capacity: fill.capacity, clockSkewSeconds: skew / .milliseconds(1) / 1000)
      (forth, back) = try relayed.total()
    }
  }

  var relayFamilies: [MetricFamily] {
    var users = MetricFamily(
      name: "aegis_relay_users", kind: .gauge, help: "Users of the relay.")
    var room = MetricFamily(
      name: "aegis_relay_users_capacity", kind: .gauge,
      help: "How many users of the relay there is room for.")
    var skew = MetricFamily(
      name: "aegis_relay_clock_skew_seconds", kind: .gauge,
      help: "How far the wall clock was set ahead since the relay was told about it.")
    var packets = MetricFamily(
      name: "aegis_relay_packets_total", kind: .counter,
      help: "Packets sent by the relay, to destinations (forth) or to clients (back).")
    var bytes = MetricFamily(
      name: "aegis_relay_bytes_total", kind: .counter,
      help: "Bytes sent by the relay, from IP on, to destinations (forth) or to clients (back).")
    if let relay {
      users.add(relay.users)
      room.add(relay.capacity)
      skew.add(relay.clockSkewSeconds)
      for (way, counts) in [("forth", relay.forth), ("back", relay.back)] {
        packets.add(counts.packets, ["way": way])
        bytes.add(counts.bytes, ["way": way])
      }
    }
    return [users, room, skew, packets, bytes]
  }
}
