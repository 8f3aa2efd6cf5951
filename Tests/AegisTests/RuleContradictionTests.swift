import Testing

@testable import Aegis

@Suite struct RuleContradictionTests {
  /// A rule of options: `port=80/tcp`, `!from=192.0.2.0/24`.
  private static func rule(_ fields: String) throws -> Rule {
    var rule = Rule(try RuleName("x"), .drop)
    var notes: [InputNote] = []
    for field in fields.split(separator: " ") {
      let (name, value) = field.split(at: "=")
      let isNegated = name.hasPrefix("!")
      let selector = try #require(RuleSelector(rawValue: String(name.drop { $0 == "!" })))
      let text = try #require(value)
      if isNegated {
        try rule.exceptions.set(selector, to: text, noting: &notes)
      } else {
        try rule.match.set(selector, to: text, noting: &notes)
      }
    }
    return rule
  }

  @Test(arguments: [
    ("protocol=udp port=80/tcp", "no packet has both protocol udp and port 80/tcp"),
    ("protocol=icmp port=80", "no packet has both protocol icmp and port 80"),
    ("port=80/tcp sourcePort=80/udp", "no packet has both port 80/tcp and source-port 80/udp"),
    ("tcpFlags=syn icmp=echo-request", "no packet has both tcp-flags syn and icmp echo-request"),
    ("!protocol=tcp !port=80/tcp", "no packet has both not-protocol tcp and not-port 80/tcp"),
    ("tcpFlags=syn port=53/udp", "no packet has both port 53/udp and tcp-flags syn"),
    ("from=192.0.2.0/24 to=2001:db8::/32", "both from 192.0.2.0/24 and to 2001:db8::/32"),
    ("from=2001:db8::/32 icmp=source-quench", "both from 2001:db8::/32 and icmp source-quench"),
    ("protocol=udp,icmp !protocol=udp port=53", "all of protocol icmp,udp, not-protocol udp, port"),
    ("from=192.0.2.0/24 !from=192.0.0.0/16", "leaves nothing of from 192.0.2.0/24"),
    ("from=list:a !from=list:a,list:b", "leaves nothing of from list:a"),
    ("!from=any", "leaves nothing"), ("port=80-90 !port=70-95", "leaves nothing of port 80-90"),
    ("!length=0-65535", "not-length 0-65535 leaves nothing"),
    ("tcpFlags=syn,ack !tcpFlags=ack", "not-tcp-flags ack leaves nothing of tcp-flags syn,ack"),
    ("icmp=3/4 !icmp=destination-unreachable,3", "leaves nothing of icmp 3/4"),
    ("class=a !class=a,b", "leaves nothing"), ("interface=eth0 !interface=eth0", "leaves nothing"),
    ("fragment=true !fragment=true", "leaves nothing"), ("dscp=ef !dscp=46", "leaves nothing"),
  ])
  func matchesNothing(_ fields: String, _ reason: String) throws {
    let said = try #require(try Self.rule(fields).contradiction, "\(fields)")
    #expect(said.contains(reason), "\(said)")
  }

  @Test(arguments: [
    "", "port=80", "protocol=tcp port=80", "port=80/tcp !port=81/tcp", "fragment=true port=80",
    "protocol=tcp,udp tcpFlags=syn", "from=any to=2001:db8::/32", "from=192.0.2.0/24 to=list:a",
    "icmp=echo-request from=2001:db8::1", "port=80-90 !port=85", "!protocol=tcp port=53",
    "from=192.0.2.0/24 !from=192.0.2.7", "from=list:a !from=list:b", "tcpFlags=syn !tcpFlags=ack",
    "icmp=3/4 !icmp=3/3", "!vlan=0-4094", "from=list:a !from=192.0.2.0/24",
  ])
  func mayMatch(_ fields: String) throws {
    #expect(try Self.rule(fields).contradiction == nil)
  }
}
