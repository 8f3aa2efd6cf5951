import CAegis
import Testing

@testable import Aegis
@testable import TestModel

/// The compile step, by the library on maps of its own; the kernel is not needed.
@Suite("Rules become tables")
struct RuleCompilerTests {
  private static func rule(_ number: Int, _ change: (inout RuleMatch) -> Void) throws -> Rule {
    var rule = Rule(try RuleName("r\(number)"), .drop)
    change(&rule.match)
    return rule
  }

  private static func host(_ rules: [Rule]) throws -> HostDatapath {
    var policy = Aegis.Policy()
    policy.rules = rules
    return try PolicyImage(policy).host
  }

  private static func drops(_ packet: RulePacket, by host: HostDatapath) throws -> Bool {
    try host.judge(packet.frame, at: .now, charges: true).reason.name == "drop.rule"
  }

  private static func refusal(of rules: [Rule]) -> AegisError? {
    #expect(throws: AegisError.self) { try host(rules) }
  }

  @Test("more classes of ports than there is room for are refused, and who has most is named")
  func tooManyPorts() throws {
    let rules = try (0..<256).map { number in
      let count = number == 7 ? 9 : 5
      return try Self.rule(number) {
        $0.ports = RulePorts(
          NumberSet((0..<count).map { UInt16(number * 40 + $0 * 2)...UInt16(number * 40 + $0 * 2) })
        )
      }
    }
    // 256 rules have one class each, for all their ports are alike: overlaps make more.
    _ = try Self.host(rules)
    let overlapping = try (0..<256).map { number in
      try Self.rule(number) { match in
        match.ports = RulePorts(
          NumberSet(
            (0..<(number == 7 ? 9 : 5)).map { part in
              let first = UInt16((number * 37 + part * 6007) % 60_000)
              return first...(first + 3000 + UInt16(number))
            }))
      }
    }
    let error = Self.refusal(of: overlapping)
    #expect(error?.message.contains("1024 kinds of destination ports") == true, "\(error as Any)")
    #expect(error?.hint?.contains("r7") == true, "\(error as Any)")
  }

  @Test("more ranges of addresses than there is room for are refused", arguments: [4, 6])
  func tooManyAddresses(family: Int) throws {
    let rules = try (0..<150).map { number in
      try Self.rule(number) { match in
        match.from = RuleAddresses(
          (0..<(number == 9 ? 12 : 8)).map { part in
            let place = number * 16 + part
            return Prefix(
              family == 4
                ? .v4(0x0a00_0000 + UInt32(place) * 2)
                : .v6(UInt128(0x2001_0db8_0000_0000 + UInt64(place) * 2) << 64 | 1))
          })
      }
    }
    let error = Self.refusal(of: rules)
    #expect(error?.message.contains("addresses") == true, "\(error as Any)")
    #expect(error?.hint?.contains("r9") == true, "\(error as Any)")
  }

  /// Prefixes that end within the lower half of an address, next to each other and at both ends.
  private static let halves: [[Prefix]] = [
    ["2001:db8::/64"], ["2001:db8::/65"], ["2001:db8:0:0:8000::/65"],
    ["2001:db8::/65", "2001:db8:0:0:8000::/65"],
    ["2001:db8::/128"], ["2001:db8::ffff:ffff:ffff:ffff"],
    ["2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:1::"],
    ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "2001:db8:0:2::/64"],
    ["2001:db8:0:0:ffff:ffff:ffff:ffff", "2001:db8:0:1::/128", "2001:db8:0:1::1"],
    ["2001:db8:0:0:ffff:ffff:ffff:ffff", "2001:db8:0:1:8000::/65"],
    ["2001:db8::/63", "2001:db8:0:2::/127"],
    ["::/0"], ["::/128"], ["::/65"], ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["ffff:ffff:ffff:ffff::/64"], ["ffff:ffff:ffff:ffff:8000::/65"],
    ["ffff:ffff:ffff:fffe:ffff:ffff:ffff:ffff"], ["::/1"], ["8000::/1"],
    ["::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ]

  @Test("lower halves of IPv6 addresses", arguments: halves)
  func lowerHalves(prefixes: [Prefix]) throws {
    let plain = try Self.host([try Self.rule(0) { $0.to = RuleAddresses(prefixes) }])
    var excluding = Rule(try RuleName("other"), .drop)
    excluding.exceptions.to = RuleAddresses(prefixes)
    let other = try Self.host([excluding])
    // A second rule splits the same halves elsewhere.
    let split = try Self.host([
      try Self.rule(0) { $0.to = RuleAddresses(["2001:db8::7", "2001:db8:0:1:1::/80"]) },
      try Self.rule(1) { $0.to = RuleAddresses(prefixes) },
    ])
    for prefix in prefixes + Self.halves.flatMap(\.self) {
      guard case .v6(let first) = prefix.address else { continue }
      let free = 128 - prefix.length
      let last = free == 128 ? .max : first | (1 << UInt128(free) - 1)
      for bits in [first, last, first &- 1, last &+ 1, first &+ 1 << 63] {
        let packet = RulePacket(source: "2001:db8:ffff::1", destination: .v6(bits))
        let isIn = prefixes.contains { $0.contains(.v6(bits)) }
        let comment: Comment = "\(prefixes), \(IPAddress.v6(bits))"
        #expect(try Self.drops(packet, by: plain) == isIn, comment)
        #expect(try Self.drops(packet, by: other) == !isIn, comment)
        let isSplit = ["2001:db8::7", "2001:db8:0:1:1::/80"].contains { (prefix: Prefix) in
          prefix.contains(.v6(bits))
        }
        #expect(try Self.drops(packet, by: split) == (isIn || isSplit), comment)
      }
    }
  }

  @Test("IPv4 addresses to their very ends")
  func v4() throws {
    let sets: [[Prefix]] = [
      ["0.0.0.0/0"], ["0.0.0.0"], ["255.255.255.255"], ["128.0.0.0/1"], ["0.0.0.0/1"],
      ["192.0.2.0/25", "192.0.2.128/25"], ["255.255.255.254/31", "0.0.0.0/31"],
    ]
    for prefixes in sets {
      let host = try Self.host([try Self.rule(0) { $0.from = RuleAddresses(prefixes) }])
      for bits: UInt32 in [
        0, 1, 2, 0x7fff_ffff, 0x8000_0000, 0xc000_01ff, 0xc000_0200, 0xc000_027f, 0xc000_0280,
        0xc000_02ff, 0xc000_0300, .max - 2, .max - 1, .max,
      ] {
        let packet = RulePacket(source: .v4(bits), destination: "192.0.2.1")
        #expect(
          try Self.drops(packet, by: host) == prefixes.contains { $0.contains(.v4(bits)) },
          "\(prefixes), \(IPAddress.v4(bits))")
      }
    }
  }

