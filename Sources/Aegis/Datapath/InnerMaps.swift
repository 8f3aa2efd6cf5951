internal import BPF
internal import CAegis
internal import Linux

/// The place of a map in a map of maps with two slots, and for each of them one map for each family. Sets of rules,
/// which are for both families, are in the places 2n and 2n + 1 by turns.
struct InnerPin: Equatable {
  let slot: UInt32
  let isIPv6: Bool

  init(slot: UInt32, isIPv6: Bool) {
    self.slot = slot
    self.isIPv6 = isIPv6
  }

  init(index: UInt32) {
    self.init(slot: index / 2, isIPv6: index % 2 == 1)
  }

  var index: UInt32 { slot * 2 + (isIPv6 ? 1 : 0) }
  var name: String { "\(slot)v\(isIPv6 ? 6 : 4)" }

  /// In the largest map of maps.
  static let all = (0..<AEGIS_RULE_SETS).map(InnerPin.init(index:))
}

/// The maps in a map of maps, and their pins below the root: opening a map by its number needs CAP_SYS_ADMIN.
struct InnerMaps {
  /// The pin of the map of maps.
  let outer: String
  /// The directory of the pins of its maps.
  let directory: String

  func path(of pin: InnerPin) -> String { directory + "/" + pin.name }

  /// Each map is pinned before the datapath has it, so that its pin tells of what must be removed.
  func put(_ map: borrowing AnyBPFMap, at pin: InnerPin) throws(SystemError) {
    try FileSystem.makeDirectory(directory)
    try map.pin(at: path(of: pin))
    try DescriptorArray(pinnedAt: outer).put(map, at: pin.index)
  }

  /// Removes maps that are not in force.
  func clear(_ pins: [InnerPin]) throws(SystemError) {
    let outer = try DescriptorArray(pinnedAt: outer)
    for pin in pins {
      if try outer.id(at: pin.index) != nil { try outer.remove(at: pin.index) }
      _ = try FileSystem.remove(path(of: pin))
    }
  }

  /// Pins besides those of maps in force: an interrupted call left them.
  ///
  /// - Parameter used: Only asked if there are pins.
  func unused(besides used: () throws(AegisError) -> [InnerPin]) throws(AegisError) -> [InnerPin] {
    let names = try kernel { () throws(SystemError) in try FileSystem.listUnlinked(directory) }
    if names.isEmpty { return [] }
    let used = try used()
    return InnerPin.all.filter { names.contains($0.name) && !used.contains($0) }
  }

  /// Pins of maps in force that differ from what the datapath has: a pin was lost, or the map of maps was made again.
  func differing(among used: [InnerPin]) throws(AegisError) -> [InnerPin] {
    if used.isEmpty { return [] }
    return try kernel { () throws(SystemError) in
      let outer = try DescriptorArray(pinnedAt: outer)
      var differing: [InnerPin] = []
      for pin in used {
        let path = path(of: pin)
        let pinned = try FileSystem.exists(path) ? try AnyBPFMap(pinnedAt: path).info().id : nil
        if try outer.id(at: pin.index) != pinned { differing.append(pin) }
      }
      return differing
    }
  }

  /// Makes the pin and the datapath's map the same again, by whichever of them is there.
  func mend(_ pin: InnerPin) throws(SystemError) {
    let outer = try DescriptorArray(pinnedAt: outer)
    let path = path(of: pin)
    guard let id = try outer.id(at: pin.index) else {
      return try outer.put(AnyBPFMap(pinnedAt: path), at: pin.index)
    }
    try FileSystem.makeDirectory(directory)
    _ = try FileSystem.remove(path)
    try AnyBPFMap.open(id: id)?.pin(at: path)
  }

  /// Gives the map of maps of another generation the same maps.
  ///
  /// - Parameter valueSize: Bytes of a value of those that it takes; nil if they are all alike.
  func fill(_ other: String, valueSize: UInt32? = nil) throws(SystemError) {
    let outer = try DescriptorArray(pinnedAt: other)
    for pin in InnerPin.all {
      if try FileSystem.exists(path(of: pin)) {
        let map = try AnyBPFMap(pinnedAt: path(of: pin))
        if try valueSize.map({ size throws(SystemError) in try map.info().valueSize != size })
          == true
        {
          continue
        }
        try outer.put(map, at: pin.index)
      } else if try outer.id(at: pin.index) != nil {
        try outer.remove(at: pin.index)
      }
    }
  }
}
