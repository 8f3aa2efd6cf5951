internal import Foundation
internal import Linux

/// Three network namespaces in a row: two ends, and between them a gate with two ports without addresses. They go when
/// the last reference does.
public final class Gateway: Sendable {
  public struct End: Sendable {
    public let namespace: String
    /// Its interface, and the port of the gate that it leads to.
    public let interface: String
    public let port: String
    public let v4: String
  }

  public let gate: String
  public let left: End
  public let right: End

  /// - Parameter bridged: Whether a bridge that forwards everything joins the ports.
  public init(mtu: Int = 1500, bridged: Bool = false) throws {
    let name = RandomName.hex(6)
    gate = "aegis-\(name)g"
    left = End(
      namespace: "aegis-\(name)l", interface: "al\(name)", port: "ap\(name)l", v4: "10.77.0.1")
    right = End(
      namespace: "aegis-\(name)r", interface: "ar\(name)", port: "ap\(name)r", v4: "10.77.0.2")
    do {
      try build(mtu: mtu)
      if bridged { try addBridge() }
    } catch {
      remove()
      throw error
    }
  }

  deinit { remove() }

  public var ports: [String] { [left.port, right.port] }
  public var bridge: String { gate.replacing("aegis-", with: "ab") }

  @discardableResult
  public func run(in namespace: String, _ command: [String]) throws -> String {
    try Command(command, namespace: namespace).succeed()
  }

  public func ip(_ lines: [String]) throws {
    for line in lines { try run(in: gate, ["ip"] + line.split(separator: " ").map(String.init)) }
  }

  private func build(mtu: Int) throws {
    for namespace in [gate, left.namespace, right.namespace] {
      try Command(["ip", "netns", "add", namespace]).succeed()
      // What comes must have been sent by a test.
      let settings = ["all", "default"].map { "net.ipv6.conf.\($0).disable_ipv6=1" }
      try run(in: namespace, ["sysctl", "-qw"] + settings)
      try run(in: namespace, ["ip", "link", "set", "lo", "up"])
    }
    for end in [left, right] { try plug(end, mtu: mtu) }
  }

  /// Makes the cable between an end and its port, with the settings that a wire needs.
  public func plug(_ end: End, mtu: Int = 1500) throws {
    try ip([
      "link add \(end.port) mtu \(mtu) type veth peer name \(end.interface) mtu \(mtu) netns \(end.namespace)"
    ])
    // Checksums and tags that are left to hardware are lost where there is none.
    try run(
      in: end.namespace,
      ["ethtool", "-K", end.interface, "gro", "on", "tx", "off", "txvlan", "off"])
    try run(
      in: gate,
      ["ethtool", "-K", end.port, "rxvlan", "off", "rx-vlan-stag-hw-parse", "off"])
    try ip(["link set \(end.port) up"])
    try run(in: end.namespace, ["ip", "link", "set", end.interface, "up"])
    try run(in: end.namespace, ["ip", "address", "add", "\(end.v4)/24", "dev", end.interface])
  }

  /// Takes the port away, and its end with it.
  public func unplug(_ end: End) throws { try ip(["link del \(end.port)"]) }

  private func addBridge() throws {
    try ip(
      ["link add \(bridge) type bridge stp_state 0 mcast_snooping 0 group_fwd_mask 65528"]
        + ports.map { "link set \($0) master \(bridge)" } + ["link set \(bridge) up"])
  }

  /// Sends frames as they are from an end.
  public func send(_ frames: [[UInt8]], from end: End) throws {
    try Self.send(frames, out: end.interface, in: end.namespace)
  }

  /// Sends frames as they are from the gate itself, to an end.
  public func send(_ frames: [[UInt8]], fromGateBy end: End) throws {
    try Self.send(frames, out: end.port, in: gate)
  }

  /// Sends frames as they are from the gate itself.
  public func send(_ frames: [[UInt8]], out interface: String) throws {
    try Self.send(frames, out: interface, in: gate)
  }

  private static func send(
    _ frames: [[UInt8]], out interface: String, in namespace: String
  ) throws {
    try OtherThread.run {
      try NetworkNamespace.enter(NetworkNamespace.opened(at: "/run/netns/\(namespace)"))
      try FrameSender(interface: interface).send(frames)
    }
  }

  /// Pings the right end from the left one, and returns how many of so many were answered.
  public func ping(count: Int = 3) throws -> Int {
    // What was not answered before would be asked for again only in a second.
    try run(in: left.namespace, ["ip", "neigh", "flush", "dev", left.interface])
    let output = try Command(
      ["ping", "-n", "-q", "-c", "\(count)", "-i", "0.02", "-W", "1", right.v4],
      namespace: left.namespace
    ).run().output
    let words = output.split(whereSeparator: { " ,\n".contains($0) })
    return words.firstIndex(of: "received").flatMap { Int(words[$0 - 1]) } ?? 0
  }

  private func remove() {
    for namespace in [gate, left.namespace, right.namespace] {
      _ = try? Command(["ip", "netns", "del", namespace]).run()
    }
  }
}

/// Frames that come to an end, as they were on the cable, by tcpdump.
public final class FrameCapture: Sendable {
  private let file: String
  private let process: RunningCommand

  /// Captures until it is read.
  public init(at end: Gateway.End) throws {
    file = "/dev/shm/aegis-test-\(RandomName.hex(12))"
    process = try Command(
      [
        "tcpdump", "-i", end.interface, "-Q", "in", "-U", "-s", "0", "--immediate-mode", "-Z",
        "root", "-w", file,
      ], namespace: end.namespace
    ).start()
    let limit = Date(timeIntervalSinceNow: 10)
    while (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0) ?? 0 < 24 {
      if Date() > limit { throw SupportError("tcpdump does not start: \(try process.wait())") }
      Thread.sleep(forTimeInterval: 0.01)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: file) }

  /// Stops, and returns the frames that came.
  ///
  /// - Parameters:
  ///   - expecting: Waits until so many came, for a few seconds at most.
  ///   - quiet: Seconds to wait for more.
  public func frames(expecting count: Int = 0, quiet: Double = 0.2) throws -> [[UInt8]] {
    let limit = Date(timeIntervalSinceNow: 5)
    while try read().count < count, Date() < limit { Thread.sleep(forTimeInterval: 0.02) }
    Thread.sleep(forTimeInterval: quiet)
    process.signal(2)
    _ = try process.wait()
    return try read()
  }

  /// See pcap-savefile(5); of this machine's byte order.
  private func read() throws -> [[UInt8]] {
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: file)))
    var frames: [[UInt8]] = []
    var offset = 24
    while offset + 16 <= bytes.count {
      let length = bytes.withUnsafeBytes {
        Int($0.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self))
      }
      guard offset + 16 + length <= bytes.count else { break }
      frames.append(Array(bytes[offset + 16..<offset + 16 + length]))
      offset += 16 + length
    }
    return frames
  }
}
