import CAegis
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Aegis
@testable import BPF

extension Kernel {
  /// What somebody would try who wants to use the relay, or to stop others from using it.
  struct RelayAttackTests {
    @Test("two processors that offer the same packets get each of them through once")
    func sameCounters() throws {
      let live = try RelayLive()
      try live.ok([
        "relay-user", "v4", "--to", "\(live.network.right.v4):\(RelayLive.destinationPort)",
        "--rate", "off",
      ])
      let path = try live.path("v4")
      let other = try live.network.socket(
        in: live.network.left.namespace, bound: path.clientAddress, port: 40_001)
      let count = 20_000
      let packets = (0..<count).map { path.token.packet(RelayToken.little(UInt32($0))) }
      let counted = try live.counting {
        DispatchQueue.concurrentPerform(iterations: 2) { number in
          for packet in packets { try? path.send(packet, from: number == 0 ? path.client : other) }
        }
      }
      var came: [UInt32: Int] = [:]
      while let packet = try path.destination.receive(within: 0.2) {
        came[packet.bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }, default: 0] += 1
      }
      #expect(came.values.allSatisfy { $0 == 1 })
      // A veth whose queue is full loses some before the relay sees them, of both processors.
      let lost = 2 * count - (counted["pass.relay"] ?? 0) - (counted["drop.relay-replay"] ?? 0)
      #expect(counted["pass.relay"] == came.count)
      #expect(lost >= 0 && lost < count / 20 && came.count >= count - lost)
    }

    @Test("no random and no mutated header is accepted")
    func mutated() throws {
      let live = try RelayLive()
      let path = try live.path("v4")
      let isExhaustive = ProcessInfo.processInfo.environment["AEGIS_EXHAUSTIVE"] != nil
      let count = isExhaustive ? 10_000_000 : 100_000
      var generator = SystemRandomNumberGenerator()
      let valid = path.token.packet([1, 2, 3])
      #expect(try path.arrives(valid))
      let fresh = path.token.packet([1, 2, 3])
      let counted = try live.counting {
        for number in 0..<count {
          var packet = fresh
          if number % 4 == 0 {
            for place in 0..<32 { packet[place] = .random(in: 0...255, using: &generator) }
            packet[0] = 1
            packet[1] = 1
          } else {
            for _ in 0..<(number % 4) {
              packet[.random(in: 0..<32, using: &generator)] ^=
                UInt8(1) << UInt8.random(in: 0..<8, using: &generator)
            }
            if packet == fresh { packet[31] ^= 1 }
          }
          try path.send(packet)
        }
      }
      #expect(counted["pass.relay"] == nil)
      let (wrong, strange) = (counted["drop.relay-token"] ?? 0, counted["drop.relay-unknown"] ?? 0)
      #expect(wrong + strange == count)
      #expect(wrong > count / 2 && strange > count / 10, "most are wrong in one to three bits")
      #expect(try path.destination.receive(within: 0.05) == nil)
      #expect(try path.arrives(fresh), "what was tried with it has not used it up")
    }

