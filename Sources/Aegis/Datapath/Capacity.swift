internal import CAegis

/// How much the datapath has room for.
public struct Capacity: Hashable, Sendable {
  /// Hosts, and as many prefixes, of each family on the drop list.
  public var drops: UInt32
  /// Keys with a host or any source, and as many with a prefix; the same again for protected ones.
  public var keys: UInt32
  /// Sources whose rate can be tracked at once; rounded up to fill whole sets, a power of two of them.
  public var sources: UInt32

  public init(drops: UInt32 = 131_072, keys: UInt32 = 4096, sources: UInt32 = 49_152) {
    self.drops = drops
    self.keys = keys
    self.sources = Self.lines(forSources: sources) * AEGIS_WAYS
  }

  /// The most of anything: enough for every IPv4 /24, and far from where a map's size overflows.
  public static let most: UInt32 = 1 << 24

  /// Of the limiter's table, for the default rate: as many for packets, for bytes and for all other rates.
  var lines: UInt32 { Self.lines(forSources: sources) }

  /// All lines of the limiter's table, where even the last rate that there is room for finds one.
  var cells: UInt32 { 3 * lines + Self.mostRates }

  static func lines(ofCells cells: UInt32) -> UInt32 { max(1, (cells - min(cells, mostRates)) / 3) }

  /// Rates that there can be beside the default one for each source: of packets and of bytes, for each source of a
  /// port and in all, and by the other keys of maps.
  static let mostRates =
    4 * AEGIS_RATE_PORTS + 2 * 2 * AEGIS_RATE_PREFIXES + AEGIS_KEY_RATES + 2

  private static func lines(forSources sources: UInt32) -> UInt32 {
    .powerOfTwo(atLeast: (sources + AEGIS_WAYS - 1) / AEGIS_WAYS)
  }
}

extension Capacity {
  /// Entries of a map.
  func entries(of map: aegis_map) -> UInt32 {
    switch map.row.size {
    case AEGIS_SIZE_CELLS: cells
    case AEGIS_SIZE_DROPS: drops
    case AEGIS_SIZE_KEYS: keys
    default: map.row.entries
    }
  }

  /// The maps that have a size to choose.
  static var sized: [aegis_map] { aegis_map.all.filter { $0.row.size != AEGIS_SIZE_FIXED } }
}
