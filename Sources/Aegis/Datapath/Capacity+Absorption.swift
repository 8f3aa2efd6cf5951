internal import CAegis

extension Capacity {
  /// Ways in use a set, on average, at which one new source in a thousand finds its set full: where a
  /// Poisson distribution has that much beyond AEGIS_WAYS.
  private static let fullness = 1.1

  /// How many packets a second of never-seen sources, as in a spoofed flood, find room of their own while this is the
  /// default rate: each takes a way for as long as its one packet is owed. Other rates have lines of their own.
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
