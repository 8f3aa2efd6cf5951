import Foundation
import Glibc
import TestSupport
import Testing

@testable import Aegis

/// What the tests of rates ask. Their rates are so slow that nothing is earned while a test runs.
extension Live {
  /// Gives packets of a kind a burst of their own.
  func limit(_ burst: Int, _ selector: String...) throws {
    try ok(["set-rate", "10/h", "--burst", "\(burst)"] + selector)
  }

  /// A rate of bytes whose burst may be less than the full frame that the tool insists on.
  func limitBytes(
    _ rate: String, _ burst: Int, from prefix: String? = nil, isTotal: Bool = false
  ) throws {
    let selector = RateSelector(prefix: try prefix.map { try Prefix($0) })
    let rule = RateRule(
      try Rate(rate, burst: UInt32(burst)), for: selector, isTotal: isTotal)
    try inProcess { rates, session in
      try PlanExecutor(rates.datapath).run(
        Plan(rates: .set([rule]), of: rates.datapath), in: session)
    }
  }

  /// How many of so many datagrams arrive.
  func passes(
    _ count: Int, from source: String? = nil, port: UInt16 = 7000, size: Int = 64
  ) throws -> Int {
    let receiver = try sandbox.receiver(port: port)
    try sandbox.send(from: source, port: port, count: count, size: size)
    return receiver.count(quiet: 0.1)
  }

  /// The rates as `dump` has them: `10/h 5 source 53/udp 192.0.2.0/24`.
  func rates() throws -> [String] {
    try ok(["dump", "rates"])["rates"].array.map { rate in
      let burst = rate["burst"].int.map { "\($0)" } ?? "-"
      let words = ["rate", "per", "port", "from"].compactMap { rate[$0].string }
      return (words.prefix(1) + [burst] + words.dropFirst()).joined(separator: " ")
    }
  }

  /// Changes rates in this process, where there are too many for a call each.
  func inProcess(_ body: (RateTable, borrowing Session) throws -> Void) throws {
    let session = try Session(at: PinRoot(aegis.root), timeout: .seconds(10))
    try body(RateTable(try session.datapath()), session)
  }

  /// Puts a policy in the place of the one before, whose debts are forgotten.
  func replace(policyBy policy: Policy) throws {
    try inProcess { rates, session in
      let plan = try Plan(from: try Policy(of: rates.datapath), to: policy, pruning: true)
      try PlanExecutor(rates.datapath).run(plan, in: session)
      try rates.reset(in: session)
    }
  }

  /// Until so many packets have been counted of the first interface, or 10 s are over.
  func await(packets count: UInt64) throws {
    let limit = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < limit {
      if try countedPackets() == count { return }
      usleep(500)
    }
    Issue.record("not all of \(count) packets came")
  }

  /// Of the first interface.
  func countedPackets() throws -> UInt64 {
    let datapath = try Datapath(at: PinRoot(aegis.root))
    let attachment = try #require(try Interfaces(datapath).attachments().first)
    let counts = try datapath.counts(of: attachment)
    return Verdict.allCases.reduce(0) { $0 + counts.total($1).packets }
  }
}

/// The clock that the limiter reads.
enum Monotonic {
  static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Waits until so much is left of an aligned period, if it has to for the next one.
  static func wait(for room: Double, ofPeriod period: Double) {
    let left = period - seconds().truncatingRemainder(dividingBy: period)
    if left < room { Thread.sleep(forTimeInterval: left + 0.001) }
  }

  /// Waits for the next period.
  static func waitForNext(ofPeriod period: Double) { wait(for: period, ofPeriod: period) }
}
