internal import CAegis
internal import Linux

/// Where the relay listens, the ports of its users, and its keys.
public struct RelaySettings: Hashable, Sendable {
  /// The address of each family, at most one; not empty.
  public let listen: [RelayEndpoint]
  public let ports: ClosedRange<UInt16>
  /// The first is the one that new tokens are made with.
  public let keys: [RelayKey]

  /// - Parameter listen: Not empty, and `check` takes it, as well as the ports.
  public init(listen: [RelayEndpoint], ports: ClosedRange<UInt16>, keys: [RelayKey]) {
    self.listen = listen.sorted()
    self.ports = ports
    self.keys = keys
  }

  /// - Throws: For two addresses of a family, and for different ports.
  public static func check(listen: [RelayEndpoint]) throws(InputError) {
    guard let first = listen.first else { return }
    for (place, endpoint) in listen.enumerated().dropFirst() {
      let families = listen[..<place].map(\.address.family)
      if families.contains(endpoint.address.family) {
        throw InputError("\(endpoint)", "is a second \(endpoint.familyName) address")
      }
      if endpoint.port != first.port {
        throw InputError(
          "\(endpoint)", "has another port than \(first)",
          hint: "a client uses the same port for both families")
      }
    }
  }

  /// - Throws: For a range that has the port where clients send to.
  public static func check(
    _ ports: ClosedRange<UInt16>, besides listen: [RelayEndpoint]
  ) throws(InputError) {
    guard let port = listen.first?.port, ports.contains(port) else { return }
    throw InputError(
      text(ports), "has the port \(port), where clients send to",
      hint: "the ports of users must be others")
  }

  var port: UInt16 { listen[0].port }

  /// Where clients of a family send to; nil if the relay does not listen there.
  public func listen(like address: IPAddress) -> RelayEndpoint? {
    listen.first { $0.address.family == address.family }
  }

  /// What is in force; nil if there is no relay.
  init?(_ relay: aegis_relay) {
    guard relay.port != 0, relay.first <= relay.last else { return nil }
    let port = UInt16(bigEndian: relay.port)
    let v4 = IPAddress(v4: relay.v4)
    let v6 = IPAddress(v6: relay.v6)
    listen = [v4, v6].filter { $0.leftAligned != 0 }.map { RelayEndpoint($0, port: port) }
    ports = relay.first...relay.last
    var keys: [RelayKey] = []
    for slot in relay.order {
      keys.append(RelayKey(number: relay.numbers[slot], secret: relay.keys[slot].secret))
    }
    self.keys = keys
  }

  /// The same in the datapath's form. A key that was there keeps its slot, so that packets with it are not refused.
  func abi(replacing old: aegis_relay, at clock: ClockReading) -> aegis_relay {
    var relay = aegis_relay()
    for endpoint in listen {
      switch endpoint.address {
      case .v4: relay.v4 = endpoint.address.octets
      case .v6: relay.v6 = endpoint.address.octets
      }
    }
    relay.port = port.bigEndian
    (relay.first, relay.last) = (ports.lowerBound, ports.upperBound)
    if old.port != 0 { (relay.started, relay.epoch) = (old.started, old.epoch) }
    relay.tell(clock)
    var slots: [RelayKey?] = Array(repeating: nil, count: Int(AEGIS_RELAY_KEYS))
    for key in keys {
      if let slot = old.order.first(where: { old.numbers[$0] == key.number }) { slots[slot] = key }
    }
    for key in keys where !slots.contains(key) {
      if let free = slots.firstIndex(of: nil) { slots[free] = key }
    }
    let secrets = slots.map { $0.map { aegis_relay_key($0.secret) } ?? aegis_relay_key() }
    relay.key = (secrets[0], secrets[1])
    relay.number = (slots[0]?.number ?? 0, slots[1]?.number ?? 0)
    relay.live = (slots[0] == nil ? 0 : 1) | (slots[1] == nil ? 0 : 2)
    relay.signing = UInt8(slots.firstIndex(of: keys.first) ?? 0)
    return relay
  }
}

extension aegis_relay {
  var keys: [aegis_relay_key] { [key.0, key.1] }
  var numbers: [UInt8] { [number.0, number.1] }

  /// Sets its clock. What was sent before it was right is refused from now on if the clock was far behind, or the relay
  /// has not begun yet; if it was far ahead, the relay begins now and not at that time.
  mutating func tell(_ clock: ClockReading) {
    let (now, skew) = (UInt64(clamping: clock.realtime / 1000), AEGIS_RELAY_SKEW / 1000)
    let wasBehind = clock.epoch > epoch && clock.epoch - epoch > AEGIS_RELAY_SKEW
    let wasAhead = started > now && started - now > skew
    if wasBehind || wasAhead { started = now }
    epoch = clock.epoch
  }

  func hasKeys(of other: aegis_relay) -> Bool {
    live == other.live
      && order.allSatisfy {
        numbers[$0] == other.numbers[$0] && keys[$0].half == other.keys[$0].half
      }
  }

  /// The slots of keys in use, the one for new tokens first.
  var order: [Int] {
    let used = (0..<Int(AEGIS_RELAY_KEYS)).filter { live & 1 << UInt8($0) != 0 }
    return used.filter { $0 == Int(signing) } + used.filter { $0 != Int(signing) }
  }
}

extension ClockReading {
  /// ns: CLOCK_REALTIME less CLOCK_BOOTTIME.
  var epoch: UInt64 { UInt64(clamping: Int128(realtime) - Int128(boottime)) }
}

extension RelaySettings: CustomStringConvertible {
  /// Without secrets.
  public var description: String {
    let addresses = listen.map { "\($0)" }.joined(separator: ", ")
    let numbers = keys.map { "\($0.number)" }.joined(separator: ", ")
    return "\(addresses), ports \(Self.text(ports)), "
      + "\(keys.count == 1 ? "key" : "keys") \(numbers)"
  }

  /// `20000-29999`
  public static func text(_ ports: ClosedRange<UInt16>) -> String {
    "\(ports.lowerBound)-\(ports.upperBound)"
  }

  /// Reads `20000-29999`.
  public static func ports(_ text: String) throws(InputError) -> ClosedRange<UInt16> {
    let (first, last) = Substring(text).split(at: "-")
    func port(_ digits: Substring?) -> UInt16? {
      digits.flatMap { UInt64(digits: $0) }.flatMap { UInt16(exactly: $0) }
    }
    guard let lower = port(first), let upper = port(last), lower > 0 else {
      throw InputError(text, "is not a range of ports", hint: "write it as 20000-29999")
    }
    guard lower <= upper else { throw InputError(text, "ends before it begins") }
    return lower...upper
  }
}
