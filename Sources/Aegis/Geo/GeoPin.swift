internal import CAegis

/// The pin of a table of countries below `ROOT/geo`.
struct GeoPin: Equatable {
  let slot: UInt32
  let isIPv6: Bool

  init(slot: UInt32, isIPv6: Bool) {
    self.slot = slot
    self.isIPv6 = isIPv6
  }

  /// By its index in `geo`.
  init(index: UInt32) {
    self.init(slot: index / 2, isIPv6: index % 2 == 1)
  }

  var index: UInt32 { slot * 2 + (isIPv6 ? 1 : 0) }
  var name: String { "\(slot)v\(isIPv6 ? 6 : 4)" }

  static let all = (0..<UInt32(AEGIS_GEO_TABLES)).map(GeoPin.init(index:))
}
