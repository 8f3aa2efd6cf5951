internal import BPF
internal import CAegis
internal import Linux

/// An operator's program that is tried on frames, of which the datapath knows nothing.
public final class HookTrial {
  /// What it did with a frame.
  public enum Outcome: Hashable, Sendable {
    case ended(Verdict)
    /// It returned this action of XDP by itself; the packet is not counted.
    case returned(String)
    /// It is not asked about such a frame.
    case notAsked

    public var passes: Bool {
      switch self {
      case .ended(.pass), .notAsked, .returned("XDP_PASS"): true
      default: false
      }
    }
  }

  private let driver: BPFProgram
  private let trial: BPFMap<UInt32, aegis_hook_trial>
  private let object: BPFObject

  /// Maps by which it continues in the trial.
  private static let ways = [AEGIS_MAP_hook_packet, AEGIS_MAP_hook_exit]
  private static let name = "\(AEGIS_PROGRAM)_trial"
  private static let counts = ".bss"
  private static let actions = ["XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX", "XDP_REDIRECT"]

  /// Loads one that is not in place, with maps that nothing else uses.
  public convenience init(of hook: HookObject, on datapath: Datapath) throws(AegisError) {
    let object = try datapath.load(
      build: BPFObjects.trial, named: Self.name,
      besides: Self.ways + [AEGIS_MAP_parts, AEGIS_MAP_hook_work])
    let loaded = try hook.load(onMaps: Self.ways, of: object)
    do {
      let exits = DescriptorArray(
        try object.mapDescriptor(AEGIS_MAP_hook_exit.name), named: AEGIS_MAP_hook_exit.name)
      for exit in HookExit.all {
        let program = BPFProgram(try object.programDescriptor(exit.name), name: exit.name)
        try exits.put(program, at: exit.place)
      }
    } catch {
      throw AegisError(error)
    }
    try self.init(object, of: loaded.program)
  }

  /// Tries the one in place, which keeps its maps. The exits of the datapath find no packet that was given to it, and
  /// only carry out its verdict.
  ///
  /// - Returns: nil if there is none.
  convenience init?(ofThatInPlaceOn datapath: Datapath) throws(AegisError) {
    let program = try kernel { () throws(SystemError) in
      try HookProgram.placed(in: datapath.root.current)
    }
    guard let program else { return nil }
    let object = try datapath.load(
      build: BPFObjects.trial, named: Self.name, besides: [AEGIS_MAP_parts])
    try self.init(object, of: program)
  }

  private init(
    _ object: consuming BPFObject, of program: borrowing BPFProgram
  ) throws(AegisError) {
    do {
      let parts = DescriptorArray(
        try object.mapDescriptor(AEGIS_MAP_parts.name), named: AEGIS_MAP_parts.name)
      try parts.put(program, at: AEGIS_PART_HOOK)
      let driver = BPFProgram(try object.programDescriptor(Self.name), name: Self.name)
      trial = try BPFMap(object.mapDescriptor(Self.counts), name: Self.counts)
      self.driver = driver
    } catch {
      throw AegisError(error)
    }
    self.object = object
  }

  /// Runs it on a frame.
  public func run(_ frame: [UInt8]) throws(AegisError) -> Outcome {
    do {
      let before = try counts()
      let run = try driver.testRun(frame, returningPacket: false)
      let after = try counts()
      if after.tried == before.tried { return .notAsked }
      if after.returned == before.returned {
        let action = Int(run.returnValue)
        return .returned(action < Self.actions.count ? Self.actions[action] : "\(action)")
      }
      return .ended(run.returnValue == 2 ? .pass : run.returnValue == 1 ? .drop : .reply)
    } catch {
      throw AegisError(error)
    }
  }

  private func counts() throws(SystemError) -> aegis_hook_trial {
    try trial.value(forKey: 0) ?? aegis_hook_trial()
  }
}
