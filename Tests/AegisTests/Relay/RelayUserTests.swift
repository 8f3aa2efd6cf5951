import CAegis
import Testing

@testable import Aegis

@Suite("Users of the relay")
struct RelayUserTests {
  @Test(
    "have names of letters, digits and a few signs",
    arguments: [
      "a", "alice", "A.b_c-d@example.org", "0", "10.0.0.1", "_x", "@", ".",
      String(repeating: "x", count: 31),
    ])
  func names(text: String) throws {
    let name = try RelayName(text)
    #expect(name.text == text)
    #expect(RelayName(name.key) == name)
  }

  @Test(
    "have no other names",
    arguments: [
      "", " ", "a b", "-a", "--to", "ä", "a/b", "a:b", "a\u{0}", "a\n", "a,b", "#a",
      String(repeating: "x", count: 32),
    ])
  func badNames(text: String) {
    #expect(throws: InputError.self) { try RelayName(text) }
  }

  @Test(
    "have an address and a port",
    arguments: [
      ("192.0.2.1:4500", "192.0.2.1:4500"), ("[2001:db8::1]:1", "[2001:db8::1]:1"),
      ("[2001:0DB8::0001]:65535", "[2001:db8::1]:65535"), ("10.0.0.255:53", "10.0.0.255:53"),
    ])
  func endpoints(text: String, shown: String) throws {
    #expect("\(try RelayEndpoint(text))" == shown)
  }

  @Test(
    "and nothing else",
    arguments: [
      ("", "has no port"), ("192.0.2.1", "has no port"), ("192.0.2.1:", "has no port from 1"),
      ("192.0.2.1:0", "has no port from 1"), ("192.0.2.1:65536", "has no port from 1"),
      ("192.0.2.1:+1", "has no port from 1"), ("192.0.2.1:http", "has no port from 1"),
      (":53", "is empty"), ("192.0.2:53", "is not an IPv4 address"),
      ("2001:db8::1:53", "is not an address and a port"), ("[2001:db8::1]", "has no port"),
      ("[2001:db8::1", "has no port"), ("[2001:db8::1]53", "has no port"), ("[]:53", "is empty"),
      ("[192.0.2.1]:53", "in brackets"), ("[::ffff:192.0.2.1]:53", "IPv4-mapped"),
      ("[fe80::1%eth0]:53", "scope id"), ("[fe80::1]:53", "link-local"),
      ("0.0.0.0:53", "unspecified"),
      ("[::]:53", "unspecified"), ("127.0.0.1:53", "loopback"), ("[::1]:53", "loopback"),
      ("224.0.0.1:53", "multicast"), ("[ff02::1]:53", "multicast"),
      ("255.255.255.255:53", "broadcast"), ("example.org:53", "is not an IP address"),
      ("192.0.2.1:53:1", "is not an address and a port"), ("192.0.2.1: 53", "has no port from 1"),
    ])
  func badEndpoints(text: String, problem: String) {
    let error = #expect(throws: InputError.self) { try RelayEndpoint(text) }
    #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
    #expect(error?.input == text)
  }

  @Test(
    "have rates that are read back",
    arguments: ["1/s", "500/s", "10k/s", "1M/s", "7/m", "3/h", "1/h", "10M/s", "333/s", "12345/s"])
  func rates(text: String) throws {
    let rate = try Rate(text)
    let relay = try RelayRate(rate)
    #expect(relay.rate == rate)
    #expect(relay.depth == relay.interval * UInt64(rate.effectiveBurst))
    let off = try RelayRate(nil)
    #expect(off.rate == nil && off.interval == 0)
  }

  @Test(
    "are never laxer than the rate, and at most 0.1 % stricter",
    arguments: [1, 3, 7, 999, 1_000_003])
  func precision(amount: UInt64) throws {
    let interval = try RelayRate(Rate(packets: amount, period: .second)).interval
    let ideal = 16e9 / Double(amount)
    #expect(Double(interval) >= ideal && Double(interval) <= ideal * 1.001)
  }

  @Test("have no other rates", arguments: ["10Mbit/s", "2MB/s", "99999999/s"])
  func badRates(text: String) throws {
    let rate = try Rate(text)
    #expect(throws: InputError.self) { try RelayRate(rate) }
  }

  @Test("have a hash of their own in their tokens")
  func hashes() throws {
    let names = try (0..<1000).map { try RelayName("user\($0)") }
    #expect(Set(names.map(\.hash)).count == 1000)
  }

  @Test("have a generation that differs from the one before")
  func generations() throws {
    var generation: UInt16 = 0
    for _ in 0..<9000 {
      let next = RelayGeneration.next(after: generation)
      #expect(next != generation && 1..<4096 ~= next)
      generation = next
    }
    var user = aegis_relay_user()
    user.generation = 4095
    #expect(user.session(at: 0xfffff) == .max)
  }

  @Test("count from where another one ended, and keep what they counted when counters restart")
  func counters() throws {
    let name = try RelayName("alice")
    var other = aegis_relay_user()
    (other.packets, other.bytes, other.packets_back, other.bytes_back) = (9, 900, .max, 700)
    var user = aegis_relay_user()
    user.family = 4
    user.continueCounters(of: other)
    #expect((user.packets, user.bytes) == (9, 900))
    user.packets += 2
    user.bytes += 50
    user.packets_back &+= 3
    for _ in 0..<2 {
      let seen = try #require(RelayUser(name, at: 0, user))
      #expect(seen.forth == .init(packets: 2, bytes: 50))
      #expect(seen.back == .init(packets: 3, bytes: 0))
      user.restartCounters()
      #expect((user.packets, user.bytes, user.packets_back, user.bytes_back) == (0, 0, 0, 0))
    }
  }

  @Test("have ports of their own toward a destination")
  func ports() throws {
    let (one, other) = (try RelayEndpoint("192.0.2.1:1"), try RelayEndpoint("192.0.2.1:2"))
    var ports = RelayPorts(10...12)
    ports.take(RelayBack(destination: one, ownPort: 11))
    #expect(try ports.next(for: one, index: 3, isNew: true) == 10)
    #expect(try ports.next(for: one, preferring: 10) == 12)
    #expect(try ports.next(for: other, preferring: 12) == 12)
    #expect(try [10, 11].contains(ports.next(for: other, preferring: 9)))
    let error = #expect(throws: AegisError.self) {
      try ports.next(for: one, index: 0, isNew: false)
    }
    #expect(error?.message.hasPrefix("no port is left toward 192.0.2.1:1") == true)
  }

  @Test("get a port that an earlier one of their place had by chance only")
  func reusedPorts() throws {
    let one = try RelayEndpoint("192.0.2.1:1")
    let given = try (0..<100).map { _ in
      var ports = RelayPorts(20000...29999)
      return try ports.next(for: one, index: 0, isNew: false)
    }
    #expect(Set(given).count > 90)
  }
}
