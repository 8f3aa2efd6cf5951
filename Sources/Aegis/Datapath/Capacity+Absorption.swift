internal import CAegis

extension Capacity {
  /// The average number of ways in use per set at which one new source in a thousand finds its set full: the mean of a
  /// Poisson distribution that exceeds AEGIS_WAYS that often.
  private static let fullness = 1.1

  /// How many packets a second from new sources, as in a spoofed flood, find a way of their own while this is the
  /// default rate: each uses a way for as long as its one packet is owed. Other rates have their own lines.
  public func absorbs(at rate: Rate) -> Double {
    let perSecond = Double(rate.amount) / Double(rate.period.seconds)
    // The smallest Ethernet frame, without its checksum.
    let packets =
      switch rate.unit {
      case .packets: perSecond
      case .bytes: perSecond / 60
      case .bits: perSecond / 8 / 60
      }
    return Double(lines) * Self.fullness * packets
  }
}
