internal import BPF

/// Rates below which a flow is effectively cut off.
struct RateFloor: Hashable, Sendable {
  let packetsPerSecond: UInt64
  let packetBurst: UInt32
  let bytesPerSecond: UInt64
  let byteBurst: UInt32

  /// One keystroke takes two packets in and two out, a login about thirty; a line of output is acknowledged by several
  /// packets at once. 64 kbit/s, and two of the largest Ethernet frames.
  static let ssh = RateFloor(
    packetsPerSecond: 10, packetBurst: 5, bytesPerSecond: 8000, byteBurst: 3028)

  /// A tunnel carries the traffic of many hosts: 1 Gbit/s in packets of 1,250 bytes, and a burst of 10 ms.
  static let tunnel = RateFloor(
    packetsPerSecond: 100_000, packetBurst: 1000, bytesPerSecond: 125_000_000,
    byteBurst: 1_250_000)

  func isTooLow(_ rate: Rate) -> Bool {
    if rate.isMonitored { return false }
    // All packets of a connection arrive on one CPU.
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
