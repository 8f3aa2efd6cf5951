import Aegis
import CBench
import Glibc
import Linux

/// The whole datapath on packets from random sources, with and without classes by country.
struct ClassCase {
  enum Policy: String, CaseIterable {
    case nothing = "nothing"
    case classes = "three classes"
    case rate = "a rate"
    case rateFrom = "a rate, and one from a prefix"
    case rateAndClasses = "a rate, three classes"
    case rates = "three rates by class"

    /// The policy without classes to compare with.
    var base: Policy {
      switch self {
      case .nothing, .classes: .nothing
      case .rate, .rateFrom, .rateAndClasses, .rates: .rate
      }
    }

    fileprivate var hasClasses: Bool {
      switch self {
      case .classes, .rateAndClasses, .rates: true
      case .nothing, .rate, .rateFrom: false
      }
    }
  }

  private let policy: Policy
  private let aegis: AegisUnderTest

  private init(_ policy: Policy, _ geo: GeoTable, in lab: Lab) throws {
    self.policy = policy
    aegis = try AegisUnderTest(policy.rawValue, in: lab)
    if policy.hasClasses {
      try aegis.load(geo)
      try aegis.define("domestic", ["DE", "AT", "CH"])
      try aegis.define("suspicious", ["CN", "RU", "KP", "IR"])
    }
    let rate = try Rate("1000/s")
    if policy.base == .rate, policy != .rates { try aegis.set(RateRule(rate)) }
    if policy == .rateFrom {
      try aegis.set(RateRule(rate, for: RateSelector(prefix: Prefix("192.0.2.0/24"))))
    }
    if policy == .rates {
      for name in ["domestic", "suspicious", "foreign"] {
        try aegis.set(RateRule(rate, for: RateSelector(className: ClassName(name))))
      }
    }
    try aegis.claimSlot(for: Lab.idleName)
  }

  /// Nearly all addresses that are not multicast.
  private static var workload: bench_workload {
    var work = bench_workload()
    work.first = 0x0100_0000
    work.sources = 0xdf00_0000
    work.heavy_mask = .max
    return work
  }

  private func sample(_ driver: Driver, _ stopwatch: Stopwatch, isIPv6: Bool) throws -> Double {
    try driver.aim(at: aegis.subject, Self.workload)
    return isIPv6
      ? try stopwatch.time(driver.driveV6, on: Frame.udpV6)
      : try stopwatch.time(driver.drive, on: Frame.udp(from: 0))
  }

  /// nil without tor-geoipdb.
  static func table(
    _ driver: Driver, _ stopwatch: Stopwatch, _ effort: Effort
  ) throws -> Table? {
    guard CountryCase.files.allSatisfy({ access($0, R_OK) == 0 }) else { return nil }
    let geo = try GeoTable(GeoFile.read(CountryCase.files))
    let cases = try Policy.allCases.map { try ClassCase($0, geo, in: stopwatch.lab) }
    var table = Table(
      "Cost of classes, random sources, tor-geoipdb, BPF_PROG_TEST_RUN",
      [
        .init("family", "FAMILY"), .init("policy", "POLICY"), .init("ns", "NS"),
        .init("more", "MORE"), .init("best", "BEST MORE"), .init("base", "THAN"),
      ])
    for isIPv6 in [false, true] {
      var samples: [Policy: [Double]] = [:]
      for _ in 0..<effort.rounds * 3 {
        for one in cases {
          let sample = try one.sample(driver, stopwatch, isIPv6: isIPv6)
          samples[one.policy, default: []].append(sample)
        }
      }
      for policy in Policy.allCases {
        let (own, base) = (samples[policy] ?? [], samples[policy.base] ?? [])
        let isBase = policy == policy.base
        table.add([
          .text(isIPv6 ? "IPv6" : "IPv4"), .text(policy.rawValue),
          .number(own.median, decimals: 1),
          isBase ? .none : .number(zip(own, base).map { $0 - $1 }.median, decimals: 1),
          isBase ? .none : .number((own.min() ?? 0) - (base.min() ?? 0), decimals: 1),
          isBase ? .none : .text(policy.base.rawValue),
        ])
      }
    }
    return table
  }
}
