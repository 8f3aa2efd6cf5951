import Aegis
import ArgumentParser

/// The packets that a rule is for.
struct RuleMatchOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Packets from these: addresses, prefixes, list:NAME or any, separated by commas.",
      valueName: "addr,..."),
    completion: .custom { words, _, _ in Completions.ruleAddresses(words) })
  var from: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Packets to these, written the same way.", valueName: "addr,..."),
    completion: .custom { words, _, _ in Completions.ruleAddresses(words) })
  var to: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Protocols by name or number: tcp,47.", valueName: "proto,..."),
    completion: .list(TransportProtocol.allNames))
  var `protocol`: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Destination ports: 80, 53/udp or 80,443,8000-8099/tcp.", valueName: "ports/proto"))
  var port: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Source ports, written the same way.", valueName: "ports/proto"))
  var sourcePort: String?

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp(
      "Classes of the source, or of the destination with --out.", valueName: "name,..."),
    completion: .custom { words, _, _ in Completions.classes(words) + ["foreign"] })
  var className: String?

  @Flag(name: .long, help: "The same as --tcp-flags syn/fin,syn,rst,ack: new TCP connections.")
  var syn = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "TCP flags that must be set, of those after the / (default: of themselves).",
      valueName: "set/mask"))
  var tcpFlags: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "ICMP and ICMPv6 messages: echo-request, 3/4.", valueName: "type/code,..."),
    completion: .list(ICMPKinds.allNames))
  var icmp: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Bytes of the IP packet: 300-, 28-512.", valueName: "n-m,..."))
  var length: String?

  @Option(
    name: .long, help: ArgumentHelp("The TTL or hop limit: 1-5, 255.", valueName: "n-m,..."))
  var hopLimit: String?

  @Option(
    name: .long, help: ArgumentHelp("The DSCP by name or number: ef,cs1,10.", valueName: "dscp,...")
  )
  var dscp: String?

  @Option(
    name: .long,
    help: ArgumentHelp("The outermost VLAN; 0 is none.", valueName: "n-m,..."))
  var vlan: String?

  @Flag(name: .long, help: "Only fragments, also the first one of a packet.")
  var fragment = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Interfaces that packets come in by, or leave by with --out.", valueName: "iface,..."),
    completion: .custom { _, _, _ in Completions.interfaces() })
  var interface: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The socket of this host that they are for: established, listen, none.",
      valueName: "state,..."),
    completion: .list(SocketState.allCases.map(\.rawValue)))
  var socket: String?

  mutating func validate() throws {
    if syn, tcpFlags != nil { throw ValidationError("give either --syn or --tcp-flags") }
  }

  private var texts: [RuleSelector: String?] {
    [
      .from: from, .to: to, .protocol: self.protocol, .port: port, .sourcePort: sourcePort,
      .class: className, .tcpFlags: tcpFlags, .icmp: icmp, .length: length, .hopLimit: hopLimit,
      .dscp: dscp, .vlan: vlan, .interface: interface, .socket: socket,
    ]
  }

  var isGiven: Bool { syn || fragment || texts.values.contains { $0 != nil } }

  func match() throws -> RuleMatch {
    var match = try RuleSelector.match(texts)
    if syn { match.tcpFlags = .syn }
    if fragment { match.isFragment = true }
    return match
  }
}

/// The packets that a rule is not for, although they match.
struct RuleExceptionOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("Not packets from these.", valueName: "addr,..."),
    completion: .custom { words, _, _ in Completions.ruleAddresses(words) })
  var notFrom: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Not packets to these.", valueName: "addr,..."),
    completion: .custom { words, _, _ in Completions.ruleAddresses(words) })
  var notTo: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Not these protocols.", valueName: "proto,..."),
    completion: .list(TransportProtocol.allNames))
  var notProtocol: String?

  @Option(
    name: .long, help: ArgumentHelp("Other destination ports.", valueName: "ports/proto"))
  var notPort: String?

  @Option(name: .long, help: ArgumentHelp("Other source ports.", valueName: "ports/proto"))
  var notSourcePort: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Other classes.", valueName: "name,..."),
    completion: .custom { words, _, _ in Completions.classes(words) + ["foreign"] })
  var notClass: String?

  @Flag(name: .long, help: "TCP, but not the first packet of a connection.")
  var notSyn = false

  @Option(name: .long, help: ArgumentHelp("TCP with other flags.", valueName: "set/mask"))
  var notTcpFlags: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Other ICMP messages.", valueName: "type/code,..."),
    completion: .list(ICMPKinds.allNames))
  var notIcmp: String?

  @Option(name: .long, help: ArgumentHelp("Other lengths.", valueName: "n-m,..."))
  var notLength: String?

  @Option(name: .long, help: ArgumentHelp("Other hop limits.", valueName: "n-m,..."))
  var notHopLimit: String?

  @Option(name: .long, help: ArgumentHelp("Other DSCPs.", valueName: "dscp,..."))
  var notDscp: String?

  @Option(name: .long, help: ArgumentHelp("Other VLANs.", valueName: "n-m,..."))
  var notVlan: String?

  @Flag(name: .long, help: "Only packets that are no fragments.")
  var notFragment = false

  @Option(
    name: .long,
    help: ArgumentHelp("Other interfaces.", valueName: "iface,..."),
    completion: .custom { _, _, _ in Completions.interfaces() })
  var notInterface: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Other sockets.", valueName: "state,..."),
    completion: .list(SocketState.allCases.map(\.rawValue)))
  var notSocket: String?

  mutating func validate() throws {
    if notSyn, notTcpFlags != nil {
      throw ValidationError("give either --not-syn or --not-tcp-flags")
    }
  }

  private var texts: [RuleSelector: String?] {
    [
      .from: notFrom, .to: notTo, .protocol: notProtocol, .port: notPort,
      .sourcePort: notSourcePort, .class: notClass, .tcpFlags: notTcpFlags, .icmp: notIcmp,
      .length: notLength, .hopLimit: notHopLimit, .dscp: notDscp, .vlan: notVlan,
      .interface: notInterface, .socket: notSocket,
    ]
  }

  var isGiven: Bool { notSyn || notFragment || texts.values.contains { $0 != nil } }

  func match() throws -> RuleMatch {
    var match = try RuleSelector.match(texts, not: "not-")
    if notSyn { match.tcpFlags = .syn }
    return match
  }
}

extension RuleSelector {
  /// Reads the values of options.
  ///
  /// - Parameter not: In front of the words of the selectors.
  fileprivate static func match(
    _ texts: [RuleSelector: String?], not: String = ""
  ) throws -> RuleMatch {
    var match = RuleMatch()
    for selector in allCases {
      guard let text = texts[selector] ?? nil else { continue }
      match = try InputArgument.read(of: "--\(not)\(selector.word)") { notes throws(InputError) in
        var changed = match
        try changed.set(selector, to: text, noting: &notes)
        return changed
      }
    }
    return match
  }
}
