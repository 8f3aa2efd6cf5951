import Foundation
import Glibc
import TestSupport
import Testing

extension Kernel {
  /// Whatever moment a call dies at, packets are judged as before or after it, and the next call works.
  struct KillTests {
    private static let dropped = "192.0.2.9"

    private func prepared() throws -> Live {
      let live = try Live.attached()
      try live.ok(["drop-ip", Self.dropped])
      try live.ok(["allow-key", "\(live.peer):7001/udp", "--protect"])
      return live
    }

    /// Kills a call at a random moment of its life and looks at what it left.
    private func kill(
      _ arguments: [String], input: String? = nil, within seconds: Double, _ live: Live
    ) throws {
      let namespace = live.sandbox.host.namespace
      let call = try live.aegis.command(arguments, namespace: namespace).start(input: input)
      let delay = Double.random(in: 0...max(0.03, seconds))
      Thread.sleep(forTimeInterval: delay)
      call.signal(SIGKILL)
      _ = try call.wait()
      let comment: Comment = "\(arguments) killed after \(delay) s"

      let status = try live.run(["status", "-o", "json"])
      #expect(status.status == 0, comment)
      let interfaces = try status.json["interfaces"].array
      for interface in interfaces { #expect(interface["mode"].string == "native", comment) }
      #expect(try live.arrives(), comment)
      #expect(try live.arrives(from: Self.dropped) == interfaces.isEmpty, comment)

      let next = try live.run(arguments, input: input)
      #expect(next.status == 0, "\(comment): \(next)")
      let names = try live.names()
      #expect(names.filter { $0.hasPrefix("gen") }.count <= 2, comment)
      let others = names.filter { !$0.hasPrefix("gen") && $0 != "previous" }
      #expect(others == ["current", "drop", "links"], comment)
    }

    private func duration(_ body: () throws -> Void) rethrows -> Double {
      let start = Date()
      try body()
      return Date().timeIntervalSince(start) * 1.1
    }

    @Test func replacing() throws {
      let live = try prepared()
      let time = try duration { try live.ok(["load", "--replace", "--max-drops", "2000"]) }
      for round in 1...8 {
        try kill(["load", "--replace", "--max-drops", "\(2000 + round)"], within: time, live)
        let capacity = try live.ok(["status"])["entries"]["drops"]["capacity"]
        #expect(capacity.int == 2000 + round)
        #expect(try live.ok(["dump", "drops"])["drops"][0]["name"].string == Self.dropped)
        #expect(try live.ok(["dump", "keys"])["keys"].array.count == 1)
      }
    }

    @Test func attaching() throws {
      let live = try prepared()
      try live.ok(["detach", live.interface])
      let time = try duration { try live.ok(["attach", live.interface]) }
      for _ in 0..<8 {
        try live.ok(["detach", live.interface])
        try kill(["attach", live.interface], within: time, live)
        #expect(try live.ok(["dump", "links"])["links"].array.count == 1)
        #expect(try live.names("links").count == 1)
        #expect(try !live.arrives(from: Self.dropped))
      }
    }

    @Test func detaching() throws {
      let live = try prepared()
      let time = try duration { try live.ok(["detach", live.interface]) }
      for _ in 0..<6 {
        try live.ok(["attach", live.interface])
        try kill(["detach", live.interface], within: time, live)
        #expect(try live.ok(["dump", "links"])["links"].array.isEmpty)
        #expect(try live.names("links").isEmpty)
        #expect(try live.arrives(from: Self.dropped))
      }
    }

    @Test func listing() throws {
      let live = try prepared()
      let list = (0..<3000).map { "198.18.\($0 / 250).\($0 % 250)\n" }.joined()
      let time = try duration { try live.ok(["drop-ip", "-f", "-"], input: list) }
      try live.ok(["drop-ip", "-f", "-", "--remove"], input: list)
      for round in 0..<8 {
        let isAdding = round.isMultiple(of: 2)
        try kill(
          ["drop-ip", "-f", "-"] + (isAdding ? [] : ["--remove"]), input: list, within: time, live)
        #expect(
          try live.ok(["dump", "drops"])["drops"].array.count == (isAdding ? 3001 : 1))
        #expect(try live.arrives(from: "198.18.7.7") == !isAdding)
      }
    }

    @Test func limiting() throws {
      let live = try prepared()
      let time = try duration { try live.ok(["set-rate", "1M/s"]) }
      for round in 0..<5 {
        let rate = round.isMultiple(of: 2) ? "off" : "\(round)M/s"
        try kill(["set-rate", rate], within: time, live)
        let rates = try live.ok(["dump", "rates"])["rates"]
        #expect((rates[0]["rate"].string ?? "off") == rate)
      }
    }

    @Test func allowing() throws {
      let live = try prepared()
      let keys = ["any:8000/udp", "10.0.0.0/8:8001/tcp", "192.0.2.7"]
      let time = try duration { try live.ok(["allow-key"] + keys) }
      for round in 0..<5 {
        let isProtected = round.isMultiple(of: 2)
        try kill(["allow-key"] + keys + (isProtected ? ["--protect"] : []), within: time, live)
        let dump = try live.ok(["dump", "keys"])["keys"].array
        #expect(dump.count == 4)
        #expect(dump.count { $0["protected"].bool == true } == (isProtected ? 4 : 1))
      }
    }
  }
}
