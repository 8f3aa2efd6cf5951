import BPF
import Foundation
import TestSupport
import Testing

@testable import Aegis
@testable import aegisctl

extension Kernel {
  /// What is said of a policy beforehand is what the kernel then does.
  struct HostAgreementTests {
    private static let isExhaustive =
      ProcessInfo.processInfo.environment["AEGIS_EXHAUSTIVE"] == "1"
    /// Each is changed to the next one: 10,000 sessions with AEGIS_EXHAUSTIVE=1, which takes minutes.
    private static let policies = isExhaustive ? 1000 : 60
    private static let sessions = 10

    /// The guard, before the policy changes, and a policy file, before it is loaded.
    @Test func guardAndFileSayWhatTheKernelDoes() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load", "--max-drops", "128", "--max-keys", "64", "--max-sources", "56"])
      let root = PinRoot(live.aegis.root)
      var texts = PolicyText(seed: 20_261_127)
      var random = SplitMix(state: 20_261_127)
      var seen = (cut: 0, kept: 0, rated: 0)
      var classes: [ClassName?: Int] = [:]
      var countries = ClassRanges.all[0]
      for number in 0..<Self.policies {
        let text = texts.document(now: Int(Date().timeIntervalSince1970))
        var reader = PolicyReader()
        reader.read(Array(text.utf8), named: "policy.yaml")
        let session = try Session(at: root, timeout: .seconds(5))
        let datapath = try session.datapath()
        let current = try Policy(of: datapath)
        let plan = try Plan(from: current, to: reader.policy, pruning: true)
        let after = try ProspectivePolicy(datapath, plan.steps)
        // Now and then addresses move to other countries with the policy.
        if number % 3 == 2 { countries = ClassRanges.all[number / 3 % 2] }
        let table = try countries.table()
        try after.host.lay(table)
        let fromFile = try PolicyProbe(reader.policy, geo: table)
        let watched = (0..<Self.sessions).map { _ in
          random.session(near: [current, reader.policy])
        }
        let causes = try watched.map { try after.cause(cutting: $0) }
        try GeoStore(datapath).replace(with: table, in: session)
        try PlanExecutor(datapath).run(plan, in: session)
        let inForce = try PolicyProbe(datapath)
        let program = try BPFProgram(pinnedAt: root.program)
        for (one, cause) in zip(watched, causes) {
          try RateTable(datapath).reset(in: session)
          let frames = one.packets(from: one.source).map(\.frame)
          let frame = frames[0]
          let comment: Comment = "policy \(number), \(one): \(String(describing: cause))\n\(text)"
          let counted = try ClassTable(datapath).counts()
          let passes = try program.testRun(frame).returnValue == 2
          let said = try fromFile.judge(frame)
          try #require((said.reason.verdict == .pass) == passes, "\(said.reason.name) \(comment)")
          let name = countries.className(of: one.source, in: reader.policy)
          classes[name, default: 0] += 1
          let told = try fromFile.trace(of: said)
          try #require(told.origin?.className == name, comment)
          let held = try inForce.trace(of: inForce.judge(frame))
          try #require(held.origin?.className == name, comment)
          try #require(held.origin?.country == told.origin?.country, comment)
          try #require(held.origin?.country == countries.country(of: one.source), comment)
          let moved = zip(try ClassTable(datapath).counts(), counted).filter {
            $0.passed.packets + $0.dropped.packets > $1.passed.packets + $1.dropped.packets
          }
          try #require(moved.map(\.0.name) == (name == nil ? [] : [name]), comment)
          switch cause {
          case nil:
            seen.kept += 1
            try #require(passes, comment)
          case .rate?, .keyRate?: seen.rated += 1
          default:
            seen.cut += 1
            let isLaterCut = try frames.dropFirst().contains {
              try program.testRun($0).returnValue != 2
            }
            try #require(!passes || isLaterCut, comment)
          }
        }
      }
      let least = Self.policies * Self.sessions / 20
      #expect(seen.cut > least && seen.kept > least && seen.rated > 0, "\(seen)")
      #expect(classes.count > 5 && classes.values.filter { $0 > 10 }.count > 4, "\(classes)")
    }
  }
}

