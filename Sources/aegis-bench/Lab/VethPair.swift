import FoundationEssentials
import Glibc
import Linux

/// A veth pair from `away` to `home`, with one queue per processor.
final class VethPair {
  /// The name of the home end.
  let interface: String
  let index: UInt32
  /// The name of the far end in its own namespace.
  let farInterface: String
  /// The index of the far end in its own namespace.
  let farIndex: UInt32

  init(_ number: Int, in lab: Lab) throws {
    let (near, far) = ("r\(number)h", "r\(number)a")
    let queues = "numrxqueues \(Machine.processors) numtxqueues \(Machine.processors)"
    let address = Frame.hardwareAddress.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    // Without IPv6 chatter, every counted packet is one that was sent.
    try Shell.run(
      """
      set -e
      ip link add \(near) address \(address.joined(separator: ":")) \(queues) type veth \
        peer name \(far) \(queues)
      ip link set \(far) netns \(lab.namespaces.awayPath)
      ip link set \(near) addrgenmode none up
      """)
    farIndex = try lab.inAway {
      try Shell.run("ip link set \(far) addrgenmode none up")
      return Interface.index(of: far) ?? 0
    }
    interface = near
    farInterface = far
    index = Interface.index(of: near) ?? 0
  }

  deinit {
    _ = try? Shell.run("ip link del \(interface)")
  }

  /// Packets that arrived so far, whatever happened to them.
  func received() throws -> UInt64 {
    let text = try String(contentsOfFile: "/proc/thread-self/net/dev", encoding: .utf8)
    let line = text.split(separator: "\n").first {
      $0.drop { $0 == " " }.hasPrefix(interface + ":")
    }
    let fields = line?.split(separator: ":").last?.split(separator: " ") ?? []
    return fields.count > 1 ? UInt64(fields[1]) ?? 0 : 0
  }
}

extension Lab {
  /// Runs `body` with the main thread in the other namespace.
  func inAway<Result>(_ body: () throws -> Result) throws -> Result {
    try namespaces.inAway(body).get()
  }
}
