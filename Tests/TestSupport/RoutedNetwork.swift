internal import Foundation
internal import Linux

/// Three network namespaces in a row: two ends, and between them a router with an address on each link, IPv4 and IPv6.
/// They go when the last reference does.
public final class RoutedNetwork: Sendable {
  public struct Side: Sendable {
    public let namespace: String
    /// Its interface, and that of the router that it leads to.
    public let interface: String
    public let port: String
    public let v4: String
    public let v6: String
    public let routerV4: String
    public let routerV6: String
  }

  public let router: String
  public let left: Side
  public let right: Side

  public init() throws {
    let name = RandomName.hex(6)
    router = "aegis-\(name)g"
    func side(_ letter: String, _ number: Int) -> Side {
      Side(
        namespace: "aegis-\(name)\(letter)", interface: "ae\(name)\(letter)",
        port: "ap\(name)\(letter)", v4: "10.78.\(number).2", v6: "fd78:\(number)::2",
        routerV4: "10.78.\(number).1", routerV6: "fd78:\(number)::1")
    }
    (left, right) = (side("l", 1), side("r", 2))
    do {
      try build()
    } catch {
      remove()
      throw error
    }
  }

  deinit { remove() }

  public var ports: [String] { [left.port, right.port] }

  @discardableResult
  public func run(in namespace: String, _ command: [String]) throws -> String {
    try Command(command, namespace: namespace).succeed()
  }

  @discardableResult
  public func ip(in namespace: String, _ line: String) throws -> String {
    try run(in: namespace, ["ip"] + line.split(separator: " ").map(String.init))
  }

  /// A socket in a namespace.
  public func socket(
    in namespace: String, bound address: String, port: UInt16 = 0
  ) throws -> DatagramSocket {
    try OtherThread.run {
      try NetworkNamespace.enter(NetworkNamespace.opened(at: "/run/netns/\(namespace)"))
      return try DatagramSocket(bound: address, port: port)
    }
  }

  private func build() throws {
    for namespace in [router, left.namespace, right.namespace] {
      try Command(["ip", "netns", "add", namespace]).succeed()
      try run(in: namespace, ["sysctl", "-qw"] + QuietIPv6.settings)
      try ip(in: namespace, "link set lo up")
    }
    for side in [left, right] {
      try ip(
        in: router,
        "link add \(side.port) type veth peer name \(side.interface) netns \(side.namespace)")
      try configure(router, side.port, side.routerV4, side.routerV6)
      try configure(side.namespace, side.interface, side.v4, side.v6)
      try ip(in: side.namespace, "route add default via \(side.routerV4)")
      try ip(in: side.namespace, "-6 route add default via \(side.routerV6)")
    }
  }

  private func configure(
    _ namespace: String, _ interface: String, _ v4: String, _ v6: String
  ) throws {
    // Checksums that are left to hardware are never made where there is none, and only NAPI takes frames of XDP.
    try run(in: namespace, ["ethtool", "-K", interface, "gro", "on", "tx", "off"])
    try ip(in: namespace, "addr add \(v4)/24 dev \(interface)")
    try ip(in: namespace, "addr add \(v6)/64 dev \(interface) nodad")
    try ip(in: namespace, "link set \(interface) up")
  }

  private func remove() {
    for namespace in [router, left.namespace, right.namespace] {
      _ = try? Command(["ip", "netns", "del", namespace]).run()
    }
  }
}