  @Test("numbers at the very end of a field")
  func ends() throws {
    var packet = RulePacket(source: "192.0.2.1", destination: "192.0.2.2")
    let last = try Self.host([
      try Self.rule(0) {
        $0.ports = RulePorts(NumberSet([65535...65535]))
        $0.sourcePorts = RulePorts(NumberSet([0...0]))
        $0.hopLimits = NumberSet([255...255])
        $0.dscp = NumberSet([63...63])
        $0.vlans = NumberSet([4094...4094])
        $0.lengths = NumberSet([65535...65535])
        $0.tcpFlags = TCPFlags(0xff, of: 0xff)
      }
    ])
    (packet.port, packet.sourcePort, packet.hopLimit, packet.dscp) = (65535, 0, 255, 63)
    (packet.tags, packet.length, packet.flags) = ([4094 | 0xe000], 65535, 0xff)
    #expect(try Self.drops(packet, by: last))
    let changes: [(inout RulePacket) -> Void] = [
      { $0.port = 65534 }, { $0.port = 0 }, { $0.sourcePort = 1 }, { $0.hopLimit = 254 },
      { $0.dscp = 62 }, { $0.tags = [4093] }, { $0.tags = [4095] }, { $0.tags = [] },
      { $0.length = 65534 }, { $0.flags = 0x7f }, { $0.number = 17 },
      { $0.fragment = .last },
    ]
    for (place, change) in changes.enumerated() {
      var other = packet
      change(&other)
      #expect(try !Self.drops(other, by: last), "\(place)")
    }
  }

  @Test("the hook gets only packets that rules choose, once one of them chooses")
  func hook() throws {
    func reasons(_ rules: [Rule]) throws -> [String] {
      let host = try Self.host(rules)
      var config = try host.config()
      config.set(AEGIS_STAGE_HOOK.rawValue, true)
      try host.put(config)
      return try [53, 54, 55].map { (port: UInt16) in
        let packet = RulePacket(source: "192.0.2.1", destination: "192.0.2.2", port: port)
        return try host.judge(packet.frame, at: .now, charges: true).reason.name
      }
    }
    var dns = try Self.rule(0) { $0.ports = RulePorts(NumberSet([53...53])) }
    dns.action = .hook
    let drop = try Self.rule(1) { $0.ports = RulePorts(NumberSet([54...54])) }
    #expect(try reasons([]) == ["pass.hook", "pass.hook", "pass.hook"])
    #expect(try reasons([drop]) == ["pass.hook", "drop.rule", "pass.hook"])
    #expect(try reasons([dns, drop]) == ["pass.hook", "drop.rule", "pass.default"])
    var counted = dns
    counted.isMonitored = true
    #expect(try reasons([counted, drop]) == ["pass.hook", "drop.rule", "pass.hook"])
    var over = dns
    over.expires = 1
    #expect(try reasons([over, drop]) == ["pass.default", "drop.rule", "pass.default"])
  }

  @Test("each of 256 rules is found, wherever it is")
  func places() throws {
    let host = try Self.host(
      try (0..<256).map { number in
        try Self.rule(number) {
          $0.ports = RulePorts(NumberSet([UInt16(1000 + number)...UInt16(1000 + number)]))
        }
      })
    for number in 0..<256 as Range<UInt16> {
      let packet = RulePacket(source: "192.0.2.1", destination: "192.0.2.2", port: 1000 + number)
      let trace = try host.judge(packet.frame, at: .now, charges: true).trace
      #expect(trace.rule == UInt32(number) + 1)
    }
  }
}
