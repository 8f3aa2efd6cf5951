import BPF
import Foundation
import Linux
import TestSupport
import Testing

@testable import Aegis
@testable import TestModel

extension Kernel {
  /// The operator's own program behind the policy.
  struct HookTests {
    private static let pass = "  return aegis_finish(ctx, AEGIS_HOOK_PASS);"
    private static let drop = "  return aegis_finish(ctx, AEGIS_HOOK_DROP);"
    /// Drops what goes to one port.
    private static func dropping(_ port: UInt16) -> String {
      """
        const struct aegis_hook_packet *packet = aegis_packet();

        if (packet && packet->protocol == 17 && packet->destination_port == bpf_htons(\(port)))
          return aegis_finish(ctx, AEGIS_HOOK_DROP);
        return aegis_finish(ctx, AEGIS_HOOK_PASS);
      """
    }

    private func set(_ live: Live, _ object: String, _ words: String...) throws -> JSON {
      try live.ok(["set-hook", object, "--force"] + words)
    }

    @Test("it lets packets in or drops them, and each is counted once")
    func verdicts() throws {
      try TemporaryDirectory.with { directory in
        let live = try Live.attached()
        let object = try HookObjects.body(Self.dropping(7002), in: directory)
        #expect(try set(live, object, "--dry-run")["changed"].bool == true)
        #expect(try live.ok(["status"])["hook"]["name"].string == nil)
        #expect(try set(live, object)["changed"].bool == true)
        #expect(try set(live, object)["changed"].bool == false)
        #expect(try set(live, object, "--on-missing", "drop")["changed"].bool == true)
        #expect(try live.arrives(port: 7001) && !live.arrives(port: 7002))
        let stats = try live.stats()
        #expect(stats["drop.hook"] == 1 && stats["pass.hook"] >= 1)
        #expect(stats["pass.default"] <= 0)
        let status = try live.ok(["status"])["hook"]
        #expect(status["name"].string == "match" && status["onMissing"].string == "drop")
        #expect(status["uncounted"].int == 0)
        #expect(status["packets"].int == stats["drop.hook"] + stats["pass.hook"])
        // What is decided before it stays decided: a drop list, and a protected key.
        try live.ok(["drop-ip", live.peer])
        #expect(try !live.arrives(port: 7001))
        try live.ok(["drop-ip", live.peer, "--remove"])
        try live.ok(["allow-key", "\(live.peer):7002/udp", "--protect"])
        #expect(try live.arrives(port: 7002))
        try live.ok(["allow-key", "\(live.peer):7002/udp", "--remove"])
        try live.ok(["set-mode", "monitor"])
        #expect(try live.arrives(port: 7002))
        #expect(try live.stats()["pass.monitored"] == 1)
        try live.ok(["set-mode", "enforce"])
        #expect(try live.ok(["set-hook", "--remove"])["changed"].bool == true)
        #expect(try live.ok(["set-hook", "--remove"])["changed"].bool == false)
        #expect(try live.arrives(port: 7002))
        #expect(try live.ok(["repair"])["changed"].bool == false)
      }
    }

    @Test("what the kernel or the datapath cannot call is refused, with the reason")
    func kinds() throws {
      try TemporaryDirectory.with { directory in
        let live = try Live.attached()
        func refusal(_ object: String, _ words: String...) throws -> String {
          try live.fails(65, ["set-hook", object, "--force"] + words)
        }
        func made(_ section: String, _ body: String = Self.pass) throws -> String {
          try HookObjects.body(body, section: section, in: directory)
        }
        #expect(try refusal(made("xdp")).contains("xdp.frags"))
        #expect(try refusal(made("xdp.frags/devmap")).contains("a map of devices"))
        #expect(try refusal(made("xdp.frags/cpumap")).contains("a map of CPUs"))
        #expect(try refusal(made("tc", "  return 0;")).contains("no program of XDP"))
        #expect(try refusal(made("socket", "  return 0;")).contains("no program of XDP"))
        #expect(try refusal(made("xdp.frags"), "--program", "other").contains("it has: match"))
        try directory.file("text", Array("no object\n".utf8))
        #expect(try refusal("\(directory.path)/text").contains("is not a BPF object"))
        // A loop without an end, and one that reads behind the frame.
        let endless = "  while (1) bpf_ktime_get_ns();"
        #expect(try refusal(made("xdp.frags", endless)).contains("does not load program match"))
        let beyond = "  return *(int *)(long)ctx->data;"
        #expect(try refusal(made("xdp.frags", beyond)).contains("does not load program match"))
        let second = "SEC(\"xdp.frags\") int second(struct xdp_md *ctx) { return XDP_PASS; }"
        let two = try HookObjects.body(Self.pass, before: second, in: directory)
        #expect(try refusal(two).contains("--program"))
        #expect(try set(live, two, "--program", "match")["changed"].bool == true)
        #expect(try live.arrives())
        #expect(try live.ok(["status"])["hook"]["name"].string == "match")
      }
    }

