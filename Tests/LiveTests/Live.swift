import Foundation
import TestSupport
import Testing

/// All of these, one after the other: they measure time, and share two cores.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
enum Kernel {}

/// A sandbox and a datapath for it, both gone when the test is over.
final class Live: AegisRunner {
  let sandbox: Sandbox
  let aegis: Aegisctl

  init(_ sandbox: Sandbox, root: String = Aegisctl.randomRoot()) {
    self.sandbox = sandbox
    aegis = Aegisctl(root: root)
  }

  /// Loaded and attached to the host's interface, in native mode.
  static func attached(
    mtu: Int = 1500, extra: [String] = [], ipv6: Bool = false, load: [String] = []
  ) throws -> Live {
    let live = Live(try Sandbox(mtu: mtu, extra: extra, ipv6: ipv6))
    try live.ok(["load"] + load)
    let attached = try live.ok(["attach", live.interface])
    try #require(attached["items"][0]["mode"].string == "native")
    return live
  }

  deinit { aegis.cleanUp() }

  var interface: String { sandbox.host.interface }
  var peer: String { sandbox.peer.v4 }

  /// Runs aegisctl in the host's namespace. The peer is the gateway too, and the way to the name servers: tests
  /// that cut it off mean that, and those of the lock-out guard run the tool their own way.
  @discardableResult
  func run(_ arguments: [String], input: String? = nil) throws -> Outcome {
    let force = Self.guarded.contains(arguments.first ?? "") ? ["--force"] : []
    return try aegis.run(arguments + force, input: input, namespace: sandbox.host.namespace)
  }

  private static let guarded = [
    "attach", "set-default", "set-rate", "set-rule", "set-class", "set-list", "set-geo", "set-mode",
    "confirm", "switch",
    "drop-ip",
    "allow-key",
  ]

  func stats(_ interface: String? = nil) throws -> Stats {
    let name = interface ?? self.interface
    return Stats(try ok(["stats"])["items"].first("interface", name))
  }

  /// Of one direction of its interface.
  func stats(leaving: Bool) throws -> Stats {
    let items = try ok(["stats"])["items"].array
    return Stats(
      try #require(
        items.first {
          $0["interface"].string == interface
            && $0["direction"].string == (leaving ? "out" : "in")
        }))
  }

  /// Whether a datagram arrives, by one that is sent and one more socket for each question.
  func arrives(from source: String? = nil, port: UInt16 = 7001) throws -> Bool {
    let receiver = try sandbox.receiver(port: port)
    try sandbox.send(from: source, port: port)
    return !receiver.take(expecting: 1, quiet: 0.1).isEmpty
  }
}

/// What `stats -o json` says of an interface.
struct Stats {
  let object: JSON

  init(_ object: JSON) {
    self.object = object
  }

  var passed: Int { object["passed"]["packets"].int ?? -1 }
  var dropped: Int { object["dropped"]["packets"].int ?? -1 }
  var packets: Int { passed + dropped }
  var bytes: Int {
    (object["passed"]["bytes"].int ?? -1) + (object["dropped"]["bytes"].int ?? -1)
  }

  subscript(reason: String) -> Int {
    object["reasons"].first("reason", reason)["packets"].int ?? -1
  }

  func bytes(_ reason: String) -> Int {
    object["reasons"].first("reason", reason)["bytes"].int ?? -1
  }

  /// Whether the reasons add up to the verdicts.
  var isConsistent: Bool {
    let sums = ["pass", "drop"].map { verdict in
      object["reasons"].array.filter { $0["verdict"].string == verdict }
        .reduce((0, 0)) { ($0.0 + ($1["packets"].int ?? 0), $0.1 + ($1["bytes"].int ?? 0)) }
    }
    return sums[0] == (passed, object["passed"]["bytes"].int ?? -1)
      && sums[1] == (dropped, object["dropped"]["bytes"].int ?? -1)
  }
}
