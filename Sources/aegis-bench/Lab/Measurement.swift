import CBench
import Glibc
import Linux

/// One run of a flow at a competitor.
struct Measurement {
  /// Packets that reached it.
  let received: UInt64
  /// The time that the packets took.
  let seconds: Double
  /// nil if it has no counters.
  let verdicts: Verdicts?
  /// Busy time of all processors in seconds, without other processes.
  let busy: Double
  let sent: Generator.Sent

  /// Packets per second.
  var rate: Double { Double(received) / seconds }

  /// Packets that did not pass, whatever the rule: hashlimit does not count packets dropped by a full table.
  var dropped: Double? {
    verdicts.map { Double(received) - Double(min($0.passed, received)) }
  }

  init(of competitor: any Competitor, _ flow: Generator.Flow, by generator: Generator) throws {
    var flow = flow
    if flow.frame.isEmpty { flow.frame = competitor.frame }
    try self.init(of: competitor) { [flow] in try generator.run(flow, down: competitor.veth) }
  }

  init(of competitor: any Competitor, send: () throws -> Generator.Sent) throws {
    try competitor.attach()
    defer { try? competitor.detach() }
    let verdicts = try competitor.verdicts()
    let received = try competitor.veth.received()
    let times = Machine.Times()
    let begin = Clock.monotonic()
    sent = try send()
    seconds = Double(Clock.monotonic() - begin) / 1e9
    let after = Machine.Times()
    busy = (after.busy - times.busy - after.others(since: times)) / Machine.ticks
    usleep(2000)
    self.received = try competitor.veth.received() - received
    self.verdicts = try competitor.verdicts().flatMap { after in verdicts.map { after - $0 } }
  }
}
