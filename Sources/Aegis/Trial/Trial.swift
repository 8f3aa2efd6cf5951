internal import BPF
internal import CAegis
internal import Linux

/// The loaded policy, asked about packets that never were on a wire: the datapath's own code in the kernel, on its own
/// maps, which counts nothing and charges nothing.
public struct Trial: ~Copyable {
  /// Which buckets rates are judged by.
  public enum Buckets: Sendable {
    /// Those in force, which stay as they are.
    case inForce
    /// As many of their own, all full at first, that are charged from packet to packet.
    case own
  }

  /// When a packet is judged, in ns of both of the kernel's clocks.
  public struct Moment: Sendable {
    public let monotonic: UInt64
    /// What expires is compared with this one.
    public let boottime: UInt64

    public init(monotonic: UInt64, boottime: UInt64) {
      self.monotonic = monotonic
      self.boottime = boottime
    }

    public static var now: Moment {
      Moment(monotonic: Clock.monotonic(), boottime: Clock.boottime())
    }
  }

  /// Bytes of the smallest frame that the kernel runs a program on, and of one with the longest IP packet behind tags; a
  /// longer packet (BIG TCP) is known by as much of it.
  public static let frameSizes = 14...65_536 + 128

  private static let map = "trial"
  private static let program = "aegis_trial"

  private let program: BPFProgram
  private let shared: MappedValue<aegis_trial>
  private let charges: Bool

  /// - Throws: `kernelRefused`, and `notPermitted` without the capabilities of `load`.
  public init(_ datapath: Datapath, buckets: Buckets = .inForce) throws(AegisError) {
    if !datapath.isOfThisBuild {
      Notice.give("another build of aegisctl loaded the datapath: this one's logic answers")
    }
    charges = buckets == .own
    var fresh: [aegis_map: UInt32] = [:]
    if charges { fresh[AEGIS_MAP_cells] = try datapath.capacity().cells }
    let object = try datapath.load(build: BPFObjects.trial, named: Self.program, fresh: fresh)
    let program = try kernel { () throws(SystemError) in
      BPFProgram(try object.programDescriptor(Self.program), name: Self.program)
    }
    let shared = try kernel { () throws(SystemError) in
      try MappedValue<aegis_trial>(object.mapDescriptor(Self.map), name: Self.map)
    }
    self.program = program
    self.shared = shared
  }

  /// What would become of an Ethernet frame.
  ///
  /// - Parameter moment: nil for now.
  /// - Throws: `badInput` for a frame that is not one of `frameSizes`.
  ///
  /// The corresponding command of `bpf(2)` is `BPF_PROG_TEST_RUN`.
  public func judge(
    _ frame: [UInt8], at moment: Moment? = nil
  ) throws(AegisError) -> Judgement {
    guard Self.frameSizes ~= frame.count else {
      throw AegisError(.badInput, "a frame of \(frame.count) bytes is none that Ethernet carries")
    }
    let moment = moment ?? .now
    var input = aegis_trial()
    input.now = moment.monotonic
    input.boot = moment.boottime
    input.charges = charges ? 1 : 0
    shared.set(input)
    _ = try kernel { () throws(SystemError) in
      try program.testRun(frame, returningPacket: false)
    }
    return Judgement(shared.value)
  }
}