    @Test("one that drops what the guard protects is refused, and one that loops ends")
    func guarded() throws {
      try TemporaryDirectory.with { directory in
        let live = try Live.attached()
        let object = try HookObjects.body(Self.drop, in: directory)
        let words = ["set-hook", object, "--guard", live.peer]
        #expect(try live.fails(79, words).contains("does not let it pass"))
        #expect(try live.ok(["status"])["hook"]["name"].string == nil)
        try live.ok(["allow-key", "\(live.peer):22/tcp", "--protect"])
        let other = try live.run(words)
        #expect(!other.error.contains("\(live.peer):22/tcp"), "\(other)")
        try live.ok(["allow-key", "\(live.peer):22/tcp", "--remove"])
        // One that is in place is tried on what it has not been asked about.
        func guarded(_ words: String...) throws -> Outcome {
          try live.aegis.run(
            words + ["--guard", live.peer], namespace: live.sandbox.host.namespace)
        }
        func isRefused(_ outcome: Outcome) -> Bool {
          outcome.status == 79 && outcome.error.contains("does not let it pass")
        }
        let open = try HookObjects.body(Self.pass, named: "open", in: directory)
        try live.ok(["set-hook", open])
        try live.ok(["detach", live.interface])
        #expect(try guarded("attach", live.interface).status == 0)
        try live.ok(["set-rule", "other", "--port", "9/udp", "--then", "hook"])
        try live.ok(["set-hook", object])
        let rule = try guarded("set-rule", "all", "--port", "22/tcp", "--then", "hook")
        #expect(isRefused(rule), "\(rule)")
        let last = try guarded("set-rule", "other", "--remove")
        #expect(isRefused(last), "\(last)")
        try live.ok(["set-rule", "other", "--remove"])
        try live.ok(["detach", live.interface])
        let attach = try guarded("attach", live.interface)
        #expect(isRefused(attach), "\(attach)")
        try live.ok(["set-hook", open, "--on-missing", "drop"])
        let byTC = try guarded("attach", live.interface, "--mode", "tc")
        #expect(isRefused(byTC), "\(byTC)")
        #expect(try guarded("attach", live.interface).status == 0)
        // Its own array holds the program itself.
        let loop = """
          struct {
            __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
            __uint(max_entries, 1);
            __uint(key_size, 4);
            __array(values, int(struct xdp_md *));
          } own SEC(".maps") = {.values = {[0] = (void *)&match}};
          """
        let looping = try HookObjects.body(
          "  bpf_tail_call_static(ctx, &own, 0);\n  return XDP_PASS;",
          before: "int match(struct xdp_md *ctx);\n" + loop, named: "loop", in: directory)
        _ = try set(live, looping)
        #expect(try live.arrives())
        let status = try live.ok(["status"])["hook"]
        #expect((status["uncounted"].int ?? 0) > 0)
        #expect(status["uncounted"].int == status["packets"].int)
      }
    }

