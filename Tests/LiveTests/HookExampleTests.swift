import Foundation
import Linux
import TestSupport
import Testing

@testable import Aegis

extension Kernel {
  /// The programs in contrib/hook, made by the compilers that operators have.
  struct HookExampleTests {
    /// That of Debian 12, and that of the build.
    static let compilers: [String?] = ["clang-14", nil]

    private static let get: [UInt8] = [0xff, 0xff, 0xff, 0xff] + Array("getstatus".utf8)
    private static let query: [UInt8] =
      [0xff, 0xff, 0xff, 0xff] + Array("TSource Engine Query\0".utf8)

    /// With the program in place, and its map unpinned in the end.
    private func with(
      _ name: String, map: String, by compiler: String?, _ body: (Live, String) throws -> Void
    ) throws {
      try TemporaryDirectory.with { directory in
        let pin = "/sys/fs/bpf/" + map
        try #require(try !FileSystem.exists(pin), "another one is in use")
        let live = try Live.attached(ipv6: true)
        defer { _ = try? FileSystem.remove(pin) }
        let object = try HookObjects.example(name, by: compiler, in: directory)
        try live.ok(["set-hook", object])
        try body(live, pin)
        try live.ok(["set-hook", "--remove"])
      }
    }

    @Test("payload drops what has given bytes at an offset", arguments: compilers)
    func payload(compiler: String?) throws {
      try with("payload", map: "payload_pattern", by: compiler) { live, pin in
        let client = try live.sandbox.datagrams(of: .peer)
        let server = try live.sandbox.datagrams(of: .host, port: 7001)
        func arrives(_ bytes: [UInt8]) throws -> Bool {
          try client.send(bytes, to: live.sandbox.host.v4, port: 7001)
          return try server.receive()?.bytes == bytes
        }
        #expect(try !arrives(Self.get) && !arrives(Self.get + [1, 2, 3]))
        #expect(try arrives(Array(Self.get.dropLast())) && arrives([0] + Self.get))
        #expect(try arrives([1]))
        // Two bytes, from the third one on.
        let value: [UInt8] = [2, 0, 2, 0, 7, 8] + [UInt8](repeating: 0, count: 14)
        try update(pin, value)
        #expect(try arrives(Self.get) && arrives([7, 8]) && !arrives([0, 0, 7, 8, 9]))
        let stats = try live.stats()
        #expect(stats["drop.hook"] == 3)
      }
    }

    @Test("query answers who does not have its challenge", arguments: compilers, [false, true])
    func query(compiler: String?, ipv6: Bool) throws {
      try with("query", map: "query_secret", by: compiler) { live, pin in
        let to = ipv6 ? live.sandbox.host.v6 : live.sandbox.host.v4
        let client = try live.sandbox.datagrams(of: .peer, ipv6: ipv6)
        let other = try live.sandbox.datagrams(of: .peer, ipv6: ipv6)
        let server = try live.sandbox.datagrams(of: .host, ipv6: ipv6, port: 27015)
        // A veth takes what XDP sends only if it has a program too.
        let (peer, foreign) = (live.sandbox.peer, try ForeignProgram())
        try Command(
          ["ip", "link", "set", "dev", peer.interface, "xdp", "pinned", foreign.pin],
          namespace: peer.namespace
        ).succeed()
        // Without a secret everything passes.
        try client.send(Self.query, to: to, port: 27015)
        #expect(try server.receive()?.bytes == Self.query)
        try update(pin, Array(1...16))
        try client.send(Self.query, to: to, port: 27015)
        let answer = try #require(try client.receive())
        #expect(answer.source == to && answer.port == 27015)
        #expect(answer.bytes.count == 9 && answer.bytes.prefix(5) == [255, 255, 255, 255, 65])
        #expect(try server.receive(within: 0.1) == nil)
        let challenge = answer.bytes.suffix(4)
        try client.send(Self.query + challenge, to: to, port: 27015)
        #expect(try server.receive()?.bytes == Self.query + challenge)
        // It is worth nothing to another one.
        try other.send(Self.query + challenge, to: to, port: 27015)
        #expect(try server.receive(within: 0.1) == nil)
        #expect(try other.receive()?.bytes.count == 9)
        try client.send([1, 2, 3], to: to, port: 27015)
        #expect(try server.receive()?.bytes == [1, 2, 3])
        #expect(try live.stats()["reply.hook"] == 2)
      }
    }

    private func update(_ pin: String, _ value: [UInt8]) throws {
      let bytes = value.map { String(format: "%02x", $0) }
      try Command(
        ["bpftool", "map", "update", "pinned", pin, "key", "0", "0", "0", "0", "value", "hex"]
          + bytes
      ).succeed()
    }
  }
}
