internal import CAegis

/// How much the datapath has room for.
public struct Capacity: Hashable, Sendable {
  /// The most entries of each family on a drop list, which takes memory only for those that it has.
  public var drops: UInt32
  /// The number of keys with a host or any source, and of keys with a prefix; protected keys have the same room again.
  public var keys: UInt32
  /// The number of sources whose rate can be tracked at once; rounded up to a power of two of full sets.
  public var sources: UInt32
  /// The number of users of the relay.
  public var users: UInt32

  public init(
    drops: UInt32 = 1_000_000, keys: UInt32 = 4096, sources: UInt32 = 49_152, users: UInt32 = 1024
  ) {
    self.drops = drops
    self.keys = keys
    self.sources = Self.lines(forSources: sources) * AEGIS_WAYS
    self.users = users
  }

  /// The maximum for each field: enough for every IPv4 /24, and far below where a map's size overflows.
  public static let most: UInt32 = 1 << 24

  /// The maximum for `users`: a session has so many bits for the index of its user.
  public static let mostUsers: UInt32 = 1 << AEGIS_RELAY_INDEX_BITS

  /// Lines of the limiter's table for the default rate: the same number for packets, for bytes and for all other rates.
  var lines: UInt32 { Self.lines(forSources: sources) }

  /// All lines of the limiter's table, so that even the last rate that there is room for gets one.
  var cells: UInt32 { 3 * lines + Self.mostRates }

  /// Layouts without classes had fewer rates; the number of lines, a power of two, tells which one it was.
  static func lines(ofCells cells: UInt32) -> UInt32 {
    for rates in [mostRates, mostRates - 4 * AEGIS_CLASSES] where cells > rates {
      let lines = (cells - rates) / 3
      if lines.nonzeroBitCount == 1, 3 * lines + rates == cells { return lines }
    }
    return 1
  }

  /// The number of possible rates besides the default rate for each source: of packets and of bytes, for each source of
  /// a port or class and in total, and for the other keys of maps.
  static let mostRates =
    4 * (AEGIS_RATE_PORTS + AEGIS_CLASSES) + 2 * 2 * AEGIS_RATE_PREFIXES + AEGIS_KEY_RATES + 2

  private static func lines(forSources sources: UInt32) -> UInt32 {
    .powerOfTwo(atLeast: (sources + AEGIS_WAYS - 1) / AEGIS_WAYS)
  }
}

extension Capacity {
  /// The number of entries of a map.
  func entries(of map: aegis_map) -> UInt32 {
    switch map.row.size {
    case AEGIS_SIZE_CELLS: cells
    case AEGIS_SIZE_KEYS: keys
    case AEGIS_SIZE_USERS: users
    default: map.row.entries
    }
  }

  /// The maps whose size can be chosen.
  static var sized: [aegis_map] { aegis_map.all.filter { $0.row.size != AEGIS_SIZE_FIXED } }
}
