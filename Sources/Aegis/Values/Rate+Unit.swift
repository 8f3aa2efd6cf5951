extension Rate {
  /// What a rate counts.
  public enum Unit: String, Sendable, CaseIterable {
    case packets
    /// Bits of whole frames, like all byte counts here.
    case bits
    case bytes

    /// The maximum per second.
    public var maximum: UInt64 {
      switch self {
      case .packets: 100_000_000
      case .bits: 400_000_000_000
      case .bytes: 50_000_000_000
      }
    }

    var maximumText: String {
      switch self {
      case .packets: "100M/s"
      case .bits: "400Gbit/s"
      case .bytes: "50GB/s"
      }
    }

    /// The suffixes of the number, smallest first, and the number of decimal places by which each shifts it.
    var scales: [(name: String, decimals: Int)] {
      switch self {
      case .packets: [("", 0), ("k", 3), ("M", 6)]
      case .bits: [("bit", 0), ("kbit", 3), ("Mbit", 6), ("Gbit", 9)]
      case .bytes: [("B", 0), ("kB", 3), ("MB", 6), ("GB", 9)]
      }
    }

    /// The name of what is counted, in messages.
    var noun: String {
      switch self {
      case .packets: "packet"
      case .bits: "bit"
      case .bytes: "byte"
      }
    }

    /// The unit for a suffix. Case does not matter for bits. For bytes and packets it does, except for K, since Mb
    /// could be bits or bytes, and m is not a million.
    static func named(_ suffix: Substring) -> (unit: Unit, decimals: Int)? {
      for unit in allCases {
        for scale in unit.scales {
          let isSame =
            unit == .bits ? scale.name.lowercased() == suffix.lowercased() : scale.name == suffix
          if isSame { return (unit, scale.decimals) }
        }
      }
      return suffix == "K" ? (.packets, 3) : suffix == "KB" ? (.bytes, 3) : nil
    }
  }
}
