import CAegis
import Testing

@testable import Aegis

@Suite("Settings of the relay")
struct RelaySettingsTests {
  private static let clock = ClockReading(realtime: 2_000_000_000_000_000_000, boottime: 5_000_000)

  private static func key(_ number: UInt8) -> RelayKey {
    RelayKey(number: number, secret: .init(low: UInt64(number) + 100, high: 7))
  }

  private static func settings(
    _ numbers: [UInt8], listen: [String] = ["192.0.2.1:4500"],
    ports: ClosedRange<UInt16> = 20000...20009
  ) throws -> RelaySettings {
    try RelaySettings(
      listen: listen.map { try RelayEndpoint($0) }, ports: ports, keys: numbers.map(key))
  }

  @Test(
    "are read back as they were written",
    arguments: [
      ["192.0.2.1:4500"], ["[2001:db8::1]:4500"], ["192.0.2.1:4500", "[2001:db8::1]:4500"],
    ])
  func roundTrip(listen: [String]) throws {
    for numbers in [[0], [7, 0], [0, 7]] as [[UInt8]] {
      let settings = try Self.settings(numbers, listen: listen)
      let relay = settings.abi(replacing: aegis_relay(), at: Self.clock)
      #expect(RelaySettings(relay) == settings)
      #expect(relay.started == 2_000_000_000_000_000)
      #expect(relay.epoch == 1_999_999_999_995_000_000)
    }
    #expect(RelaySettings(aegis_relay()) == nil)
  }

  @Test(
    "a relay whose clock was wrong begins when it is told the time",
    arguments: [
      (-7200, true), (-61, true), (-59, false), (0, false), (59, false), (61, true), (7200, true),
    ])
  func clock(seconds: Int64, isBegunAnew: Bool) throws {
    let settings = try Self.settings([1])
    let wrong = ClockReading(
      realtime: Self.clock.realtime + seconds * 1_000_000_000, boottime: Self.clock.boottime)
    let before = settings.abi(replacing: aegis_relay(), at: wrong)
    let relay = settings.abi(replacing: before, at: Self.clock)
    #expect(relay.epoch == Self.clock.epoch)
    #expect(relay.started == (isBegunAnew ? 2_000_000_000_000_000 : before.started))
  }

  @Test("a key keeps its slot while it is there")
  func rotation() throws {
    var relay = try Self.settings([1]).abi(replacing: aegis_relay(), at: Self.clock)
    let later = ClockReading(realtime: Self.clock.realtime + 9_000_000_000, boottime: 9_005_000_000)
    /// What is in force, and by which slots.
    for (numbers, slots, signing) in [
      ([2, 1], [1, 2], 1), ([2], [nil, 2], 1), ([3, 2], [3, 2], 0), ([2, 3], [3, 2], 1),
      ([4, 3], [3, 4], 1), ([5], [5, nil], 0), ([6, 7], [6, 7], 0),
    ] as [([UInt8], [UInt8?], UInt8)] {
      relay = try Self.settings(numbers).abi(replacing: relay, at: later)
      let live = (0..<2).map { relay.live & 1 << UInt8($0) != 0 ? relay.numbers[$0] : nil }
      #expect(live == slots, "\(numbers)")
      #expect(relay.signing == signing, "\(numbers)")
      #expect(RelaySettings(relay)?.keys.map(\.number) == numbers)
      for (slot, number) in live.enumerated() {
        #expect(relay.keys[slot].half.0 == number.map { UInt64($0) + 100 } ?? 0)
      }
      #expect(relay.started == 2_000_000_000_000_000)
      #expect(relay.epoch == Self.clock.epoch)
    }
  }

  @Test("are refused if they cannot go together")
  func invalid() throws {
    for (listen, ports, message) in [
      (
        ["192.0.2.1:1", "192.0.2.2:1"], 2...3, "\"192.0.2.2:1\" is a second IPv4 address"
      ),
      (
        ["192.0.2.1:1", "[2001:db8::1]:2"], 3...4,
        "\"[2001:db8::1]:2\" has another port than 192.0.2.1:1"
      ),
      (["192.0.2.1:5"], 4...6, "\"4-6\" has the port 5, where clients send to"),
    ] as [([String], ClosedRange<UInt16>, String)] {
      let error = #expect(throws: InputError.self) {
        let endpoints = try listen.map { try RelayEndpoint($0) }
        try RelaySettings.check(listen: endpoints)
        try RelaySettings.check(ports, besides: endpoints)
      }
      #expect(error?.clause == message)
    }
  }

  @Test("say no secret")
  func text() throws {
    #expect(
      try "\(Self.settings([9, 1]))" == "192.0.2.1:4500, ports 20000-20009, keys 9, 1")
  }

  @Test(
    "ranges of ports",
    arguments: [
      ("1-65535", 1...65535), ("7-7", 7...7), ("20000-29999", 20000...29999), ("0-5", nil),
      ("7", nil), ("7-", nil), ("-7", nil), ("8-7", nil), ("1-65536", nil), ("1-2-3", nil),
      ("01-2", nil), ("1 -2", nil), ("", nil),
    ] as [(String, ClosedRange<UInt16>?)])
  func ranges(text: String, range: ClosedRange<UInt16>?) {
    #expect((try? RelaySettings.ports(text)) == range)
  }
}
