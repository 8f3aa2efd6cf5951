internal import BPF
internal import CAegis
internal import Linux

/// The program of a direction behind tc. It is loaded when an interface first needs it, on the maps of a generation, and
/// pinned with them.
enum TrafficProgram {
  static func name(_ direction: Direction) -> String {
    "\(AEGIS_PROGRAM)_\(object(direction).name)"
  }

  private static func object(_ direction: Direction) -> (name: String, bytes: String) {
    direction == .in ? ("tc", BPFObjects.tc) : ("out", BPFObjects.out)
  }

  static let names = Direction.allCases.map(name)

  static func pin(_ direction: Direction, in generation: String) -> String {
    generation + "/" + name(direction)
  }

  /// Loads and pins it, unless it is there.
  static func make(_ direction: Direction, in generation: String) throws(AegisError) {
    let (pin, name) = (pin(direction, in: generation), name(direction))
    if try kernel({ () throws(SystemError) in try FileSystem.exists(pin) }) { return }
    do {
      var object = try BPFObject(BPFObjects.decode(object(direction).bytes), name: name)
      let directory = PinRoot.maps(of: direction, in: generation)
      for map in aegis_map.all {
        try object.reuse(AnyBPFMap(pinnedAt: map.pin(in: directory)).descriptor, forMap: map.name)
      }
      try object.load()
      try object.pinProgram(name, at: pin)
    } catch {
      throw AegisError(loading: error)
    }
  }

  /// Makes in a generation what another one has, so that no attachment waits for it when that comes into force.
  static func make(in generation: String, as other: String) throws(AegisError) {
    for direction in Direction.allCases {
      let isNeeded = try kernel { () throws(SystemError) in
        try FileSystem.exists(pin(direction, in: other))
      }
      if isNeeded { try make(direction, in: generation) }
    }
  }
}

extension Datapath {
  /// The program behind tc of the generation in force, which is loaded if it is not.
  func trafficProgram(_ direction: Direction) throws(AegisError) -> BPFProgram {
    try checkIsOwn()
    try TrafficProgram.make(direction, in: root.current)
    return try kernel { () throws(SystemError) in
      try BPFProgram(pinnedAt: TrafficProgram.pin(direction, in: root.current))
    }
  }

  /// The program in force of a kind of attachment, which is loaded if it is not.
  func program(_ direction: Direction, _ mode: AttachMode) throws(AegisError) -> BPFProgram {
    mode == .tc ? try trafficProgram(direction) : try program()
  }
}
