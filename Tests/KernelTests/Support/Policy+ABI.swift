import Aegis
import CAegis

@testable import TestModel

// Written from aegis.h alone, so that the product's own way of writing has a second opinion too.

extension aegis_entry {
  /// Expired ones ended one nanosecond after boot.
  init(isExpired: Bool, isProtected: Bool = false, isMonitored: Bool = false, length: Int) {
    self.init()
    expires = isExpired ? 1 : 0
    flags = isProtected ? UInt16(AEGIS_ENTRY_PROTECTED.rawValue) : 0
    if isMonitored { flags |= UInt16(AEGIS_ENTRY_MONITOR.rawValue) }
    prefix_length = UInt8(length)
  }
}

extension aegis_address {
  /// Left aligned, in network order.
  init(_ address: IPAddress) {
    self.init()
    withUnsafeMutableBytes(of: &octet) { octets in
      switch address {
      case .v4(let bits): octets.copyBytes(from: [UInt8].big(bits))
      case .v6(let bits): octets.copyBytes(from: [UInt8].big(bits))
      }
    }
  }
}

extension aegis_key {
  init(_ key: AllowKey) {
    self.init()
    switch key.source?.address {
    case nil: family = UInt8(AEGIS_FAMILY_ANY.rawValue)
    case .v4: family = UInt8(AEGIS_FAMILY_V4.rawValue)
    case .v6: family = UInt8(AEGIS_FAMILY_V6.rawValue)
    }
    self.protocol = key.protocol?.rawValue ?? 0
    port = (key.ports?.only ?? 0).bigEndian
    if let address = key.source?.address { source = aegis_address(address) }
  }
}

extension AllowKey {
  /// bit (ports << 2 | source)
  var shape: UInt16 {
    let ports: UInt16 = (`protocol` == nil ? 2 : 0) + (self.ports == nil ? 1 : 0)
    let kind: UInt16 = source.map { $0.isHost ? 1 : 2 } ?? 0
    return 1 << (ports << 2 | kind)
  }
}

extension aegis_rate {
  init(_ rate: Rate) {
    self.init()
    let burst = UInt64(rate.effectiveBurst)
    var ticks = UInt64(rate.period.seconds) * 1_000_000_000
    if ticks << UInt64(AEGIS_FINE_SHIFT) / rate.amount * burst < AEGIS_TAT_HORIZON {
      ticks <<= UInt64(AEGIS_FINE_SHIFT)
      flags = AEGIS_RATE_FINE.rawValue
    }
    if rate.isMonitored { flags |= AEGIS_RATE_MONITOR.rawValue }
    let cost = (ticks + rate.amount - 1) / rate.amount
    precondition(cost * burst <= AEGIS_TAT_HORIZON, "a burst too large for the rate")
    interval = cost << UInt64(AEGIS_INTERVAL_SHIFT)
    depth = burst * cost
    amount = rate.amount
    period = rate.period.rawValue
    self.burst = burst
  }
}

extension aegis_config {
  /// Without the drop list.
  init(_ policy: Policy, seed: (UInt64, UInt64, UInt64), lines: UInt32) {
    self.init()
    self.seed = seed
    rates.source.packets.line_mask = lines - 1
    rates.id = 1
    guard policy.isConfigured else { return }
    var bits = AEGIS_STAGE_CONFIGURED.rawValue
    if policy.deniesByDefault { bits |= AEGIS_STAGE_DENY.rawValue }
    // No packet of a test belongs to a connection of this host.
    if seed.0 & 1 == 1 {
      bits |= AEGIS_STAGE_REPLIES.rawValue
      (first_port, last_port) = (1, .max)
    }
    if let rate = policy.rate {
      bits |= AEGIS_STAGE_RATE.rawValue | AEGIS_STAGE_RATE_SIMPLE.rawValue
      rates.source.packets = aegis_rate(rate)
      rates.source.packets.line_mask = lines - 1
      tellSourcesApart()
    }
    if policy.isMonitoring { bits |= AEGIS_STAGE_MONITOR.rawValue }
    if policy.isUnconfirmed {
      bits |= AEGIS_STAGE_DEADLINE.rawValue
      deadline = 1
    }
    if policy.asksForClasses {
      bits |= AEGIS_STAGE_CLASS.rawValue
      if policy.classes.contains(where: { !$0.prefixes.isEmpty }) {
        bits |= AEGIS_STAGE_CLASS_PREFIX.rawValue
      }
      geo = policy.countries.map { UInt32($0.number) + 1 } ?? 0
    }
    if !policy.lists.isEmpty { bits |= AEGIS_STAGE_LISTS.rawValue }
    stages = bits
    for key in policy.keys {
      if key.isProtected {
        protect_shapes |= key.key.shape
      } else {
        key_shapes |= key.key.shape
      }
    }
    let expires =
      policy.drops.contains(where: \.isExpired) || policy.keys.contains(where: \.isExpired)
    next_expiry = expires ? 1 : 0
  }

  /// As the limiter does unless it is told otherwise.
  mutating func tellSourcesApart() {
    mask_v4 = Self.leadingOnes(octets: 4)
    mask_v6 = Self.leadingOnes(octets: 8)
  }

  private static func leadingOnes(octets count: Int) -> aegis_address {
    var mask = aegis_address()
    withUnsafeMutableBytes(of: &mask) { bytes in
      for index in 0..<count { bytes[index] = 0xff }
    }
    return mask
  }
}
