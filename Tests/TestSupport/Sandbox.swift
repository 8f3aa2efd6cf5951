internal import Foundation
internal import Linux

/// Two network namespaces, host and peer, joined by a veth pair; they go when the last reference does.
public final class Sandbox: Sendable {
  public enum Side: Sendable { case host, peer }

  public struct End: Sendable {
    public let namespace: String
    public let interface: String
    public let v4: String
    public let v6: String
  }

  public let host: End
  public let peer: End

  /// - Parameters:
  ///   - extra: More addresses of the peer, IPv4 or IPv6, on its interface.
  ///   - ipv6: Without it no packet comes that nobody asked for.
  public init(mtu: Int = 1500, extra: [String] = [], ipv6: Bool = true) throws {
    let name = RandomName.hex(6)
    let (x, y) = (Int.random(in: 64...250), Int.random(in: 0...255))
    // As RFC 5952 writes them, and so the tools that say them back: without a zero in front.
    let groups = (0..<2).map { _ in
      String(UInt16.random(in: 0x1000...UInt16.max), radix: 16)
    }
    let v6 = "fd\(RandomName.hex(2)):\(groups.joined(separator: ":"))::"
    host = End(
      namespace: "aegis-\(name)h", interface: "ae\(name)h", v4: "10.\(x).\(y).1", v6: v6 + "1")
    peer = End(
      namespace: "aegis-\(name)p", interface: "ae\(name)p", v4: "10.\(x).\(y).2", v6: v6 + "2")
    do {
      try build(mtu: mtu, extra: extra, ipv6: ipv6)
    } catch {
      remove()
      throw error
    }
  }

  deinit { remove() }

  public func end(_ side: Side) -> End { side == .host ? host : peer }

  @discardableResult
  public func run(in side: Side, _ command: [String]) throws -> Outcome {
    try Command(command, namespace: end(side).namespace).run()
  }

  /// Runs commands of `ip` in a namespace; throws unless all succeed.
  public func ip(in side: Side, _ lines: [String]) throws {
    try Self.ip(lines, namespace: end(side).namespace)
  }

  /// Does something on a thread inside a namespace; sockets made there stay in it.
  public func inside<Result: Sendable>(
    _ side: Side, _ body: @escaping @Sendable () throws -> Result
  ) throws -> Result {
    let path = "/run/netns/\(end(side).namespace)"
    return try OtherThread.run {
      let namespace = try NetworkNamespace.opened(at: path)
      try NetworkNamespace.enter(namespace)
      return try body()
    }
  }

  /// Of the host's interface.
  public var ifindex: UInt32 {
    get throws {
      let name = host.interface
      let index = try inside(.host) { Interface.index(of: name) }
      guard let index else { throw SupportError("there is no \(name)") }
      return index
    }
  }

  private static func ip(_ lines: [String], namespace: String?) throws {
    let input = lines.joined(separator: "\n") + "\n"
    let outcome = try Command(["ip", "-batch", "-"], namespace: namespace).run(input: input)
    guard outcome.status == 0 else { throw SupportError("ip: \(outcome.error)\n\(input)") }
  }

  private func build(mtu: Int, extra: [String], ipv6: Bool) throws {
    try Self.ip(["netns add \(host.namespace)", "netns add \(peer.namespace)"], namespace: nil)
    for side in [Side.host, .peer] {
      let families = ["all", "default"].flatMap { scope in
        [
          "net.ipv6.conf.\(scope).disable_ipv6=\(ipv6 ? 0 : 1)",
          "net.ipv4.conf.\(scope).rp_filter=0",
        ]
      }
      let words = ["sysctl", "-qw"] + QuietIPv6.settings + families
      try Command(words, namespace: end(side).namespace).succeed()
    }
    try ip(
      in: .host,
      [
        "link add \(host.interface) mtu \(mtu) type veth"
          + " peer name \(peer.interface) mtu \(mtu) netns \(peer.namespace)"
      ])
    for side in [Side.host, .peer] {
      let (end, other) = (end(side), end(side == .host ? .peer : .host))
      var lines = ["addr add \(end.v4)/24 dev \(end.interface)", "link set lo up"]
      if ipv6 { lines.append("addr add \(end.v6)/64 dev \(end.interface) nodad") }
      if side == .peer {
        lines += extra.map {
          "addr add \($0)/\($0.contains(":") ? 128 : 32) dev \(end.interface)"
            + ($0.contains(":") ? " nodad" : "")
        }
      }
      lines += ["link set \(end.interface) up", "route add default via \(other.v4)"]
      if ipv6 { lines.append("route add default via \(other.v6)") }
      try ip(in: side, lines)
    }
    if ipv6 { try waitForLinkLocals() }
  }

  /// Neighbour discovery works only once the kernel has got round to seeing the carrier.
  private func waitForLinkLocals() throws {
    for end in [host, peer] {
      let words = ["ip", "-6", "-o", "addr", "show", "dev", end.interface, "scope", "link"]
      let start = Date()
      while try !Command(words, namespace: end.namespace).succeed().contains("fe80:") {
        if Date().timeIntervalSince(start) > 10 { throw SupportError("no carrier") }
        Thread.sleep(forTimeInterval: 0.02)
      }
    }
    Thread.sleep(forTimeInterval: QuietIPv6.wait)
  }

  private func remove() {
    for end in [host, peer] {
      _ = try? Command(["ip", "netns", "del", end.namespace]).run()
    }
  }
}
