internal import BPF
internal import CAegis
internal import Linux

/// A source that was over its rate.
public struct Offender: Sendable {
  /// The source, at the limiter's granularity: an address, or a /64.
  public let source: Prefix
  /// The packets that the rate was for, `all`, `port 53/udp` or `key any:53/udp`; nil if the rate no longer exists.
  public let rule: String?
  /// The number of dropped packets, estimated from the one in `AEGIS_OFFENDER_SAMPLE` that was recorded.
  public let packets: UInt64
  public let firstAgo: Duration
  public let lastAgo: Duration
}

/// The sources that recently exceeded their rate: a small table from which the kernel evicts the oldest.
public struct Offenders: Sendable {
  private let datapath: Datapath

  public init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  func clear() throws(AegisError) {
    let map: BPFMap<aegis_offender_key, aegis_offender> = try datapath.map(AEGIS_MAP_offenders)
    do {
      _ = try map.remove(map.entries().map(\.key))
    } catch {
      throw AegisError(error)
    }
  }

  /// All offenders, the worst first.
  public func all() throws(AegisError) -> [Offender] {
    let map: BPFMap<aegis_offender_key, aegis_offender> = try datapath.map(AEGIS_MAP_offenders)
    let noted: [(key: aegis_offender_key, value: aegis_offender)]
    do {
      noted = try map.entries()
    } catch {
      throw AegisError(error)
    }
    if noted.isEmpty { return [] }
    let rules = try RateTable(datapath).names()
    let lengths = try RateTable(datapath).sourcePrefix()
    let now = Clock.boottime()
    return noted.compactMap { key, value in
      let isV4 = key.family == AEGIS_FAMILY_V4.rawValue
      let address = isV4 ? IPAddress(v4: key.source) : IPAddress(v6: key.source)
      return Prefix(address: address, length: isV4 ? lengths.v4 : lengths.v6).map {
        Offender(
          source: $0, rule: rules[key.rates], packets: value.packets,
          firstAgo: Self.since(value.first, now), lastAgo: Self.since(value.last, now))
      }
    }
    .sorted { ($0.packets, $1.source) > ($1.packets, $0.source) }
  }

  private static func since(_ moment: UInt64, _ now: UInt64) -> Duration {
    .nanoseconds(Int64(clamping: now - min(now, moment)))
  }
}
