internal import BPF
internal import Linux

/// What decides whether an interface can be a port of a wire. Tests create their own values.
struct WirePort: Sendable {
  struct Bridge: Sendable, Equatable {
    var name: String
    var settings: BridgeSettings
    var hasAddress: Bool
    var isUp = true
    /// The names of all its ports.
    var ports: [String] = []
  }

  /// A route that leads over the port.
  struct Route: Sendable, Equatable {
    /// Where to: `10.0.0.0/8`.
    let destination: String
    /// The command that removes it.
    let removal: String
  }

  /// The other end of a veth pair, in the same network namespace.
  struct FarEnd: Sendable, Equatable {
    var name: String
    var offloads: [String: Interface.Offload] = [:]
    /// The bridge or other interface that it is a port of.
    var master: String?
  }

  var name: String
  var driver: String?
  /// Bytes, without the Ethernet header.
  var mtu: UInt32
  /// nil if the kernel does not report it.
  var xdp: XDPFeatures?
  var offloads: [String: Interface.Offload] = [:]
  /// Addresses that it would stop to answer for, but not link-local ones.
  var addresses: [IPAddress] = []
  /// What the host itself sends by it, besides to these addresses.
  var routes: [Route] = []
  /// Interfaces on top of it, such as VLANs, which would get no more packets.
  var uppers: [String] = []
  /// The bridge that it is a port of.
  var bridge: Bridge?
  /// Another interface that it is a port of, such as a bond.
  var master: String?
  var isUp = true
  var isLoopback = false
  /// Whether its link works, and everybody has been told so.
  var isRunning = true
  /// What its bridge does with its frames.
  var bridgePort: BridgePortSettings?
  /// nil if it is no veth, or its other end is in another network namespace.
  var farEnd: FarEnd?

  /// - Throws: `notLoaded` if there is no such interface.
  static func read(_ name: String) throws(AegisError) -> WirePort {
    guard let index = Interface.index(of: name) else { throw Interfaces.noInterface(name) }
    let facts = try InterfaceFacts.read(name, attached: [])
    let links = try kernel { () throws(SystemError) in try LinkInfo.all() }
    let addresses = try kernel { () throws(SystemError) in
      try InterfaceAddress.all().filter { !$0.isLinkLocal }
    }
    guard let own = links.first(where: { $0.index == index }) else {
      throw Interfaces.noInterface(name)
    }
    var port = WirePort(
      name: name, driver: facts.driver, mtu: own.mtu, xdp: facts.xdp, offloads: facts.offloads)
    port.isUp = own.isUp
    (port.isLoopback, port.isRunning) = (own.isLoopback, own.isRunning)
    port.bridgePort = own.bridgePort
    port.routes = try kernel { () throws(SystemError) in try Routes.all(over: index) }
      .compactMap { Route($0, over: name) }
    if own.kind == "veth", let far = links.first(where: { $0.index == own.lower }) {
      port.farEnd = FarEnd(
        name: far.name, offloads: (try? Interface.offloads(of: far.name)) ?? [:],
        master: links.first { $0.index == far.master }?.name)
    }
    port.addresses = addresses.filter { $0.ifindex == index }
      .compactMap { IPAddress(networkOrder: $0.address) }
    port.uppers = links.filter { $0.lower == index && $0.kind != "veth" }.map(\.name)
    let master = own.master.flatMap { index in links.first { $0.index == index } }
    if let master, let settings = master.bridge {
      port.bridge = Bridge(
        name: master.name, settings: settings,
        hasAddress: addresses.contains { $0.ifindex == master.index }, isUp: master.isUp,
        ports: links.filter { $0.master == master.index }.map(\.name))
    } else {
      port.master = master?.name
    }
    return port
  }
}

extension WirePort.Route {
  /// nil for an address that cannot be read.
  init?(_ route: Routes.Route, over name: String) {
    guard let address = IPAddress(networkOrder: route.destination),
      let prefix = Prefix(address: address, length: route.length)
    else { return nil }
    let isV4 = address.width == 32
    destination = route.length == 0 ? "default" : "\(prefix)"
    var words = isV4 ? ["ip route del"] : ["ip -6 route del"]
    if let type = route.type { words.append(type) }
    words.append(destination)
    let gateway = route.gateway.flatMap { IPAddress(networkOrder: $0) }
    if let gateway { words += ["via", isV4 && gateway.width != 32 ? "inet6" : "", "\(gateway)"] }
    if !route.hasSeveralHops { words += ["dev", "\(ShellWord(name))"] }
    if !route.isInMain { words.append("table \(route.table)") }
    if let metric = route.metric { words.append("metric \(metric)") }
    removal = words.filter { !$0.isEmpty }.joined(separator: " ")
  }
}
