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
    // The sender drops frames that are not due yet, which costs a fraction of sending one.
    let chunk: Int32 = workload.interval > 0 ? 500_000 : 100_000
    let processorSeconds = try lab.send(
      flow.frame, through: driver.send, chunk, seconds: flow.seconds, on: flow.processors)
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

extension Lab {
  /// Runs a program that sends live frames in the other namespace, in chunks of so many.
  ///
  /// - Returns: Processor time of the senders in seconds.
  func send(
    _ frame: [UInt8], through sender: ProgramUnderTest, _ chunk: Int32, seconds: Double,
    on processors: [Int]
  ) throws -> Double {
    let end = Clock.monotonic() + UInt64(seconds * 1e9)
    let threads = processors.map { processor in
      PinnedThread(on: processor) { [self] in
        try NetworkNamespace.enter(namespaces.away)
        repeat {
          _ = try sender.program.testRun(frame, repeat: chunk, live: true)
        } while Clock.monotonic() < end
      }
    }
    return try threads.reduce(0) { try $0 + $1.join() }
  }
}
