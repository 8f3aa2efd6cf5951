import Aegis

extension Metrics {
  /// The relay. What it forwards is counted by its reason.
  struct Relay {
    let users: Int
    let capacity: Int
    let clockSkewSeconds: Double

    init(users: Int, capacity: Int, clockSkewSeconds: Double) {
      self.users = users
      self.capacity = capacity
      self.clockSkewSeconds = clockSkewSeconds
    }

    /// nil if there is no relay.
    init?(_ datapath: Datapath) throws(AegisError) {
      guard let skew = try RelayStore(datapath).clockSkew() else { return nil }
      let fill = try RelayUsers(datapath).fill()
      self.init(
        users: fill.used, capacity: fill.capacity, clockSkewSeconds: skew / .milliseconds(1) / 1000)
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
    if let relay {
      users.add(relay.users)
      room.add(relay.capacity)
      skew.add(relay.clockSkewSeconds)
    }
    return [users, room, skew]
  }
}
