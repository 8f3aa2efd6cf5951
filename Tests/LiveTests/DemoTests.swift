import Foundation
import TestSupport
import Testing

extension Kernel {
  /// What README shows.
  struct DemoTests {
    @Test("the tour ends well, and its packets are judged as it says")
    func tour() throws {
      let outcome = try Aegisctl().run(["demo"])
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.output.contains("sent 100 from 10.0.0.2: 100 arrived"))
      #expect(outcome.output.contains("sent 100 from 10.0.0.4: 0 arrived"))
    }

    @Test("the host's log is not told of it")
    func log() throws {
      let line = try SystemLogTrial.firstLine(
        of: """
          \(BuiltBinary.path("aegisctl")) demo >D/output
          python3 -c 'import socket
          socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"the first", "/dev/log")'
          """, timeout: 60)
      #expect(line == "the first", "\(line)")
    }

    @Test("the attack is found, stopped and explained")
    func attack() throws {
      let outcome = try Aegisctl().run(["demo", "--attack"])
      #expect(outcome.status == 0, "\(outcome)")
      for expected in [
        "would-drop.rate  all ", "drop.host: its source address is on the drop list",
        "pass.default: no entry names it", "10.0.0.3  ", "times     in ns",
      ] {
        #expect(outcome.output.contains(expected), "no \(expected) in \(outcome.output)")
      }
    }

    @Test("the gateway is not seen, stops the attacker, and is closed without the datapath")
    func wire() throws {
      let outcome = try Aegisctl().run(["demo", "--wire"])
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.error.isEmpty, "\(outcome)")
      for expected in [
        "demo0 <-> demo1  attached", " 3 received", "drop.host: its source address",
        "pass.trusted: it came in by the trusted port", "route    leaves by demo1",
      ] {
        #expect(outcome.output.contains(expected), "no \(expected) in \(outcome.output)")
      }
      let sent = outcome.output.split(separator: "\n").filter { $0.contains("  sent ") }
      #expect(
        sent == [
          "  sent 100 from 10.0.0.3: 100 arrived", "  sent 100 from 10.0.0.3: 0 arrived",
          "  sent 100 from 10.0.0.2: 100 arrived", "  sent 100 from 10.0.0.2: 0 arrived",
        ])
      // The left end's neighbours, the right one's, and the addresses of the gateway.
      let seen = outcome.output.split(separator: "\n").filter { $0.contains(":") }
        .filter { $0.contains("left0  ") || $0.contains("right0  ") }
      #expect(seen.count == 2, "\(seen)")
      let ports = outcome.output.split(separator: "\n").filter { $0.hasPrefix("demo") }
        .filter { $0.contains("@") }
      #expect(ports.count == 2 && ports.allSatisfy { !$0.contains("/") }, "\(ports)")
    }

    @Test(
      "the relay forwards for its user both ways, and drops what is repeated, forged or strange")
    func relay() throws {
      let outcome = try Aegisctl().run(["demo", "--relay"])
      #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome)")
      let lines = outcome.output.split(separator: "\n")
      #expect(
        lines.filter { $0.contains("  sent ") } == [
          "  sent 100 from 10.0.0.2: 100 arrived", "  sent 100 from 10.0.1.2: 100 arrived",
          "  sent 100 from 10.0.0.3: 0 arrived", "  sent 100 from 10.0.0.3: 0 arrived",
          "  sent 100 from 10.0.0.3: 0 arrived", "  sent 100 from 10.0.1.2: 100 arrived",
          "  sent 100 from 10.0.0.2: 0 arrived",
        ])
      let words = lines.map { $0.split(separator: " ").prefix(5) }
      for row in [
        ["total", "pass.relay", "300"], ["total", "drop.relay-token", "200"],
        ["total", "drop.relay-replay", "100"], ["alice", "100", "9200", "200", "18400"],
      ] {
        #expect(words.contains { $0.starts(with: row.map { Substring($0) }) }, "\(row)")
      }
    }

    @Test func oneAtATime() throws {
      for words in [["--wire", "--attack"], ["--relay", "--wire"]] {
        let outcome = try Aegisctl().run(["demo"] + words)
        #expect(outcome.status == 64 && outcome.error.contains("one of"), "\(outcome)")
      }
    }
  }
}
