import Aegis

/// One path of a packet through the datapath, or through an empty program.
struct StageCase {
  let name: String
  let subject: ProgramUnderTest
  let frame: [UInt8]
  /// The instance whose counters must show that the packet took that path.
  let aegis: AegisUnderTest?
  let reason: String

  static let source: UInt32 = 0x0a00_0001

  private init(_ name: String, _ subject: ProgramUnderTest, returning verdict: String) {
    self.name = name
    self.subject = subject
    frame = Frame.udp(from: Self.source)
    aegis = nil
    reason = verdict
  }

  private init(
    _ name: String, expecting reason: String, in lab: Lab, frame: [UInt8]? = nil,
    drops: UInt32 = 1024, prepare: (AegisUnderTest) throws -> Void = { _ in }
  ) throws {
    let aegis = try AegisUnderTest(name, drops: drops, in: lab)
    try prepare(aegis)
    try aegis.claimSlot(for: Lab.idleName)
    self.name = name
    self.aegis = aegis
    self.reason = reason
    self.frame = frame ?? Frame.udp(from: Self.source)
    subject = aegis.subject
  }

  /// Under deny, with replies.
  static func replies(_ sockets: ReplySockets, in lab: Lab) throws -> [StageCase] {
    func one(_ name: String, _ reason: String, _ frame: [UInt8]) throws -> StageCase {
      try StageCase(name, expecting: reason, in: lab, frame: frame) {
        try $0.denyAll(replies: true)
      }
    }
    return [
      try StageCase("deny, no replies", expecting: "drop.default", in: lab) { try $0.denyAll() },
      try one("a service's port", "drop.default", Frame.udp(from: source)),
      try one("UDP to no socket", "drop.default", Frame.udp(from: source, port: 32_770)),
      try one("TCP to no socket", "drop.default", Frame.tcp(from: source, port: 32_770)),
      try one("reply, UDP", "pass.reply", Frame.udp(from: source, port: sockets.udp)),
      try one("reply, TCP", "pass.reply", Frame.tcp(from: source, port: sockets.tcp)),
    ]
  }

  /// The datapath alone, and with an operator's program that lets everything pass.
  static func programs(in lab: Lab) throws -> [StageCase] {
    [
      try StageCase("none", expecting: "pass.default", in: lab),
      try StageCase("one that passes", expecting: "pass.hook", in: lab) { try $0.setHook() },
    ]
  }

  static func all(_ driver: Driver, in lab: Lab) throws -> [StageCase] {
    let key = try AllowKey(source: Prefix(.v4(source)), port: Frame.port, protocol: .udp)
    return [
      StageCase("empty XDP_DROP", driver.drop, returning: "-"),
      StageCase("empty XDP_PASS", driver.pass, returning: "-"),
      StageCase("the clock, XDP_DROP", driver.clockDrop, returning: "-"),
      try StageCase(
        "malformed: parse only", expecting: "drop.malformed", in: lab,
        frame: Frame.udp(from: source, length: 19)),
      try StageCase("nothing configured", expecting: "pass.default", in: lab),
      try StageCase("listed host, of 1", expecting: "drop.host", in: lab) {
        try $0.drop([Prefix(.v4(source))])
      },
      try StageCase("listed host, of 100k", expecting: "drop.host", in: lab, drops: 131_072) {
        try $0.drop((0..<100_000).map { Prefix(.v4(source + $0)) })
      },
      try StageCase("listed prefix, of 1", expecting: "drop.prefix", in: lab) {
        try $0.drop(prefixes(1))
      },
      try StageCase("listed prefix, of 1k", expecting: "drop.prefix", in: lab) {
        try $0.drop(prefixes(1000))
      },
      try StageCase("allow key under deny", expecting: "pass.key", in: lab) {
        try $0.allowOnly(key)
      },
      try StageCase("rate, conforming", expecting: "pass.default", in: lab) {
        try $0.limit(to: Limit(rate: 100_000_000, burst: 1_000_000))
      },
      try StageCase("rate, over it", expecting: "drop.rate", in: lab) {
        try $0.limit(to: Limit(rate: 1, burst: 1))
      },
    ]
  }

  private static func prefixes(_ count: UInt32) -> [Prefix] {
    (0..<count).compactMap { Prefix(address: .v4(source + $0 << 8), length: 24) }
  }
}
