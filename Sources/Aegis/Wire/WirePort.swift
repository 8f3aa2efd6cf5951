internal import BPF
internal import Linux

/// What decides whether an interface can be a port of a wire. Tests create their own values.
struct WirePort: Sendable {
  struct Bridge: Sendable, Equatable {
    let name: String
    let settings: BridgeSettings
    let hasAddress: Bool
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
  /// Interfaces on top of it, such as VLANs, which would get no more packets.
  var uppers: [String] = []
  /// The bridge that it is a port of.
  var bridge: Bridge?
  /// Another interface that it is a port of, such as a bond.
  var master: String?
  var isUp = true

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
    port.addresses = addresses.filter { $0.ifindex == index }
      .compactMap { IPAddress(networkOrder: $0.address) }
    port.uppers = links.filter { $0.lower == index && $0.kind != "veth" }.map(\.name)
    let master = own.master.flatMap { index in links.first { $0.index == index } }
    if let master, let settings = master.bridge {
      port.bridge = Bridge(
        name: master.name, settings: settings,
        hasAddress: addresses.contains { $0.ifindex == master.index })
    } else {
      port.master = master?.name
    }
    return port
  }
}
