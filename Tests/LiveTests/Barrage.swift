import Foundation
import Synchronization
import TestSupport

/// UDP datagrams as fast as the peer can send them, from two sources in turn, until told to stop.
final class Barrage: Sendable {
  private let isOver = Mutex(false)
  private let ended = DispatchSemaphore(value: 0)

  init(_ sandbox: Sandbox, from sources: [String], port: UInt16) {
    Thread { [self] in
      try? sandbox.flood(from: sources, port: port) { !self.isOver.withLock { $0 } }
      ended.signal()
    }.start()
  }

  func stop() {
    isOver.withLock { $0 = true }
    ended.wait()
    // For who stops it again.
    ended.signal()
  }
}

/// What the kernel counted of the packets on their way through a sandbox.
struct Passage: Equatable {
  /// By the peer's interface, of packets that went onto the wire.
  let sent: Int
  /// By the IP layer of the host, of packets that came to it.
  let received: Int

  init(of sandbox: Sandbox) throws {
    let link = try sandbox.run(
      in: .peer, ["ip", "-j", "-s", "link", "show", sandbox.peer.interface])
    sent = try link.json[0]["stats64"]["tx"]["packets"].int ?? -1
    received = try sandbox.inside(.host) {
      let text = try String(contentsOfFile: "/proc/thread-self/net/snmp", encoding: .utf8)
      let lines = text.split(separator: "\n").filter { $0.hasPrefix("Ip:") }
        .map { $0.split(separator: " ") }
      guard lines.count == 2, let column = lines[0].firstIndex(of: "InReceives") else { return -1 }
      return Int(lines[1][column]) ?? -1
    }
  }
}
