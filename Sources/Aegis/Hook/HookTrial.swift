internal import BPF
internal import CAegis
internal import Linux

/// An operator's program that is tried on frames, with maps that nothing else uses.
public struct HookTrial: ~Copyable {
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
  private let work: PerCPUMap<aegis_hook_work>
  private let object: BPFObject

  /// Maps that the trial does not share with the datapath.
  private static let own = [
    AEGIS_MAP_parts, AEGIS_MAP_hook_packet, AEGIS_MAP_hook_exit, AEGIS_MAP_hook_work,
  ]
  private static let name = "\(AEGIS_PROGRAM)_trial"
  private static let actions = ["XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX", "XDP_REDIRECT"]

  public init(of hook: HookObject, on datapath: Datapath) throws(AegisError) {
    let object = try datapath.load(build: BPFObjects.trial, named: Self.name, besides: Self.own)
    let loaded = try hook.load(
      onMaps: [AEGIS_MAP_hook_packet, AEGIS_MAP_hook_exit], of: object)
    do {
      let parts = DescriptorArray(
        try object.mapDescriptor(AEGIS_MAP_parts.name), named: AEGIS_MAP_parts.name)
      try parts.put(loaded.program, at: AEGIS_PART_HOOK)
      let exits = DescriptorArray(
        try object.mapDescriptor(AEGIS_MAP_hook_exit.name), named: AEGIS_MAP_hook_exit.name)
      for exit in HookExit.all {
        let program = BPFProgram(try object.programDescriptor(exit.name), name: exit.name)
        try exits.put(program, at: exit.place)
      }
      let driver = BPFProgram(try object.programDescriptor(Self.name), name: Self.name)
      let name = AEGIS_MAP_hook_work.name
      work = try PerCPUMap<aegis_hook_work>(object.mapDescriptor(name), name: name)
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
      if after.handed == before.handed { return .notAsked }
      if after.returned == before.returned {
        let action = Int(run.returnValue)
        return .returned(action < Self.actions.count ? Self.actions[action] : "\(action)")
      }
      return .ended(run.returnValue == 2 ? .pass : run.returnValue == 1 ? .drop : .reply)
    } catch {
      throw AegisError(error)
    }
  }

  private func counts() throws(SystemError) -> (handed: UInt64, returned: UInt64) {
    let all = try work.values(at: 0)
    return (all.reduce(0) { $0 + $1.handed }, all.reduce(0) { $0 + $1.returned })
  }
}
