import Aegis

/// The relay, as `status` shows it.
struct RelayStatus: Encodable {
  /// Where clients send to.
  let listen: [String]
  /// The ports of users toward their destinations.
  let portRange: String
  let users: Int
  let capacity: Int
  /// The numbers of the master keys; new tokens are made with the first.
  let keys: [UInt8]
  /// How far the wall clock has been set ahead since the relay was told about it; negative if it was set back.
  let clockSkewSeconds: Double

  /// nil if there is no relay.
  init?(_ datapath: Datapath) throws(AegisError) {
    let store = RelayStore(datapath)
    guard let settings = try store.settings() else { return nil }
    listen = settings.listen.map { "\($0)" }
    portRange = "\(settings.ports.lowerBound)-\(settings.ports.upperBound)"
    (users, capacity) = try RelayUsers(datapath).fill()
    keys = settings.keys.map(\.number)
    clockSkewSeconds = try (store.clockSkew() ?? .zero) / .milliseconds(1) / 1000
  }

  var text: String {
    let numbers = keys.map { "\($0)" }.joined(separator: ", ")
    let skew =
      clockSkewSeconds.magnitude > RelayStore.mostSkew / .seconds(1)
      ? ", CLOCK OFF by \(FractionText.decimals(clockSkewSeconds, 1)) s until repair" : ""
    return
      "\(listen.joined(separator: ", ")), \(users) of \(capacity) users, "
      + "\(keys.count == 1 ? "key" : "keys") \(numbers)\(skew)"
  }
}
