/// A field of a packet that a rule can ask for, and how it is written.
public enum RuleSelector: String, CaseIterable, Sendable {
  case from
  case to
  case `protocol`
  case port
  case sourcePort
  case `class`
  case tcpFlags
  case icmp
  case length
  case hopLimit
  case dscp
  case vlan
  case fragment
  case interface
  case socket

  /// The option without its dashes: `source-port`.
  public var word: String {
    switch self {
    case .sourcePort: "source-port"
    case .tcpFlags: "tcp-flags"
    case .hopLimit: "hop-limit"
    default: rawValue
    }
  }
}

extension RuleMatch {
  /// The field as an operator writes it; nil if it is not stated.
  public func text(of selector: RuleSelector) -> String? {
    switch selector {
    case .from: from.map { "\($0)" }
    case .to: to.map { "\($0)" }
    case .protocol: protocols.map { "\($0)" }
    case .port: ports.map { "\($0)" }
    case .sourcePort: sourcePorts.map { "\($0)" }
    case .class: classes.map { "\($0)" }
    case .tcpFlags: tcpFlags.map { "\($0)" }
    case .icmp: icmp.map { "\($0)" }
    case .length: lengths.map { "\($0)" }
    case .hopLimit: hopLimits.map { "\($0)" }
    case .dscp: dscp.map { $0.text(DSCP.name) }
    case .vlan: vlans.map { "\($0)" }
    case .fragment: isFragment.map { "\($0)" }
    case .interface: interfaces.map { "\($0)" }
    case .socket: sockets.map { "\($0)" }
    }
  }

  /// Reads a field.
  ///
  /// - Parameter notes: Receives addresses that were read as something other than they say.
  /// - Throws: `InputError` for a text that is no value of the field.
  public mutating func set(
    _ selector: RuleSelector, to text: some StringProtocol, noting notes: inout [InputNote]
  ) throws(InputError) {
    switch selector {
    case .from: from = try RuleAddresses(text, noting: &notes)
    case .to: to = try RuleAddresses(text, noting: &notes)
    case .protocol: protocols = try RuleProtocols(text)
    case .port: ports = try RulePorts(text)
    case .sourcePort: sourcePorts = try RulePorts(text)
    case .class: classes = try RuleClasses(text)
    case .tcpFlags: tcpFlags = try TCPFlags(text)
    case .icmp: icmp = try ICMPKinds(text)
    case .length: lengths = try NumberSet(text, in: 0...UInt16.max, noun: "a length")
    case .hopLimit: hopLimits = try NumberSet(text, in: 0...255, noun: "a hop limit")
    case .dscp: dscp = try NumberSet(text, in: 0...63, noun: "a DSCP", named: DSCP.number)
    case .vlan: vlans = try NumberSet(text, in: 0...4094, noun: "a VLAN")
    case .fragment: isFragment = try Self.truth(text)
    case .interface: interfaces = try RuleInterfaces(text)
    case .socket: sockets = try RuleSockets(text)
    }
  }

  private static func truth(_ text: some StringProtocol) throws(InputError) -> Bool {
    switch text {
    case "true": true
    case "false": false
    default: throw InputError(text, "is neither true nor false")
    }
  }
}

extension StringProtocol {
  /// The parts between commas.
  fileprivate var listed: [Substring] {
    Substring(String(self)).split(separator: ",", omittingEmptySubsequences: false)
  }
}

extension RuleAddresses: CustomStringConvertible {
  private static let listMark = "list:"

  /// Reads addresses, prefixes and `list:NAME` with commas between them.
  init(_ text: some StringProtocol, noting notes: inout [InputNote]) throws(InputError) {
    var prefixes: [Prefix] = []
    var lists: [ListName] = []
    for part in text.listed {
      if part.hasPrefix(Self.listMark) {
        lists.append(try ListName(part.dropFirst(Self.listMark.count)))
      } else if part == "any" {
        prefixes += Self.everything
      } else {
        prefixes.append(try Prefix(part, noting: &notes))
      }
    }
    self.init(prefixes, lists: lists)
  }

  static let everything = [
    Prefix(masking: .v4(0), length: 0), Prefix(masking: .v6(0), length: 0),
  ]

