/// How many packets, bits or bytes pass in a period, and how many may come at once.
public struct Rate: Sendable {
  /// The period of the amount.
  public enum Period: UInt32, Hashable, Sendable, CaseIterable {
    case second = 1
    case minute = 60
    case hour = 3600

    public var seconds: UInt32 { rawValue }

    /// The letter of a rate: `s`, `m` or `h`.
    public var letter: String {
      switch self {
      case .second: "s"
      case .minute: "m"
      case .hour: "h"
      }
    }
  }

  /// How a rate is enforced; the manual describes what each algorithm admits over a time t.
  public enum Algorithm: String, Hashable, Sendable, CaseIterable {
    /// At most the burst plus the amount that the rate gives in t.
    case tokenBucket = "token-bucket"
    /// The amount in each period, aligned to the clock: twice that around a boundary.
    case fixedWindow = "fixed-window"
    /// A token bucket on each CPU with its share of the rate: less than the rate unless all CPUs receive equally.
    case perCPU = "per-cpu"
  }

  /// The amount per period, at least 1: packets, bits or bytes as given by the unit.
  public let amount: UInt64
  public let unit: Unit
  public let period: Period
  /// Packets or bytes that may come at once, at least 1; nil means `defaultBurst`.
  public var burst: UInt32?
  public var algorithm = Algorithm.tokenBucket
  /// Whether packets above the rate are only counted as ones that would be dropped.
  public var isMonitored = false

  /// - Throws: `InputError` for an amount of 0, a burst of 0, and for more than the unit's maximum.
  public init(
    _ amount: UInt64, _ unit: Unit, period: Period, burst: UInt32? = nil
  ) throws(InputError) {
    self.amount = amount
    self.unit = unit
    self.period = period
    self.burst = burst
    guard amount > 0 else {
      throw InputError("\(self)", "would let nothing pass", hint: "to remove the limit, use off")
    }
    guard amount <= unit.maximum * UInt64(period.seconds) else {
      throw InputError("\(self)", "is more than \(unit.maximumText)")
    }
    if burst == 0 {
      throw InputError("0", "is not a burst: it is at least 1")
    }
  }

  public init(packets: UInt64, period: Period, burst: UInt32? = nil) throws(InputError) {
    try self.init(packets, .packets, period: period, burst: burst)
  }

  /// The amount for 100 ms at the rate, rounded down, and at least 10 packets or the bytes of the largest packet.
  public var defaultBurst: UInt32 {
    let least: UInt64 = unit == .packets ? 10 : 65_536
    let given = amount / (10 * UInt64(period.seconds)) / (unit == .bits ? 8 : 1)
    return UInt32(clamping: max(least, given))
  }

  public var effectiveBurst: UInt32 { burst ?? defaultBurst }
}

/// An explicit burst equals the same burst by default.
extension Rate: Hashable {
  public static func == (left: Rate, right: Rate) -> Bool {
    left.isMonitored == right.isMonitored
      && (left.amount, left.unit, left.period, left.effectiveBurst, left.algorithm)
        == (right.amount, right.unit, right.period, right.effectiveBurst, right.algorithm)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(amount)
    hasher.combine(unit)
    hasher.combine(period)
    hasher.combine(effectiveBurst)
    hasher.combine(algorithm)
    hasher.combine(isMonitored)
  }
}

extension Rate: CustomStringConvertible {
  /// The shortest text that parses to the same rate: `50k/s`, `10Mbit/s`. It does not include the burst.
  public var description: String {
    let scaled = unit.scales.map { Self.scaled(amount, decimals: $0.decimals) + $0.name }
    // The first of several equally short ones: plain digits are easiest to read.
    let number = scaled.dropFirst().reduce(scaled[0]) { $1.utf8.count < $0.utf8.count ? $1 : $0 }
    return "\(number)/\(period.letter)"
  }

  /// `value` / 10^decimals, exactly.
  private static func scaled(_ value: UInt64, decimals: Int) -> String {
    let digits = String(value)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    var fraction = padded.suffix(decimals)
    while fraction.last == "0" { fraction.removeLast() }
    return padded.dropLast(decimals) + (fraction.isEmpty ? "" : "." + fraction)
  }
}
