/// How many packets of one source pass in a period, and how many may come at once.
public struct Rate: Sendable {
  /// The time that `packets` are counted over.
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

  /// The fastest rate there is, in packets a second.
  public static let maximum: UInt64 = 100_000_000

  /// Packets in a period, at least 1.
  public let packets: UInt64
  public let period: Period
  /// Packets that may come at once, at least 1; nil is `defaultBurst`.
  public var burst: UInt32?

  /// - Throws: `InputError` for no packets or no burst at all, and for more than `maximum`.
  public init(packets: UInt64, period: Period, burst: UInt32? = nil) throws(InputError) {
    self.packets = packets
    self.period = period
    self.burst = burst
    guard packets > 0 else {
      throw InputError("\(self)", "lets nothing pass", hint: "use 'off' for no limit")
    }
    guard packets <= Self.maximum * UInt64(period.seconds) else {
      throw InputError("\(self)", "is more than 100M/s")
    }
    if burst == 0 {
      throw InputError("0", "is not a burst: it is at least 1")
    }
  }

  /// The packets of 100 ms at the rate, rounded down, and at least 10.
  public var defaultBurst: UInt32 {
    max(10, UInt32(packets / (10 * UInt64(period.seconds))))
  }

  public var effectiveBurst: UInt32 { burst ?? defaultBurst }
}

/// A burst that is written out equals the same one by default.
extension Rate: Hashable {
  public static func == (left: Rate, right: Rate) -> Bool {
    (left.packets, left.period, left.effectiveBurst)
      == (right.packets, right.period, right.effectiveBurst)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(packets)
    hasher.combine(period)
    hasher.combine(effectiveBurst)
  }
}

extension Rate: CustomStringConvertible {
  /// The shortest text that reads back as the rate, `50k/s`. It does not tell the burst.
  public var description: String {
    let thousands = Self.scaled(packets, decimals: 3) + "k"
    let millions = Self.scaled(packets, decimals: 6) + "M"
    // The first of equals: digits alone read best.
    let number = [thousands, millions].reduce("\(packets)") {
      $1.utf8.count < $0.utf8.count ? $1 : $0
    }
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
