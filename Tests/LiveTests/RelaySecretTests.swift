import Foundation
import Linux
import TestSupport
import Testing

extension Kernel {
  /// The keys of the relay are in its key file and in the kernel, and a token's secret in the answer of relay-token alone.
  struct RelaySecretTests {
    @Test("no other verb prints a secret, in no format, and no note of a change has one")
    func printed() throws {
      let live = try RelayLive()
      let token = try live.ok(["relay-token", "v4"])
      let secret = try #require(token["secret"].string)
      try #require(secret.count == 32)
      let hidden = [secret, RelayLive.secret, "03020100", "0x0706050403020100"]
      let verbs: [[String]] = [
        ["status"], ["stats"], ["stats", "--by", "user"], ["dump"], ["dump", "all"],
        ["dump", "users"], ["dump", "log"], ["doctor"], ["repair"], ["repair", "--dry-run"],
        ["metrics"], ["set-relay", "--off", "--dry-run"],
        [
          "set-relay", "--listen", "\(live.network.left.routerV4):4501", "--port-range",
          "20000-20099", "--key-file", live.keyFile, "--dry-run",
        ],
      ]
      for words in verbs {
        for format in ["table", "wide", "json", "yaml", "name"] {
          let outcome = try live.run(words + ["-v", "-o", format])
          for text in hidden {
            #expect(!(outcome.output + outcome.error).contains(text), "\(words) -o \(format)")
          }
        }
      }
    }

    @Test(
      "a key file that is wrong is refused without what it has", arguments: ["1 0011", "x", "1"])
    func refused(_ line: String) throws {
      let live = try RelayLive()
      let secret = "deadbeefdeadbeefdeadbeefdeadbee"
      try live.write(keys: ["1 \(secret)", line])
      let outcome = try live.run([
        "set-relay", "--listen", "\(live.network.left.routerV4):4500", "--port-range",
        "20000-20099", "--key-file", live.keyFile,
      ])
      #expect(outcome.status == 65)
      #expect(!(outcome.output + outcome.error).contains("deadbeef"))
    }

    @Test("nobody but root gets at what is pinned, or at the key file")
    func unprivileged() throws {
      let live = try RelayLive()
      let pins = try FileManager.default.subpathsOfDirectory(atPath: live.aegis.root)
      #expect(pins.contains("current/relay") || pins.contains { $0.hasSuffix("/relay") })
      for pin in pins + [""] {
        let path = live.aegis.root + "/" + pin
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
        #expect(isLink || (mode ?? 0o777) & 0o077 == 0, "\(path)")
      }
      let other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
      for words in [["cat", live.keyFile], ["ls", live.aegis.root + "/current/"]] {
        #expect(try Command(other + words).run().status != 0)
      }
      let tool = try Command(
        other + live.aegis.command(["relay-token", "v4"]).arguments,
        environment: ["AEGIS_PIN_ROOT": live.aegis.root]
      ).run()
      #expect(tool.status == 77 && tool.output == "", "\(tool)")
    }

    @Test("what has read the keys leaves no core file, and none of its arguments is a secret")
    func dumps() throws {
      let live = try RelayLive()
      let trace = try Command(
        ["strace", "-f", "-e", "trace=prctl,execve"]
          + live.aegis.command(["relay-token", "v4"]).arguments,
        environment: ["AEGIS_PIN_ROOT": live.aegis.root], namespace: live.network.router
      ).run()
      let secret = try #require(trace.output.firstMatch(of: /secret +([0-9a-f]{32})/)?.1)
      #expect(trace.error.contains("PR_SET_DUMPABLE, SUID_DUMP_DISABLE"), "\(trace.error)")
      #expect(!trace.error.contains(secret) && !trace.error.contains(RelayLive.secret))
    }
  }
}
