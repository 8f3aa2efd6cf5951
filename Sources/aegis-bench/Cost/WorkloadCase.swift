import CBench

/// A limiter under a workload.
final class WorkloadCase {
  let workload: Workload
  let name: String
  let bytesPerSource: Double?
  private let subject: ProgramUnderTest
  private let verdicts: () throws -> Verdicts
  private let driver: Driver
  private let stopwatch: Stopwatch
  private(set) var samples: [Double] = []

  private init(
    _ workload: Workload, _ subject: ProgramUnderTest, _ driver: Driver, _ stopwatch: Stopwatch,
    verdicts: @escaping () throws -> Verdicts
  ) throws {
    self.workload = workload
    self.subject = subject
    self.verdicts = verdicts
    self.driver = driver
    self.stopwatch = stopwatch
    name = subject.name
    bytesPerSource = subject.bytesPerSource
    try driver.aim(at: subject, workload.workload)
    _ = try driver.drive.time(
      workload.warmUp, on: Frame.udp(from: 0), interface: stopwatch.lab.idle)
  }

  /// The driver alone, then the limiters; the first limiter is the one to compare with.
  static func all(
    before workload: Workload, _ driver: Driver, _ stopwatch: Stopwatch
  ) throws -> [WorkloadCase] {
    let lab = stopwatch.lab
    var cases = [try WorkloadCase(workload, driver.drop, driver, stopwatch) { Verdicts() }]
    for limiter in Limiter.allCases {
      let loaded = try limiter.load(entries: workload.entries, limit: workload.limit, in: lab)
      cases.append(
        try WorkloadCase(workload, loaded.subject, driver, stopwatch, verdicts: loaded.verdicts))
    }
    let ways = Limiter.lines(workload.entries) * Limiter.ways
    let aegis = try AegisUnderTest("Aegis, all of it", sources: ways, in: lab)
    try aegis.limit(to: workload.limit)
    try aegis.claimSlot(for: Lab.idleName)
    cases.append(
      try WorkloadCase(workload, aegis.subject, driver, stopwatch, verdicts: aegis.verdicts))
    return cases
  }

  func sample() throws {
    try driver.aim(at: subject, workload.workload)
    samples.append(try stopwatch.time(driver.drive, on: Frame.udp(from: 0)))
  }

  /// The share of all packets that were dropped.
  func droppedShare() throws -> Double {
    let verdicts = try verdicts()
    return verdicts.total == 0 ? 0 : Double(verdicts.dropped) / Double(verdicts.total)
  }
}
