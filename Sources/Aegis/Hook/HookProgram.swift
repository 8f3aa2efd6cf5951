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
      try putExits(of: object, in: generation)
    } catch {
      throw AegisError(loading: error)
    }
  }

  /// - Parameter object: It is loaded, and has a program for each exit.
  static func putExits(
    of object: borrowing BPFObject, in generation: String
  ) throws(SystemError) {
    let array = try DescriptorArray(pinnedAt: AEGIS_MAP_hook_exit.pin(in: generation))
    for exit in HookExit.all {
      try array.put(
        BPFProgram(try object.programDescriptor(exit.name), name: exit.name), at: exit.place)
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
      for path in [newPin(in: generation), pin(in: generation)] {
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

  /// Whether all that it continues with is there, and counts in this generation.
  static func hasExits(in generation: String) throws(SystemError) -> Bool {
    let exits = try DescriptorArray(pinnedAt: AEGIS_MAP_hook_exit.pin(in: generation))
    let own = try AnyBPFMap(pinnedAt: AEGIS_MAP_config.pin(in: generation)).info().id
    for exit in HookExit.all {
      guard let id = try exits.id(at: exit.place), let program = try BPFProgram.open(id: id),
        try program.info().mapIDs.contains(own)
      else { return false }
    }
    return true
  }
}
