import BPF
import CBench
import Linux

/// Sends live frames down a veth, from one processor or several at once.
final class Generator {
  let driver: Driver
  private let lab: Lab
  private let link: BPFLink

  init(_ driver: Driver, in lab: Lab) throws {
    self.driver = driver
    self.lab = lab
    link = try BPFLink(attaching: driver.send.program, to: lab.idle, mode: .native)
  }

  struct Flow {
    var workload: bench_workload
    var processors: [Int]
    var seconds: Double
    /// Empty: one that suits the competitor.
    var frame: [UInt8]
  }

  /// What was sent; `seconds` is set if the workload is stamped.
  struct Sent {
    var packets: UInt64 = 0
    var seconds = 0.0
    /// Processor time of the senders, which includes the receivers on the same processors.
    var processorSeconds = 0.0
    /// Stretches of a millisecond; the first and the last are shorter.
    var stretches: [Stretch] = []
  }

  struct Stretch {
    var packets: Double
    let seconds: Double
  }

  func run(_ flow: Flow, down veth: VethPair) throws -> Sent {
    var workload = flow.workload
    workload.interface = veth.farIndex
    workload.sum = Frame.partialSum(of: flow.frame)
    try driver.set(workload)
    let end = Clock.monotonic() + UInt64(flow.seconds * 1e9)
    // The sender drops frames that are not due yet, which costs a fraction of sending one.
    let chunk: Int32 = workload.interval > 0 ? 500_000 : 100_000
    let threads = flow.processors.map { processor in
      PinnedThread(on: processor) { [lab, driver] in
        try NetworkNamespace.enter(lab.namespaces.away)
        repeat {
          _ = try driver.send.program.testRun(flow.frame, repeat: chunk, live: true)
        } while Clock.monotonic() < end
      }
    }
    let processorSeconds = try threads.reduce(0) { try $0 + $1.join() }
    var sent = try sent(isStamped: workload.is_stamped != 0)
    sent.processorSeconds = processorSeconds
    return sent
  }

  private func sent(isStamped: Bool) throws -> Sent {
    let states = try driver.sent().filter { $0.packets > 0 }
    var sent = Sent(packets: states.reduce(0) { $0 + $1.packets })
    guard isStamped, let first = states.map(\.first).min(), let last = states.map(\.last).max()
    else { return sent }
    sent.seconds = Double(last - first) / 1e9
    let (start, counts) = try driver.takeSentByTime()
    for (index, count) in counts.enumerated() {
      let begin = max(first, start + UInt64(index) * 1_000_000)
      let end = min(last, start + UInt64(index + 1) * 1_000_000)
      if end < begin { continue }
      sent.stretches.append(
        Stretch(packets: Double(count), seconds: Double(end - begin) / 1e9))
    }
    return sent
  }
}