/// The countries of addresses, and a second way to find the class of one: by a look at every range and prefix.
private struct ClassRanges {
  let ranges: [(first: IPAddress, last: IPAddress, country: String)]

  static let all: [ClassRanges] = [
    ClassRanges(ranges: [
      (.v4(0x0a00_0000), .v4(0x0a7f_ffff), "DE"), (.v4(0x0b00_0000), .v4(0x0b3f_ffff), "AT"),
      (.v4(0x0b40_0000), .v4(0x0bff_ffff), "FR"), (.v4(0x0d00_0000), .v4(0x0d00_007f), "IT"),
      (.v6(0x2001_0db8 << 96), .v6(0x2001_0db8_7fff << 80), "AT"),
    ]),
    ClassRanges(ranges: [
      (.v4(0x0900_0000), .v4(0x0b7f_ffff), "FR"), (.v4(0x0b80_0000), .v4(0x0cff_ffff), "DE"),
      (.v6(0x2001_0db8_4000 << 80), .v6(0x2001_0db8_ffff << 80), "IT"),
    ]),
  ]

  func table() throws -> GeoTable {
    let text = ranges.map { "\($0.first),\($0.last),\($0.country)\n" }.joined()
    return try GeoTable([GeoFile(name: "test", bytes: Array(text.utf8))])
  }

  func country(of address: IPAddress) -> CountryCode? {
    let bits = { (address: IPAddress) in address.leftAligned }
    return ranges.first {
      $0.first.width == address.width && bits($0.first) <= bits(address)
        && bits(address) <= bits($0.last)
    }.map { try! CountryCode($0.country) }
  }

  /// nil where nothing asks for classes.
  func className(of address: IPAddress, in policy: Policy) -> ClassName? {
    let classes = policy.classes ?? [:]
    let isAsked = policy.rates?.contains { $0.selector.className != nil } ?? false
    let rules = (policy.rules ?? []) + (policy.out?.rules ?? [])
    if classes.isEmpty, !isAsked, !rules.contains(where: { $0.namesClasses }) { return nil }
    let named = classes.flatMap { name, one in one.prefixes.map { (name: name, prefix: $0) } }
      .filter { $0.prefix.contains(address) }.max { $0.prefix.length < $1.prefix.length }
    if let named { return named.name }
    guard let country = country(of: address) else { return .foreign }
    return classes.first { $0.value.countries.contains(country) }?.key ?? .foreign
  }
}

/// Steele, Lea and Flood, 2014: the same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
    return bits ^ bits >> 31
  }

  /// SSH of somebody that one of the policies names, or of anybody.
  mutating func session(near policies: [Policy]) -> GuardedFlow {
    let keys = policies.flatMap { $0.keys?.keys.map(\.key) ?? [] }
    let named =
      policies.flatMap { $0.drops.map { Array($0.keys) } ?? [] } + keys.compactMap(\.source)
      + policies.flatMap { $0.classes?.values.flatMap(\.prefixes) ?? [] }
    let prefix = named.sorted().randomElement(using: &self) ?? Prefix(.v4(0xc000_0201))
    let hosts = UInt128(next()) << 64 | UInt128(next())
    let inside = UInt128.max >> UInt128(min(prefix.length, 127))
    let bits =
      Bool.random(using: &self) || prefix.isHost
      ? prefix.address.leftAligned : prefix.address.leftAligned ^ (hosts & inside)
    let port =
      keys.compactMap { $0.ports?.numbers.ranges.last?.upperBound }.sorted()
      .randomElement(using: &self) ?? 22
    return .ssh(
      prefix.address.replacing(leftAligned: bits), port: Bool.random(using: &self) ? port : 22)
  }
}
