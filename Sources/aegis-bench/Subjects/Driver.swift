import BPF
import CBench

/// The programs that do nothing, and one that has a subject see packets of many sources.
final class Driver {
  let drop: Subject
  let pass: Subject
  /// Runs `subject` on packets of the crowd.
  let drive: Subject
  let send: Subject
  private let workload: BPFMap<UInt32, bench_workload>
  private let sender: PerCPUMap<bench_sender>
  private let subject: BPFMap<UInt32, UInt32>

  init() throws {
    var object = try BenchObjects.open(BenchObjects.driver, name: "driver")
    try object.load()
    drop = try Subject("empty XDP_DROP", object.programDescriptor("empty_drop"))
    pass = try Subject("empty XDP_PASS", object.programDescriptor("empty_pass"))
    drive = try Subject("driver", object.programDescriptor("drive"))
    send = try Subject("sender", object.programDescriptor("send"))
    workload = try BPFMap(object.mapDescriptor("workload"), name: "workload")
    sender = try PerCPUMap(object.mapDescriptor("sender"), name: "sender")
    subject = try BPFMap(object.mapDescriptor("subject"), name: "subject")
  }

  func aim(at subject: Subject, _ workload: bench_workload) throws {
    try set(workload)
    try self.subject.update(UInt32(subject.descriptor.rawValue), forKey: 0)
  }

  func set(_ workload: bench_workload) throws {
    try self.workload.update(workload, forKey: 0)
    try reset()
  }

  /// Every processor starts with sources of its own.
  func reset() throws {
    var state = bench_sender()
    state.random = UInt64.random(in: 0 ... .max)
    try sender.set(state, at: 0)
  }

  /// By processor.
  func sent() throws -> [bench_sender] { try sender.values(at: 0) }
}
