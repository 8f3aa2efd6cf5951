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

    /// With a socket of our own as /dev/log, in a mount namespace of our own.
    @Test("the host's log is not told of it")
    func log() throws {
      try TemporaryDirectory.with { directory in
        let script = """
          mkdir D/dev && mknod -m 666 D/dev/null c 1 3 && mount --bind D/dev /dev
          python3 - <<'END' &
          import socket
          log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
          log.bind("/dev/log")
          open("D/ready", "w").close()
          log.settimeout(60)
          open("D/line", "wb").write(log.recv(65536))
          END
          while [ ! -e D/ready ]; do sleep 0.05; done
          TOOL demo >D/output
          python3 -c 'import socket
          socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"the first", "/dev/log")'
          wait
          """
          .replacingOccurrences(of: "D/", with: directory.path + "/")
          .replacingOccurrences(of: "TOOL", with: BuiltBinary.path("aegisctl"))
        let outcome = try Command(["unshare", "--mount", "sh", "-euc", script]).run(timeout: 90)
        #expect(outcome.status == 0, "\(outcome)")
        let line = try String(contentsOfFile: directory.path + "/line", encoding: .utf8)
        #expect(line == "the first", "\(line)")
      }
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
  }
}