    @Test("one that writes and cuts the packet, and answers it")
    func writes() throws {
      try TemporaryDirectory.with { directory in
        let live = try Live.attached()
        let body = """
            const struct aegis_hook_packet *packet = aegis_packet();
            __u8 mark = 0x5a;

            if (packet && packet->protocol == 17 && packet->payload)
              bpf_xdp_store_bytes(ctx, packet->payload, &mark, 1);
            return aegis_finish(ctx, AEGIS_HOOK_PASS);
          """
        _ = try set(live, HookObjects.body(body, in: directory))
        // Its checksum is left to hardware that there is none of, so nobody checks it.
        let client = try live.sandbox.datagrams(of: .peer)
        let server = try live.sandbox.datagrams(of: .host, port: 7001)
        try client.send([1, 2, 3], to: live.sandbox.host.v4, port: 7001)
        #expect(try server.receive()?.bytes == [0x5a, 2, 3])
        #expect(try live.stats()["pass.hook"] >= 1)
        let answer = """
            const struct aegis_hook_packet *packet = aegis_packet();
            __u8 mac[12], other[12];

            if (!packet || packet->protocol != 17 || bpf_xdp_load_bytes(ctx, 0, mac, 12))
              return aegis_finish(ctx, AEGIS_HOOK_PASS);
            __builtin_memcpy(other, mac + 6, 6);
            __builtin_memcpy(other + 6, mac, 6);
            bpf_xdp_store_bytes(ctx, 0, other, 12);
            bpf_xdp_adjust_tail(ctx, -4);
            return aegis_finish(ctx, AEGIS_HOOK_REPLY);
          """
        _ = try set(live, HookObjects.body(answer, named: "answer", in: directory))
        #expect(try !live.arrives(port: 7002))
        #expect(try live.stats()["reply.hook"] == 1)
      }
    }

    @Test("1000 exchanges under a flood: each packet is judged by one of two, and none is lost")
    func exchange() throws {
      try TemporaryDirectory.with { directory in
        let live = Live(try Sandbox(ipv6: false))
        try live.ok(["load"])
        let pair = try VethPair(live.sandbox, number: 1)
        try live.ok(["attach", pair.interface])
        let bodies = [Self.pass, Self.drop]
        let objects = try bodies.enumerated().map { number, body in
          let path = try HookObjects.body(body, named: "number\(number)", in: directory)
          let bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
          return try HookObject(bytes, path: path)
        }
        let session = try Session(at: PinRoot(live.aegis.root), timeout: .seconds(1))
        let hook = try Hook(session.datapath())
        try hook.set(objects[0], onMissing: .drop, in: session)
        let frame = Frame(IPv4(.udp(), from: IPAddress("192.0.2.1")))
        let met = try pair.passage(of: 0).met
        let flow = PairFlow([Frame](repeating: frame, count: 32), over: pair)
        defer { _ = flow.stop() }
        for round in 1...1000 {
          try hook.set(objects[round % 2], onMissing: .drop, in: session)
        }
        let sent = flow.stop()
        Thread.sleep(forTimeInterval: 0.2)
        let came = try pair.passage(of: 0).met - met
        let stats = try live.stats(pair.interface)
        let (passed, dropped) = (stats["pass.hook"], stats["drop.hook"])
        print("1000 exchanges: \(sent) sent, \(came) came, \(passed) passed, \(dropped) dropped")
        #expect(passed + dropped == came && came > 10_000)
        #expect(stats["drop.hook-missing"] <= 0)
        #expect(passed > came / 10 && dropped > came / 10)
        #expect(try hook.status()?.uncounted == 0)
      }
    }

    @Test("a replacement, a rollback and lost pins keep it, or repair puts it back")
    func kept() throws {
      try TemporaryDirectory.with { directory in
        let live = try Live.attached()
        _ = try set(live, HookObjects.body(Self.dropping(7002), in: directory))
        func works() throws -> Bool { try live.arrives(port: 7001) && !live.arrives(port: 7002) }
        #expect(try works())
        try live.ok(["load", "--replace", "--max-sources", "100000"])
        #expect(try works())
        try live.ok(["load", "--rollback"])
        #expect(try works())
        let current = live.aegis.root + "/current/"
        for name in ["parts", "hook_exit", "hook_packet", "hook_work", "aegis_hook"] {
          try FileSystem.remove(current + name)
          try live.ok(["repair"])
          #expect(try live.ok(["repair"])["changed"].bool == false, "\(name)")
          #expect(try works(), "\(name)")
        }
        // Its slot is emptied: what is for it is counted, until repair.
        let parts = try DescriptorArray(pinnedAt: current + "parts")
        try parts.remove(at: 1)
        #expect(try live.arrives(port: 7002))
        #expect(try live.stats()["pass.hook-missing"] >= 1)
        #expect(try live.run(["doctor"]).output.contains("its program was not in place"))
        #expect(
          try live.ok(["repair"])["items"].first("name", "hook")["action"].string == "restored")
        #expect(try works())
        for place in 0..<3 as Range<UInt32> {
          try DescriptorArray(pinnedAt: current + "hook_exit").remove(at: place)
        }
        #expect(try live.ok(["repair"])["changed"].bool == true)
        #expect(try works())
        // Nothing holds it any more.
        try parts.remove(at: 1)
        try FileSystem.remove(current + "aegis_hook")
        #expect(try live.run(["repair"]).error.contains("set-hook"))
        try live.ok(["set-hook", "--remove"])
        #expect(try live.ok(["repair"])["changed"].bool == false)
      }
    }

