import CBench

/// A limiter before a crowd.
final class CrowdCase {
  let crowd: Crowd
  let name: String
  let bytesPerSource: Double?
  private let subject: Subject
  private let verdicts: () throws -> Verdicts
  private let driver: Driver
  private let stopwatch: Stopwatch
  private(set) var samples: [Double] = []

  private init(
    _ crowd: Crowd, _ subject: Subject, _ driver: Driver, _ stopwatch: Stopwatch,
    verdicts: @escaping () throws -> Verdicts
  ) throws {
    self.crowd = crowd
    self.subject = subject
    self.verdicts = verdicts
    self.driver = driver
    self.stopwatch = stopwatch
    name = subject.name
    bytesPerSource = subject.bytesPerSource
    try driver.aim(at: subject, crowd.workload)
    _ = try driver.drive.time(crowd.warmUp, on: Frame.udp(from: 0), interface: stopwatch.lab.idle)
  }

  /// The driver alone, then the limiters, the one to compare with first.
  static func all(
    before crowd: Crowd, _ driver: Driver, _ stopwatch: Stopwatch
  ) throws -> [CrowdCase] {
    let lab = stopwatch.lab
    var cases = [try CrowdCase(crowd, driver.drop, driver, stopwatch) { Verdicts() }]
    for limiter in Limiter.allCases {
      let loaded = try limiter.load(entries: crowd.entries, limit: crowd.limit, in: lab)
      cases.append(
        try CrowdCase(crowd, loaded.subject, driver, stopwatch, verdicts: loaded.verdicts))
    }
    let ways = Limiter.lines(crowd.entries) * Limiter.ways
    let aegis = try AegisSubject("Aegis, all of it", sources: ways, in: lab)
    try aegis.limit(to: crowd.limit)
    try aegis.claimSlot(for: Lab.idleName)
    cases.append(
      try CrowdCase(crowd, aegis.subject, driver, stopwatch, verdicts: aegis.verdicts))
    return cases
  }

  func sample() throws {
    try driver.aim(at: subject, crowd.workload)
    samples.append(try stopwatch.time(driver.drive, on: Frame.udp(from: 0)))
  }

  /// Of all packets, those dropped.
  func droppedShare() throws -> Double {
    let verdicts = try verdicts()
    return verdicts.total == 0 ? 0 : Double(verdicts.dropped) / Double(verdicts.total)
  }
}
