internal import BPF
internal import Linux

/// What decides whether the relay's packets find their way. Tests create their own values.
struct RelayFacts: Sendable {
  /// An interface that the relay's packets come in or leave by.
  struct Port: Sendable {
    var name: String
    var ifindex: UInt32
    /// How it is attached for what comes in; nil if it is not.
    var mode: AttachMode?
    /// Whether Aegis keeps its settings as the relay needs them.
    var forwards = false
    var isPortOfWire = false
    /// Whether it adds a VLAN tag.
    var isVLAN = false
    /// Whether frames of other interfaces can leave by it; nil if the kernel does not report it.
    var transmits: Bool?
    /// How ethtool names the UDP packets whose receive queue depends on their addresses only, if there are several.
    var bunched: [String] = []
    /// Those that the kernel has and the relay needs, and whether they are on.
    var settings: [Interface.Setting: Bool] = [:]

    /// Those that are not as the relay needs them, in a fixed order.
    var wrong: [Interface.Setting] {
      Interface.Setting.allCases.filter { settings[$0] == !$0.isNeeded }
    }
  }

  /// A neighbour that packets are handed to.
  struct NextHop: Sendable {
    var hop: NextHops.Hop
    /// One of the addresses that it leads to; nil for clients.
    var destination: IPAddress?
    /// nil if the kernel does not know it.
    var neighbour: ManagedNeighbours.Neighbour?

    var address: String { IPAddress(networkOrder: hop.address).map { "\($0)" } ?? "?" }
  }

  var ports: [Port] = []
  /// Indexes of the interfaces that have an address which the relay listens at.
  var listening: Set<UInt32> = []
  var hops: [NextHop] = []
  /// Destinations without a route, and those that are addresses of this host.
  var unreachable: [IPAddress] = []
  var local: [IPAddress] = []
  /// Entries that Aegis made and that no longer lead anywhere.
  var stale: [NextHops.Hop] = []
  /// Interfaces with an IPv6 default route that the kernel would remove if any interface began to forward.
  var learning: [String] = []

  func port(_ ifindex: UInt32) -> Port? { ports.first { $0.ifindex == ifindex } }

  func name(_ ifindex: UInt32) -> String { port(ifindex)?.name ?? "interface \(ifindex)" }

  /// Indexes of the interfaces that the relay's packets come in by, as far as it can be known.
  var receiving: Set<UInt32> {
    let attached = ports.filter { $0.mode != nil }.map(\.ifindex)
    let known = listening.union(hops.filter { $0.destination != nil }.map(\.hop.ifindex))
    // An address of the loopback says nothing.
    return listening.isDisjoint(with: attached) ? known.union(attached) : known
  }
}

extension RelayFacts {
  /// - Parameters:
  ///   - listen: At most one address of each family.
  ///   - destinations: Of users; each may come more than once.
  static func read(
    _ attachments: [Attachment], listen: [IPAddress], destinations: [IPAddress]
  ) throws(SystemError) -> RelayFacts {
    var facts = RelayFacts()
    let links = try LinkInfo.all()
    let octets = Set(listen.map(\.networkOrder))
    let addresses = try InterfaceAddress.all().filter { octets.contains($0.address) }
    let loopbacks = links.filter(\.isLoopback).map(\.index)
    facts.listening = Set(addresses.map(\.ifindex)).subtracting(loopbacks)
    try facts.follow(Set(destinations), from: listen)
    let neighbours = try ManagedNeighbours.all()
    for index in facts.hops.indices {
      facts.hops[index].neighbour = neighbours.first { $0.hop == facts.hops[index].hop }
    }
    let wanted = Set(facts.hops.map(\.hop))
    facts.stale = neighbours.filter { $0.isOurs && !wanted.contains($0.hop) }.map(\.hop)
    let here = attachments.filter { $0.direction == .in && !$0.isElsewhere }
    let needed = facts.listening.union(facts.hops.map(\.hop.ifindex))
    for link in links where !link.isLoopback {
      let attachment = here.first { $0.ifindex == link.index && ($0.isAttached || $0.forwards) }
      guard attachment != nil || needed.contains(link.index) else { continue }
      facts.ports.append(try Port(link, attachment, families: Set(listen.map(\.width))))
    }
    let defaults = Set(try Routes.advertisedDefaults())
    for link in links where defaults.contains(link.index) {
      if try Interface.learnsFromRouters(link.name) { facts.learning.append(link.name) }
    }
    return facts
  }

  /// Finds the next hops of destinations, and of clients: these are mostly behind default routes.
  private mutating func follow(
    _ destinations: Set<IPAddress>, from listen: [IPAddress]
  ) throws(SystemError) {
    let routes = try NextHops()
    var seen: Set<NextHops.Hop> = []
    for destination in destinations.sorted() {
      let source = listen.first { $0.width == destination.width }
      switch try routes.way(to: destination.networkOrder, from: source?.networkOrder) {
      case .noRoute: unreachable.append(destination)
      case .notForwarded: local.append(destination)
      case .hops(let found):
        for hop in found where seen.insert(hop).inserted {
          hops.append(NextHop(hop: hop, destination: destination))
        }
      }
    }
    let widths = Set(listen.map { $0.width / 8 })
    for gateway in try Routes.defaultGateways() {
      let hop = NextHops.Hop(address: gateway.address, ifindex: gateway.ifindex)
      guard widths.contains(gateway.address.count), hop.ifindex != 0, seen.insert(hop).inserted
      else { continue }
      hops.append(NextHop(hop: hop))
    }
  }
}

extension RelayFacts.Port {
  fileprivate init(
    _ link: LinkInfo, _ attachment: Attachment?, families: Set<Int>
  ) throws(SystemError) {
    name = link.name
    ifindex = link.index
    mode = attachment?.isAttached == true ? attachment?.mode : nil
    forwards = attachment?.forwards ?? false
    isPortOfWire = attachment?.wire != nil
    isVLAN = link.kind == "vlan"
    transmits = ((try? XDPFeatures.of(link.index)) ?? nil)?.contains(.transmit)
    let queues = ((try? Interface.queues(of: link.name)) ?? nil)?.receive ?? 1
    if queues > 1 {
      bunched = families.sorted().filter { Self.isBunched(link.name, $0) }.map(Self.flow)
    }
    for setting in Interface.Setting.allCases where families.contains(setting.width) {
      guard var isOn = try Interface.isOn(setting, of: link.name) else { continue }
      // Neighbours are forgotten only if both say so.
      if isOn, !setting.isNeeded { isOn = try Interface.isOn(setting, of: "all") ?? true }
      settings[setting] = isOn
    }
  }
}

extension RelayFacts.Port {
  private static func isBunched(_ name: String, _ width: Int) -> Bool {
    let spreads = try? Interface.spreadsPorts(of: name, isIPv6: width == 128)
    return spreads == .some(false)
  }

  private static func flow(_ width: Int) -> String { width == 128 ? "udp6" : "udp4" }
}

extension Interface.Setting {
  /// Whether the relay needs it on; it needs the others off.
  var isNeeded: Bool {
    switch self {
    case .forwardsIPv4, .forwardsIPv6: true
    case .forgetsIPv4, .forgetsIPv6: false
    }
  }

  /// Bits in an address of its family.
  var width: Int {
    switch self {
    case .forwardsIPv4, .forgetsIPv4: 32
    case .forwardsIPv6, .forgetsIPv6: 128
    }
  }

  /// The command that sets it as the relay needs it.
  func command(for name: String) -> String {
    "echo \(isNeeded ? 1 : 0) > \(ShellWord(path(of: name)))"
  }
}