    @Test("a Host document declares it, and dump writes it back")
    func declared() throws {
      try TemporaryDirectory.with { directory in
        let live = Live(try Sandbox(ipv6: false))
        let object = try HookObjects.body(Self.dropping(7002), in: directory)
        let shut = try HookObjects.body(Self.drop, named: "shut", in: directory)
        func text(_ hook: String, _ spec: String = "") -> String {
          "apiVersion: aegis/v1\nkind: Host\nspec: {interfaces: [\(live.interface)], hook: \(hook)}\n"
            + "---\napiVersion: aegis/v1\nkind: Policy\nspec: {\(spec)}\n"
        }
        func apply(_ text: String, _ words: String...) throws -> Outcome {
          try live.aegis.run(
            ["apply", "-f", "-", "-o", "json"] + words, input: text,
            namespace: live.sandbox.host.namespace)
        }
        func action(_ outcome: Outcome) throws -> String? {
          try outcome.json["items"].array.first { $0["part"].string == "hook" }?["action"].string
        }
        let open = text("{object: \(object), onMissing: drop}")
        #expect(try action(apply(open, "--dry-run")) == "added")
        try live.fails(69, ["status"])
        #expect(try action(apply(open)) == "added")
        #expect(try live.arrives(port: 7001) && !live.arrives(port: 7002))
        let again = try apply(open)
        #expect(try again.json["changed"].bool == false, "\(again)")
        let dump = try live.run(["dump", "host", "-o", "yaml"]).output
        #expect(dump.contains("object: \(object)") && dump.contains("onMissing: drop"), "\(dump)")
        #expect(try live.run(["diff", "-f", "-"], input: dump).status == 0)
        // Nothing of a file whose program would cut off the peer is applied.
        let refused = try apply(
          text("{object: \(shut)}", "drops: [192.0.2.77]"), "--guard", live.peer)
        #expect(
          refused.status == 79 && refused.error.contains("does not let it pass"), "\(refused)")
        #expect(try live.ok(["dump", "drops"])["drops"].array.isEmpty)
        // It is judged under the policy that comes with it.
        let kept = text(
          "{object: \(shut)}", "keys: [{key: \"\(live.peer):22/tcp\", protect: true}]")
        let guarded = try apply(kept, "--guard", live.peer)
        #expect(!guarded.error.contains("\(live.peer):22/tcp"), "\(guarded)")
        try Command(["chmod", "666", object]).succeed()
        let shared = try apply(open)
        #expect(shared.status == 77 && shared.error.contains("cannot trust"), "\(shared)")
        try Command(["chmod", "644", object]).succeed()
        try Command(["chown", "12345", object]).succeed()
        #expect(try apply(open).error.contains("belongs to the user 12345"))
        try Command(["chown", "0", object]).succeed()
        let missing = text("{object: \(directory.path)/none.o}")
        #expect(try apply(missing).status == 65)
        #expect(try apply(missing, "--at-boot").error.contains("no program of hook"))
        #expect(try live.ok(["status"])["hook"]["file"].string == object)
        #expect(try action(apply(text("{object: none}"))) == "removed")
        #expect(try live.ok(["status"])["hook"]["name"].string == nil)
      }
    }

    @Test("latency tells its part, and others keep what it continues with")
    func latency() throws {
      try TemporaryDirectory.with { directory in
        let live = try Live.attached()
        let body = """
            for (int i = 0; i < 1000; i++)
              bpf_ktime_get_ns();

          """
        _ = try set(live, HookObjects.body(body + Self.dropping(7002), in: directory))
        try live.ok(["allow-key", "\(live.peer):7003/udp", "--protect"])
        #expect(try live.arrives(port: 7001))
        let before = try live.stats()
        let measurement = try Measurement(live)
        try live.sandbox.send(port: 7001, count: 300)
        try live.sandbox.send(port: 7002, count: 200)
        try live.sandbox.send(port: 7003, count: 100)
        try LatencyCase.wait { try live.stats()["drop.hook"] - before["drop.hook"] == 200 }
        try LatencyCase.wait {
          try live.stats()["pass.protected"] - before["pass.protected"] == 100
        }
        let found = try measurement.end()
        let after = try live.stats()
        let hooked = after["pass.hook"] - before["pass.hook"] + 200
        #expect(LatencyCase.packets(found["total"]) == after.packets - before.packets)
        #expect(LatencyCase.packets(found["items"].first("verdict", "drop")) == 200)
        #expect(LatencyCase.packets(found["hook"]) == hooked && hooked >= 500)
        #expect((found["hook"]["nanoseconds"]["p50"].int ?? 0) > 5000, "\(found["hook"])")
        let drops = found["items"].first("verdict", "drop")["nanoseconds"]["p50"].int ?? 0
        #expect(drops > 5000)
        #expect(try live.ok(["repair"])["changed"].bool == false)
        #expect(try live.arrives(port: 7001) && !live.arrives(port: 7002))
        #expect(try live.ok(["status"])["hook"]["uncounted"].int == 0)
      }
    }

    @Test("events name the rule that chose a packet for it")
    func events() throws {
      try TemporaryDirectory.with { directory in
        let live = try Live.attached()
        _ = try set(live, HookObjects.body(Self.dropping(7002), in: directory))
        try live.ok(["set-rule", "query", "--port", "7002/udp", "--then", "hook", "--force"])
        let reading = try EventReading(live, ["--reason", "drop.hook"])
        #expect(try !live.arrives(port: 7002) && live.arrives(port: 7001))
        let events = try reading.end()
        #expect(events.reasons == ["drop.hook"])
        #expect(events.all.first?["rule"].string == "rule query")
      }
    }

    @Test("unloaded while it runs, nothing is lost but the datapath")
    func unloaded() throws {
      try TemporaryDirectory.with { directory in
        let live = try Live.attached()
        _ = try set(live, HookObjects.body(Self.pass, in: directory))
        let barrage = Barrage(live.sandbox, from: [live.peer], port: 7001)
        defer { barrage.stop() }
        Thread.sleep(forTimeInterval: 0.2)
        try live.ok(["unload", "--force"])
        Thread.sleep(forTimeInterval: 0.1)
        barrage.stop()
        #expect(try live.arrives(port: 7002))
      }
    }

    @Test("a capture is tried without anything being put in place")
    func capture() throws {
      try TemporaryDirectory.with { directory in
        let live = try Live.attached()
        let object = try HookObjects.body(Self.dropping(7002), in: directory)
        let frames = [7001, 7002, 7002].map { port in
          Frame(IPv4(.udp(UInt16(port)), from: IPAddress("192.0.2.1"))).bytes
        }
        try directory.file("any.pcap", Self.capture(of: frames))
        let report = try live.ok([
          "set-hook", object, "--dry-run", "--packet", "\(directory.path)/any.pcap",
        ])
        #expect(report["packets"].array.map { $0["outcome"].string } == ["pass", "drop", "drop"])
        #expect(try live.ok(["status"])["hook"]["name"].string == nil)
        try live.fails(64, ["set-hook", object, "--packet", "any.pcap"])
      }
    }

    private static func capture(of frames: [[UInt8]]) -> [UInt8] {
      func word(_ number: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
      }
      let head = word(0xa1b2_c3d4) + [2, 0, 4, 0] + word(0) + word(0) + word(65535) + word(1)
      return frames.reduce(head) {
        $0 + word(1) + word(0) + word($1.count) + word($1.count) + $1
      }
    }
  }
}
