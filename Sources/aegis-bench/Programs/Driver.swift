import BPF
import CBench
import Linux

/// The empty programs, and one that runs a subject on packets of many sources.
final class Driver {
  let drop: ProgramUnderTest
  let pass: ProgramUnderTest
  /// The same behind tc: the packet is dropped, or goes on to the next program.
  let shot: ProgramUnderTest
  let next: ProgramUnderTest
  /// Reads the clock first, as every limiter must.
  let clockDrop: ProgramUnderTest
  /// Runs `subject` on packets of the workload.
  let drive: ProgramUnderTest
  /// Runs `subject` on IPv6 packets from random sources.
  let driveV6: ProgramUnderTest
  let send: ProgramUnderTest
  private let workload: BPFMap<UInt32, bench_workload>
  private let sender: PerCPUMap<bench_sender>
  private let subject: BPFMap<UInt32, UInt32>
  private let sentByTime: PerCPUMap<UInt64>

  init() throws {
    var object = try BenchObjects.open(BenchObjects.driver, name: "driver")
    try object.load()
    drop = try ProgramUnderTest("empty XDP_DROP", object.programDescriptor("empty_drop"))
    pass = try ProgramUnderTest("empty XDP_PASS", object.programDescriptor("empty_pass"))
    clockDrop = try ProgramUnderTest("the clock, XDP_DROP", object.programDescriptor("clock_drop"))
    drive = try ProgramUnderTest("driver", object.programDescriptor("drive"))
    driveV6 = try ProgramUnderTest("driver", object.programDescriptor("drive_v6"))
    send = try ProgramUnderTest("sender", object.programDescriptor("send"))
    var traffic = try BenchObjects.open(BenchObjects.traffic, name: "traffic")
    try traffic.load()
    shot = try ProgramUnderTest(
      "empty TC_ACT_SHOT", traffic.programDescriptor("empty_shot"), at: .tc)
    next = try ProgramUnderTest(
      "empty TC_ACT_UNSPEC", traffic.programDescriptor("empty_next"), at: .tc)
    workload = try BPFMap(object.mapDescriptor("workload"), name: "workload")
    sender = try PerCPUMap(object.mapDescriptor("sender"), name: "sender")
    subject = try BPFMap(object.mapDescriptor("subject"), name: "subject")
    sentByTime = try PerCPUMap(object.mapDescriptor("sent"), name: "sent")
  }

  func aim(at subject: ProgramUnderTest, _ workload: bench_workload) throws {
    try set(workload)
    try self.subject.update(UInt32(subject.descriptor.rawValue), forKey: 0)
  }

  func set(_ workload: bench_workload) throws {
    var workload = workload
    workload.start = Clock.monotonic()
    try self.workload.update(workload, forKey: 0)
    try reset()
  }

  /// The number of packets sent in each millisecond since the workload was set; resets the counts.
  func takeSentByTime() throws -> (start: UInt64, counts: [UInt64]) {
    guard let workload = try workload.value(forKey: 0) else { return (0, []) }
    let elapsed = UInt32((Clock.monotonic() - workload.start) / 1_000_000)
    let counts = try (0..<min(elapsed + 1, BENCH_MS)).map { millisecond in
      let count = try sentByTime.values(at: millisecond).reduce(0, +)
      if count > 0 { try sentByTime.set(0, at: millisecond) }
      return count
    }
    return (workload.start, counts)
  }

  /// Every processor starts with its own sources.
  func reset() throws {
    var state = bench_sender()
    state.random = UInt64.random(in: 0 ... .max)
    try sender.set(state, at: 0)
  }

  /// The senders' state by processor.
  func sent() throws -> [bench_sender] { try sender.values(at: 0) }
}
