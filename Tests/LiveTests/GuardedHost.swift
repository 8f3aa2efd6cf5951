import Aegis
import Foundation
import TestSupport
import Testing

/// A host with an administrator in an SSH session, a default gateway and a name server, all beyond one interface.
final class GuardedHost: Sendable {
  static let client = "192.0.2.9"
  static let client6 = "2001:db8:9::9"
  static let nameServer = "198.51.100.53"
  /// An environment that tells of no session to guard, and keeps the one of the tests' own terminal out.
  static let nobody = "127.0.0.1 50000 127.0.0.1 22"

  let live: Live
  private let listener: Listener
  private let connections: [Connection]
  private let resolver: String
  /// What else is mounted for commands.
  private let mounts: String

  /// - Parameter attached: Or only loaded.
  init(
    attached: Bool = true, connected: [String] = [client], port: UInt16 = 22,
    mounts: String = "mount --bind \"$0\" /etc/resolv.conf"
  ) throws {
    self.mounts = mounts
    live = Live(try Sandbox(extra: [Self.client, Self.client6]))
    gateway6 = "\(try IPAddress(live.sandbox.peer.v6))"
    listener = try live.sandbox.listener(port: port)
    connections = try connected.map { [live] in try live.sandbox.connection(from: $0, to: port) }
    resolver = NSTemporaryDirectory() + "aegis-test-\(RandomName.hex(8)).conf"
    try Data("# test\nnameserver \(Self.nameServer)\n".utf8).write(to: URL(filePath: resolver))
    try live.ok(["load", "--max-drops", "64", "--max-keys", "16", "--max-sources", "56"])
    if attached { try live.ok(["attach", live.interface]) }
  }

  deinit { try? FileManager.default.removeItem(atPath: resolver) }

  var gateway: String { live.sandbox.peer.v4 }
  /// Of the gateway.
  var network: String { gateway.dropLast() + "0/24" }
  /// As it is printed.
  let gateway6: String

  /// Runs aegisctl as it would be run on the host, in the session of the client unless another is given.
  @discardableResult
  func run(
    _ arguments: [String], input: String? = nil, session: String? = nil
  ) throws -> Outcome {
    let connection = session ?? "\(Self.client) 50000 \(live.sandbox.host.v4) 22"
    let command = live.aegis.command(arguments, environment: ["SSH_CONNECTION": connection])
    // The name servers are those of the host, and of this command alone.
    let script = mounts + " && exec \"$@\""
    return try Command(
      ["unshare", "-m", "sh", "-c", script, resolver] + command.arguments,
      environment: command.environment, namespace: live.sandbox.host.namespace
    ).run(input: input)
  }

  /// Everything that can be set, in a form to compare.
  func policy() throws -> String {
    let dump = try live.run(["dump", "-o", "json"]).output
    let entries = dump.split(separator: "\n").filter { line in
      !["hits", "remaining"].contains { line.contains("\"\($0)") }
    }
    return try entries.joined(separator: "\n")
      + "\(live.ok(["status"])["defaultAction"].string ?? "")"
  }
}
