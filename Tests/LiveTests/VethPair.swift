import Foundation
import TestSupport

@testable import TestModel

/// One of several veth pairs between a sandbox's peer and its host, over which nobody says anything of itself. What
/// goes in and comes out is counted without Aegis.
final class VethPair: Sendable {
  /// What happened to frames, as the kernel has it.
  struct Passage: Equatable {
    /// By the host's driver: frames that met an XDP program, and those of them that it dropped.
    var met = 0
    var dropped = 0
    /// By a socket behind it.
    var received = 0
  }

  /// Of the host.
  let interface: String
  private let sandbox: Sandbox
  private let sender: FrameSender
  private let tap: Tap

  /// Makes another pair, or takes the first.
  init(_ sandbox: Sandbox, number: Int) throws {
    let suffix = number == 0 ? "" : "\(number)"
    let peer = sandbox.peer.interface + suffix
    interface = sandbox.host.interface + suffix
    self.sandbox = sandbox
    if number > 0 {
      let other = "peer name \(peer) netns \(sandbox.peer.namespace)"
      try sandbox.ip(in: .host, ["link add \(interface) type veth \(other)"])
    }
    let hushed = { (name: String) in
      [
        "link set \(name) addrgenmode none", "addr flush dev \(name)",
        "link set \(name) arp off up",
      ]
    }
    try sandbox.ip(in: .host, hushed(interface))
    try sandbox.ip(in: .peer, hushed(peer))
    Thread.sleep(forTimeInterval: QuietIPv6.wait)
    sender = try sandbox.frameSender(out: peer)
    tap = try sandbox.tap(on: interface)
  }

  func send(_ frames: [Frame]) throws { try sender.send(frames.map(\.bytes)) }

  /// What has happened so far, once so many are accounted for or a few seconds are over.
  func passage(of sent: Int) throws -> Passage {
    let limit = Date(timeIntervalSinceNow: 5)
    while true {
      var passage = try driver()
      passage.received = try tap.count()
      if passage.dropped + passage.received >= sent || Date() > limit { return passage }
      Thread.sleep(forTimeInterval: 0.002)
    }
  }

  private func driver() throws -> Passage {
    let output = try sandbox.run(in: .host, ["ethtool", "-S", interface]).output
    var passage = Passage()
    for line in output.split(separator: "\n") {
      let words = line.split(separator: ":").map { $0.trimmingCharacters(in: .whitespaces) }
      guard words.count == 2, words[0].hasPrefix("rx_queue_"), let count = Int(words[1]) else {
        continue
      }
      if words[0].hasSuffix("_xdp_packets") { passage.met += count }
      if words[0].hasSuffix("_xdp_drops") { passage.dropped += count }
    }
    return passage
  }
}
