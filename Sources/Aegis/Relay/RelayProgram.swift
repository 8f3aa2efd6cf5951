internal import BPF
internal import CAegis
internal import Linux

/// The program that the datapath continues with for packets of the relay. It is loaded when the relay is switched on, on
/// the maps of a generation, and pinned with them.
enum RelayProgram {
  static let name = "\(AEGIS_PROGRAM)_relay"

  static func pin(in generation: String) -> String { generation + "/" + name }

  /// Loads and pins it, unless it is there, and gives it to the datapath.
  static func make(in generation: String) throws(AegisError) {
    let pin = pin(in: generation)
    if try !isMade(in: generation) {
      do {
        var object = try BPFObject(BPFObjects.decode(BPFObjects.relay), name: name)
        for map in aegis_map.all {
          try object.reuse(
            AnyBPFMap(pinnedAt: map.pin(in: generation)).descriptor, forMap: map.name)
        }
        try object.load()
        try object.pinProgram(name, at: pin)
      } catch {
        throw AegisError(loading: error)
      }
    }
    try kernel { () throws(SystemError) in
      try DescriptorArray(pinnedAt: AEGIS_MAP_parts.pin(in: generation))
        .put(BPFProgram(pinnedAt: pin), at: AEGIS_PART_RELAY)
    }
  }

  /// Whether the datapath continues with it.
  static func isInPlace(in generation: String) throws(AegisError) -> Bool {
    guard try isMade(in: generation) else { return false }
    return try kernel { () throws(SystemError) in
      let own = try BPFProgram(pinnedAt: pin(in: generation)).info().id
      return try DescriptorArray(pinnedAt: AEGIS_MAP_parts.pin(in: generation))
        .id(at: AEGIS_PART_RELAY) == own
    }
  }

  /// Makes in a generation what another one has, so that no packet waits for it when that comes into force.
  static func make(in generation: String, as other: String) throws(AegisError) {
    if try isMade(in: other) { try make(in: generation) }
  }

  /// - Precondition: no packet needs it any more.
  static func remove(from generation: String) throws(AegisError) {
    try kernel { () throws(SystemError) in
      try DescriptorArray(pinnedAt: AEGIS_MAP_parts.pin(in: generation)).remove(
        at: AEGIS_PART_RELAY)
      _ = try FileSystem.remove(pin(in: generation))
    }
  }

  static func isMade(in generation: String) throws(AegisError) -> Bool {
    try kernel { () throws(SystemError) in try FileSystem.exists(pin(in: generation)) }
  }
}