  public var description: String {
    (prefixes.map { "\($0)" } + lists.map { Self.listMark + $0.text }).joined(separator: ",")
  }
}

extension RuleProtocols: CustomStringConvertible {
  init(_ text: some StringProtocol) throws(InputError) {
    var protocols: [TransportProtocol] = []
    for part in text.listed { protocols.append(try TransportProtocol(part)) }
    self.init(protocols)
  }

  public var description: String {
    numbers.map { "\(TransportProtocol(rawValue: $0))" }.joined(separator: ",")
  }
}

extension RulePorts: CustomStringConvertible {
  /// Reads `80`, `53/udp` or `80,443,8000-8099/tcp`.
  public init(_ text: some StringProtocol) throws(InputError) {
    let (numbers, name) = Substring(String(text)).split(at: "/")
    let `protocol` = try name.map { name throws(InputError) in
      let `protocol` = try TransportProtocol(name)
      guard `protocol`.hasPorts else { throw InputError(text, "has a protocol without ports") }
      return `protocol`
    }
    self.init(try NumberSet(numbers, in: 0...UInt16.max, noun: "a port"), `protocol`)
  }

  public var description: String { "\(numbers)" + (`protocol`.map { "/\($0)" } ?? "") }
}

extension RuleClasses: CustomStringConvertible {
  init(_ text: some StringProtocol) throws(InputError) {
    var names: [ClassName] = []
    for part in text.listed { names.append(try ClassName(part)) }
    self.init(names)
  }

  public var description: String { names.map(\.text).joined(separator: ",") }
}

extension RuleInterfaces: CustomStringConvertible {
  /// Bytes; IFNAMSIZ - 1.
  private static let longest = 15

  init(_ text: some StringProtocol) throws(InputError) {
    var names: [String] = []
    for part in text.listed {
      guard 1...Self.longest ~= part.utf8.count, part != ".", part != "..",
        part.utf8.allSatisfy({ $0 > UInt8(ascii: " ") && $0 < 0x7f && $0 != UInt8(ascii: "/") })
      else { throw InputError(part, "is not the name of an interface") }
      names.append(String(part))
    }
    self.init(names)
  }

  public var description: String { names.joined(separator: ",") }
}

extension RuleSockets: CustomStringConvertible {
  init(_ text: some StringProtocol) throws(InputError) {
    var states: [SocketState] = []
    for part in text.listed {
      guard let state = SocketState(rawValue: String(part)) else {
        throw InputError(part, "is no state of a socket", hint: "write established, listen or none")
      }
      states.append(state)
    }
    self.init(states)
  }

  public var description: String { states.map(\.rawValue).joined(separator: ",") }
}

extension TCPFlags: CustomStringConvertible {
  private static let names = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"]
  private static let none = "none"

  /// Reads `syn/fin,syn,rst,ack`: the flags that must be set, of those that are looked at. Without the second part, all
  /// of the first must be set.
  init(_ text: some StringProtocol) throws(InputError) {
    let (flags, mask) = Substring(String(text)).split(at: "/")
    let wanted = try Self.bits(flags)
    guard let mask else {
      if wanted == 0 { throw InputError(text, "names no flags", hint: "write none/FLAGS") }
      self.init(wanted, of: wanted)
      return
    }
    let looked = try Self.bits(mask)
    guard wanted & ~looked == 0, looked != 0 else {
      throw InputError(
        text, "asks for flags that it does not look at",
        hint: "name them after the / too, as in syn/syn,ack")
    }
    self.init(wanted, of: looked)
  }

  private static func bits(_ text: Substring) throws(InputError) -> UInt8 {
    if text == none { return 0 }
    var bits: UInt8 = 0
    for part in text.listed {
      guard let place = names.firstIndex(of: part.lowercased()) else {
        throw InputError(
          part, "is not a TCP flag", hint: "the flags are \(names.joined(separator: ", "))")
      }
      bits |= 1 << UInt8(place)
    }
    return bits
  }

  private static func text(_ bits: UInt8) -> String {
    if bits == 0 { return none }
    return names.enumerated().filter { bits >> UInt8($0.offset) & 1 == 1 }.map(\.element)
      .joined(separator: ",")
  }

  public var description: String {
    values == mask ? Self.text(values) : "\(Self.text(values))/\(Self.text(mask))"
  }
}