    @Test("a flood of forged packets takes nothing from a user's rate or window")
    func forged() throws {
      let live = try RelayLive()
      try live.ok([
        "relay-user", "limited", "--to", "\(live.network.right.v4):9000", "--rate", "1/s",
        "--burst", "10",
      ])
      let path = try live.path("limited", port: 9000)
      let seen = path.token.packet([1])
      #expect(try path.arrives(seen))
      for _ in 0..<1000 {
        try path.send(seen)
        try path.send(path.token.packet([1], .init(tag: [UInt8](repeating: 7, count: 8))))
      }
      for _ in 0..<9 { #expect(try path.arrives(path.token.packet([1]))) }
      #expect(try !path.arrives(path.token.packet([1])))
    }

    @Test("after unload and load a packet of before is not accepted again")
    func reboot() throws {
      let live = try RelayLive()
      let path = try live.path("v4")
      let seen = path.token.packet([1])
      #expect(try path.arrives(seen))
      let unseen = path.token.packet([2])
      try live.ok(["unload", "--force"])
      try live.ok(["load", "--max-drops", "64", "--max-users", "128"])
      try live.ok(["attach"] + live.network.ports + ["--mode", "native"])
      try live.set()
      try live.ok(["relay-user", "v4", "--to", "\(live.network.right.v4):7777"])
      #expect(try !path.arrives(seen))
      #expect(try !path.arrives(unseen))
      Thread.sleep(forTimeInterval: 0.15)
      #expect(try path.arrives(path.token.packet([3])), "the client need not do anything")
    }

    @Test("keys change under traffic and no packet is lost; the old one ends with its line")
    func rotation() throws {
      let live = try RelayLive()
      try live.ok([
        "relay-user", "v4", "--to", "\(live.network.right.v4):\(RelayLive.destinationPort)",
        "--rate", "off",
      ])
      let path = try live.path("v4")
      let isOver = Atomic(false)
      let sent = Atomic(0)
      let thread = Thread { [path] in
        while !isOver.load(ordering: .relaxed) {
          try? path.send(path.token.packet([1]))
          sent.add(1, ordering: .relaxed)
          usleep(50)
        }
      }
      thread.start()
      let other = "ffeeddccbbaa99887766554433221100"
      for _ in 0..<5 {
        try live.write(keys: ["2 \(other)", "1 \(RelayLive.secret)"])
        try live.set()
        try live.write(keys: ["1 \(RelayLive.secret)", "2 \(other)"])
        try live.set()
        try live.write(keys: ["1 \(RelayLive.secret)"])
        try live.set()
      }
      let replaced = try live.run(["load", "--replace"])
      #expect(replaced.status == 0, "\(replaced)")
      isOver.store(true, ordering: .relaxed)
      while thread.isExecuting { usleep(1000) }
      #expect(try path.destination.count(quiet: 0.3) == sent.load(ordering: .relaxed))
      try live.write(keys: ["2 \(other)"])
      try live.set()
      #expect(try !path.arrives(path.token.packet([1])))
    }

    @Test(
      "replacing the datapath keeps windows, rates and counters, also in a table of another size")
    func replaced() throws {
      let live = try RelayLive()
      try live.ok([
        "relay-user", "limited", "--to", "\(live.network.right.v4):9000", "--rate", "1/m",
        "--burst", "10",
      ])
      let path = try live.path("limited", port: 9000)
      let seen = (0..<8).map { _ in path.token.packet([1]) }
      for packet in seen { #expect(try path.arrives(packet)) }
      let ways = [
        ["--replace", "--max-users", "128"], ["--replace", "--max-users", "256"], ["--rollback"],
      ]
      for way in ways {
        try live.ok(["load"] + way)
        for packet in seen { #expect(try !path.arrives(packet)) }
        Thread.sleep(forTimeInterval: 0.15)
      }
      let users = try live.ok(["dump", "users"])["users"]
      #expect(users.first("name", "limited")["packets"].int == 8)
      let arrived = try (0..<8).filter { _ in try path.arrives(path.token.packet([1])) }.count
      #expect((2...3).contains(arrived), "\(arrived): its rate has not begun anew")
    }

    @Test(
      "what came to a table after it was copied is refused by the copy, also if load was killed")
    func copied() throws {
      let live = try RelayLive()
      let path = try live.path("v4")
      // The clock of a client may be fast.
      path.token.counter.skip(to: path.token.counter.next() + 30_000_000)
      let seen = (0..<20).map { _ in path.token.packet([1]) }
      for packet in seen { #expect(try path.arrives(packet)) }
      try live.ok(["load", "--replace", "--max-users", "256"])
      // As if all of it had come to the old table later.
      let root = PinRoot(live.aegis.root)
      let table = root.current + "/relay_user"
      let users = try MappedValues<aegis_relay_user>(pinnedAt: table)
      var user = users.value(at: 0)
      (user.window, user.newest) = (aegis_relay_user().window, 0)
      users.set(user, at: 0)
      let generations = Generations(root)
      try generations.point(root.moving, to: #require(try generations.current))
      try live.ok(["relay-user", "other", "--to", "\(live.network.right.v4):9000"])
      for packet in seen { #expect(try !path.arrives(packet)) }
      #expect(try path.arrives(path.token.packet([1])))
    }

    @Test("what all users have sent never falls, while users come and go under traffic")
    func total() throws {
      let live = try RelayLive()
      let root = PinRoot(live.aegis.root)
      let isOver = Atomic(false)
      let falls = Atomic(0)
      let reads = Atomic(0)
      let thread = Thread {
        var last: UInt64 = 0
        while !isOver.load(ordering: .relaxed) {
          guard let total = try? RelayUsers(Datapath(at: root)).total().forth.packets else {
            continue
          }
          if total < last { falls.add(1, ordering: .relaxed) }
          last = total
          reads.add(1, ordering: .relaxed)
        }
      }
      var path = try live.path("v4")
      thread.start()
      var arrived = 0
      for _ in 0..<10 {
        for _ in 0..<100 { try path.send(path.token.packet([1])) }
        arrived += try path.destination.count()
        try live.ok(["relay-user", "v4", "--remove"])
        try live.ok(["relay-user", "v4", "--to", "\(path.destinationAddress):7777"])
        path.token = RelayToken(try live.ok(["relay-token", "v4"]))
      }
      isOver.store(true, ordering: .relaxed)
      while thread.isExecuting { usleep(1000) }
      #expect(falls.load(ordering: .relaxed) == 0 && reads.load(ordering: .relaxed) > 100)
      #expect(arrived == 1000)
      #expect(try RelayUsers(Datapath(at: root)).total().forth.packets == 1000)
    }

    @Test("a user that takes the place of another has nothing of it")
    func reused() throws {
      let live = try RelayLive()
      let path = try live.path("v4")
      #expect(try path.arrives(path.token.packet([1])))
      try live.ok(["relay-user", "v4", "--remove"])
      let gone = try live.refusal(of: path.token.packet([1]), by: path)
      #expect(gone == ["drop.relay-unknown": 1])
      try path.destination.send([1], to: path.relay, port: path.ownPort)
      #expect(try path.client.receive(within: 0.1) == nil)
      try live.ok(["relay-user", "other", "--to", "\(live.network.right.v4):7777"])
      let still = try live.refusal(of: path.token.packet([1]), by: path)
      #expect(still == ["drop.relay-unknown": 1])
      try path.destination.send([1], to: path.relay, port: path.ownPort)
      #expect(try path.client.receive(within: 0.1) == nil, "it has not been heard of")
      let token = RelayToken(try live.ok(["relay-token", "other"]))
      #expect(try path.arrives(token.packet([1])))
    }

    @Test(
      "when its program is lost from its slot nothing is relayed or passed, and repair puts it back"
    )
    func lostProgram() throws {
      let live = try RelayLive()
      let path = try live.path("v4")
      #expect(try path.arrives(path.token.packet([1])))
      let parts = live.aegis.root + "/current/parts"
      try Command(["bpftool", "map", "delete", "pinned", parts, "key", "0", "0", "0", "0"])
        .succeed()
      let counted = try live.refusal(of: path.token.packet([1]), by: path)
      #expect(counted == ["drop.relay-unroutable": 1])
      try live.ok(["repair"])
      #expect(try path.arrives(path.token.packet([1])))
    }
  }
}
