import Foundation
import TestSupport
import Testing

@testable import Aegis

extension Kernel {
  /// Rates of several ports.
  @Suite struct RatePortsTests {
    @Test("are one for all of them, and less specific than that of one of them")
    func share() throws {
      let live = try Live.attached()
      try live.limit(3)
      try live.limit(7, "--port", "7000-7009/udp")
      #expect(try live.rates() == ["10/h 3 source", "10/h 7 source 7000-7009/udp"])
      #expect(try live.passes(20, from: "192.0.2.1", port: 7010) == 3)
      #expect(try live.passes(4, from: "192.0.2.1", port: 7000) == 4)
      #expect(try live.passes(20, from: "192.0.2.1", port: 7009) == 3)
      #expect(try live.passes(20, from: "192.0.2.2", port: 7009) == 7)
      try live.limit(2, "--port", "7001/udp")
      #expect(try live.passes(20, from: "192.0.2.3", port: 7001) == 2)
      #expect(try live.passes(20, from: "192.0.2.3", port: 7002) == 7)
      // With a prefix before without one, and behind that of a port.
      try live.limit(5, "--port", "7000-7009/udp", "--from", "192.0.2.0/28")
      #expect(try live.passes(20, from: "192.0.2.4", port: 7002) == 5)
      #expect(try live.passes(20, from: "192.0.2.4", port: 7001) == 2)
      #expect(try live.passes(20, from: "192.0.2.20", port: 7002) == 7)
      // Fewer ports before more, also with a prefix. Where they have no rate for a packet, the others do.
      try live.limit(4, "--port", "7002,7004/udp", "--from", "192.0.2.9")
      #expect(try live.passes(20, from: "192.0.2.9", port: 7004) == 4)
      #expect(try live.passes(20, from: "192.0.2.10", port: 7004) == 5)
      try live.ok(["set-rate", "off", "--port", "7002,7004/udp", "--from", "192.0.2.9"])
      try live.limit(4, "--port", "7002,7004/udp")
      #expect(try live.passes(20, from: "192.0.2.21", port: 7004) == 4)
      let why = try live.run(["why", "192.0.2.22", "to", "7002/udp"])
      #expect(why.output.contains("port 7002,7004/udp"), "\(why)")

      try live.ok(["set-rate", "off", "--port", "7002,7004/udp"])
      try live.ok(["set-rate", "off", "--port", "7000-7009/udp", "--from", "192.0.2.0/28"])
      #expect(try live.passes(20, from: "192.0.2.5", port: 7004) == 7)
      let off = ["set-rate", "off", "--port", "7000-7009/udp"]
      #expect(try live.ok(off)["changed"].bool == true)
      #expect(try live.ok(off)["changed"].bool == false)
      #expect(try live.passes(20, from: "192.0.2.6", port: 7004) == 3)
      let pins = try FileManager.default.contentsOfDirectory(atPath: live.aegis.root + "/rules")
      #expect(pins == [])
    }

    @Test("can be in total, and for what leaves")
    func directions() throws {
      let live = try Live.attached()
      try live.ok(
        ["set-rate", "10/h", "--burst", "6", "--total", "--port", "7000,7002/udp"])
      #expect(try live.passes(4, from: "192.0.2.1", port: 7000) == 4)
      #expect(try live.passes(4, from: "192.0.2.2", port: 7002) == 2)
      #expect(try live.passes(4, from: "192.0.2.2", port: 7001) == 4)
      try live.ok(["set-rate", "10/h", "--burst", "3", "--out", "--port", "80,443/tcp"])
      let why = try live.run(["why", "--out", "192.0.2.7", "to", "443/tcp"])
      #expect(why.output.contains("port 80,443/tcp"), "\(why)")
    }

    @Test("come back as they were, with what is owed")
    func kept() throws {
      let live = try Live.attached()
      try live.limit(7, "--port", "7000-7009/udp")
      try live.limit(5, "--port", "7000-7009/udp", "--from", "192.0.2.0/24")
      #expect(try live.passes(20, from: "198.51.100.1", port: 7001) == 7)
      let before = try live.run(["dump", "-o", "yaml"]).output
      let isThere = { try live.run(["diff", "-f", "-", "--prune"], input: before).status == 0 }
      #expect(try isThere())
      try live.ok(["load", "--replace"])
      #expect(try isThere())
      #expect(try live.passes(20, from: "198.51.100.1", port: 7002) == 0)
      #expect(try live.passes(20, from: "192.0.2.1", port: 7002) == 5)
      let other =
        "apiVersion: aegis/v1\nkind: Policy\nspec:\n  rates: [{rate: 9/s, port: '1-2/tcp'}]\n"
      try live.ok(
        ["apply", "-f", "-", "--prune", "--force", "--confirm-within", "1h"], input: other)
      #expect(try live.rates() == ["9/s 10 source 1,2/tcp"])
      try live.ok(["rollback"])
      #expect(try isThere())
      #expect(try live.passes(20, from: "198.51.100.2", port: 7002) == 7)
      #expect(try live.ok(["stats", "--by", "interface"])["items"].array.count > 0)
      try live.ok(["repair"])
      #expect(try isThere())
    }

    @Test("are refused where they cannot be")
    func refused() throws {
      let live = try Live.attached()
      for text in ["7000-6999/udp", "0-5/udp", "1-2", "1,,2/udp", "1-2/icmp", ",/udp"] {
        #expect(try live.run(["set-rate", "1/s", "--port", text]).status == 65, "\(text)")
      }
      let rates = (0..<257).map { "{rate: 9/s, port: \"\(2 * $0 + 1),\(2 * $0 + 1001)/tcp\"}" }
      let file =
        "apiVersion: aegis/v1\nkind: Policy\nspec:\n  rates: [\(rates.joined(separator: ", "))]\n"
      let many = try live.run(["apply", "-f", "-", "--force"], input: file)
      #expect(many.status == 65 && many.error.contains("256 different sets of ports"), "\(many)")
      try live.limit(3, "--port", "7000-7009/udp")
      try live.limit(3, "--port", "7005-7019/udp")
      let third = try live.run(["set-rate", "1/s", "--port", "7007-7008/udp"])
      #expect(third.status == 65 && third.error.contains("7007/udp is in"), "\(third)")
      try live.limit(3, "--port", "7007-7008/tcp")
      try live.limit(3, "--port", "7020-7029/udp")
      try live.ok(["set-rate", "off", "--all"])
      #expect(try live.rates().isEmpty)
    }
  }
}
