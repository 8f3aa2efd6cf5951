import Foundation
import TestSupport
import Testing

/// A gateway and a datapath for it, both gone when the test is over.
final class GatewayLive: AegisRunner {
  let gateway: Gateway
  let aegis = Aegisctl()

  init(mtu: Int = 1500, bridged: Bool = false, load: Bool = true) throws {
    gateway = try Gateway(mtu: mtu, bridged: bridged)
    if load { try ok(["load", "--max-drops", "64"]) }
  }

  /// With both ports joined; both are judged.
  static func joined(
    mtu: Int = 1500, bridged: Bool = false, _ options: [String] = []
  ) throws -> GatewayLive {
    let live = try GatewayLive(mtu: mtu, bridged: bridged)
    try live.attach((bridged ? ["--if-detached", "open"] : []) + options)
    return live
  }

  deinit {
    _ = try? run(["detach", "--all"])
    aegis.cleanUp()
  }

  var left: Gateway.End { gateway.left }
  var right: Gateway.End { gateway.right }

  @discardableResult
  func run(_ arguments: [String], input: String? = nil) throws -> Outcome {
    try aegis.run(arguments, input: input, namespace: gateway.gate)
  }

  @discardableResult
  func attach(
    _ options: [String] = [], at location: SourceLocation = #_sourceLocation
  ) throws -> JSON {
    try ok(["attach", left.port, "--wire", right.port] + options, at: location)
  }

  func stats(_ end: Gateway.End) throws -> Stats {
    Stats(try ok(["stats"])["items"].first("interface", end.port))
  }

  /// What is configured at both ports, besides their addresses.
  func settings() throws -> [String] {
    try gateway.ports.map { port in
      let link = try gateway.run(in: gateway.gate, ["ip", "-o", "link", "show", port])
      let ipv6 = try gateway.run(
        in: gateway.gate, ["cat", "/proc/sys/net/ipv6/conf/\(port)/disable_ipv6"])
      let filters = try gateway.run(in: gateway.gate, ["tc", "qdisc", "show", "dev", port])
      let flags = link.split(separator: "<").last?.split(separator: ">").first ?? ""
      return "\(flags) \(ipv6)\(filters)"
    }
  }

  /// The frames that come out at the other end, of those sent from one.
  func crossing(
    _ frames: [[UInt8]], from end: Gateway.End, expecting count: Int? = nil
  ) throws -> [[UInt8]] {
    let capture = try FrameCapture(at: end.port == left.port ? right : left)
    try gateway.send(frames, from: end)
    return try capture.frames(expecting: count ?? frames.count)
  }
}
