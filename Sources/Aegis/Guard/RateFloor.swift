internal import BPF

/// The rates below which an SSH session is as good as cut off: one keystroke takes two packets in and as many
/// out, a login some thirty.
enum RateFloor {
  static let packetsPerSecond: UInt64 = 10
  /// A line of output is acknowledged by several packets at once.
  static let packetBurst: UInt32 = 5
  /// 64 kbit/s.
  static let bytesPerSecond: UInt64 = 8000
  /// Two of the largest Ethernet frames: a frame larger than the burst never conforms.
  static let byteBurst: UInt32 = 3028

  static func isTooLow(_ rate: Rate) -> Bool {
    if rate.isMonitored { return false }
    // The packets of a connection all come to one CPU.
    let share = rate.algorithm == .perCPU ? UInt64((try? CPUs.possible()) ?? 1) : 1
    let isPackets = rate.unit == .packets
    let amount = rate.unit == .bits ? rate.amount / 8 : rate.amount
    let least = isPackets ? packetsPerSecond : bytesPerSecond
    if amount < least * UInt64(rate.period.seconds) * share { return true }
    // A window has no burst but its amount.
    if rate.algorithm == .fixedWindow { return false }
    return UInt64(rate.effectiveBurst) < UInt64(isPackets ? packetBurst : byteBurst) * share
  }
}
