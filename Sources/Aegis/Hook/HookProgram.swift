internal import BPF
internal import CAegis
internal import Linux

/// The operator's program in a generation: its pin, its place in `parts`, and the programs that it continues with.
enum HookProgram {
  static let name = "\(AEGIS_PROGRAM)_hook"

  static func pin(in generation: String) -> String { generation + "/" + name }

  /// Where a new one is pinned until it is in its place.
  static func newPin(in generation: String) -> String { pin(in: generation) + "_new" }

  /// The maps that it shares with the datapath.
  static func maps(in generation: String) -> [String] {
    [AEGIS_MAP_hook_packet, AEGIS_MAP_hook_exit].map { $0.pin(in: generation) }
  }

  private static func parts(in generation: String) throws(SystemError) -> DescriptorArray {
    try DescriptorArray(pinnedAt: AEGIS_MAP_parts.pin(in: generation))
  }

  /// Loads what it continues with, and puts it in place.
  static func makeExits(in generation: String) throws(AegisError) {
    do {
      var object = try BPFObject(BPFObjects.decode(BPFObjects.hook), name: name)
      for map in aegis_map.all {
        try object.reuse(
          AnyBPFMap(pinnedAt: map.pin(in: generation)).descriptor, forMap: map.name)
      }
      try object.load()
      try putExits(of: object, in: generation, pinnedIn: generation)
    } catch {
      throw AegisError(loading: error)
    }
  }

  /// - Parameters:
  ///   - object: It is loaded, and has a program for each exit.
  ///   - directory: Where they are pinned, so that they can be told from those of others.
  static func putExits(
    of object: borrowing BPFObject, in generation: String, pinnedIn directory: String
  ) throws(SystemError) {
    let array = try DescriptorArray(pinnedAt: AEGIS_MAP_hook_exit.pin(in: generation))
    for exit in HookExit.all {
      let program = BPFProgram(try object.programDescriptor(exit.name), name: exit.name)
      let pin = exit.pin(in: directory)
      _ = try FileSystem.remove(pin)
      try program.pin(at: pin)
      try array.put(program, at: exit.place)
    }
  }

  /// Puts a program in place of the one that is there, by one store.
  static func put(_ hook: borrowing LoadedHook, in generation: String) throws(AegisError) {
    try kernel { () throws(SystemError) in
      let new = newPin(in: generation)
      _ = try FileSystem.remove(new)
      try hook.program.pin(at: new)
      try parts(in: generation).put(hook.program, at: AEGIS_PART_HOOK)
      try FileSystem.rename(new, to: pin(in: generation))
    }
  }

  /// Puts the pinned one in place again.
  static func put(in generation: String) throws(AegisError) {
    try kernel { () throws(SystemError) in
      try parts(in: generation).put(
        BPFProgram(pinnedAt: pin(in: generation)), at: AEGIS_PART_HOOK)
    }
  }

  /// Gives a generation the program of another one, so that no packet waits for it when that comes into force.
  static func make(in generation: String, as other: String) throws(AegisError) {
    try kernel { () throws(SystemError) in
      let own = pin(in: generation)
      _ = try FileSystem.remove(own)
      guard try FileSystem.exists(pin(in: other)) else {
        try parts(in: generation).remove(at: AEGIS_PART_HOOK)
        return
      }
      let program = try BPFProgram(pinnedAt: pin(in: other))
      try program.pin(at: own)
      try parts(in: generation).put(program, at: AEGIS_PART_HOOK)
    }
  }

  static func remove(from generation: String) throws(AegisError) {
    try kernel { () throws(SystemError) in
      try parts(in: generation).remove(at: AEGIS_PART_HOOK)
      // Those that are with the program must find the way out.
      try GracePeriod.wait()
      let exits = try DescriptorArray(pinnedAt: AEGIS_MAP_hook_exit.pin(in: generation))
      for exit in HookExit.all { try exits.remove(at: exit.place) }
      let pins = HookExit.all.map { $0.pin(in: generation) }
      for path in pins + [newPin(in: generation), pin(in: generation)] {
        _ = try FileSystem.remove(path)
      }
    }
  }

  /// The kernel's number of the program that packets are given to; nil if there is none.
  static func id(in generation: String) throws(SystemError) -> UInt32? {
    try parts(in: generation).id(at: AEGIS_PART_HOOK)
  }

  /// The same of the pinned one.
  static func info(in generation: String) throws(SystemError) -> ProgramInfo? {
    guard try FileSystem.exists(pin(in: generation)) else { return nil }
    return try BPFProgram(pinnedAt: pin(in: generation)).info()
  }

  /// Whether there is one, pinned or in its place.
  static func exists(in generation: String) throws(SystemError) -> Bool {
    if try FileSystem.exists(pin(in: generation)) { return true }
    return try id(in: generation) != nil
  }

  /// Whether all that it continues with is there, and is that of this generation, or of a measurement.
  static func hasExits(
    in generation: String, measuring: String
  ) throws(SystemError) -> Bool {
    let exits = try DescriptorArray(pinnedAt: AEGIS_MAP_hook_exit.pin(in: generation))
    for exit in HookExit.all {
      guard let id = try exits.id(at: exit.place) else { return false }
      let pins = [generation, measuring].map(exit.pin)
      guard pins.contains(where: { (try? BPFProgram(pinnedAt: $0).info().id) == id }) else {
        return false
      }
    }
    return true
  }

  /// The program that packets are given to, by its pin if it is that; by its number, which needs CAP_SYS_ADMIN, if the pin
  /// is lost.
  static func placed(in generation: String) throws(SystemError) -> BPFProgram? {
    guard let id = try id(in: generation) else { return nil }
    if try info(in: generation)?.id == id { return try BPFProgram(pinnedAt: pin(in: generation)) }
    return try BPFProgram.open(id: id)
  }
}
