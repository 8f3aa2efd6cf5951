import Foundation
import Testing

@testable import Aegis

/// Every parser of what operators write, on mutations of what it takes: nothing crashes or hangs, and what is
/// refused is refused with words. `AEGIS_FUZZ=1000000 swift test --filter Fuzz` tries as many of each; by default
/// there are few enough for every run of the tests. A failure shows the input; the same count finds it again.
@Suite("Mutated input")
struct FuzzTests {
  private static let count =
    ProcessInfo.processInfo.environment["AEGIS_FUZZ"].flatMap { Int($0) } ?? 12_000

  /// Runs `body` on mutations; returns how many were taken.
  @discardableResult
  private func fuzz(
    _ mutator: Mutator, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: ([UInt8]) throws(InputError) -> Void
  ) -> Int {
    var mutator = mutator
    var taken = 0
    for _ in 0..<Self.count {
      let input = mutator.next()
      let start = ContinuousClock.now
      do throws(InputError) {
        try body(input)
        taken += 1
      } catch {
        let isTold = !error.problem.isEmpty && error.description.utf8.count > 3
        if !isTold { Issue.record("\(input): no words", sourceLocation: sourceLocation) }
      }
      if ContinuousClock.now - start > .seconds(2) {
        Issue.record("\(input): hangs", sourceLocation: sourceLocation)
      }
    }
    #expect(taken < Self.count)
    return taken
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func prefixes() {
    let seeds = [
      "192.0.2.1", "10.0.0.0/8", "2001:db8::/32", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8", "::/0",
    ]
    let taken = fuzz(Mutator(seed: 1, seeds)) { bytes throws(InputError) in
      let prefix = try Prefix(Self.text(bytes))
      #expect(try Prefix("\(prefix)") == prefix)
    }
    #expect(taken > Self.count / 100)
  }

  @Test func keys() {
    let seeds = [
      "any", "any:443/tcp", "192.0.2.1:22", "10.0.0.0/8:53/udp", "[2001:db8::/32]:443/tcp",
      "::1/58",
      "[::1]/64:7/sctp", "192.0.2.1/icmp",
    ]
    let taken = fuzz(Mutator(seed: 2, seeds, tokens: ["tcp", "any", "65536", "/0"])) {
      bytes throws(InputError) in
      let key = try AllowKey(Self.text(bytes))
      #expect(try AllowKey("\(key)") == key)
    }
    #expect(taken > Self.count / 100)
  }

  @Test func rates() {
    let seeds = ["1000/s", "10Mbit/s", "1.5k/m", "64kbit/s", "1GB/s", "3/h", "100k/s"]
    let taken = fuzz(Mutator(seed: 3, seeds, tokens: ["bit", "k", "/s", "0.5"])) {
      bytes throws(InputError) in
      let rate = try Rate(Self.text(bytes))
      #expect(try Rate("\(rate)") == rate)
    }
    #expect(taken > Self.count / 100)
  }

  @Test func durations() {
    let seeds = ["90s", "10m", "1h30m", "7d", "1w2d3h4m5s6ms", "60"]
    let taken = fuzz(Mutator(seed: 4, seeds, tokens: ["ms", "w"])) { bytes throws(InputError) in
      let duration = try DurationText.parse(Self.text(bytes))
      #expect(duration > .zero && duration <= DurationText.longest)
    }
    #expect(taken > Self.count / 100)
  }

  @Test func timestamps() {
    let seeds = [
      "2026-12-01T08:00:00Z", "2000-02-29 12:34:56.5+01:30", "1969-12-31t23:59:59.25-09:00",
    ]
    let taken = fuzz(Mutator(seed: 5, seeds, tokens: ["02-30", "24:00"])) {
      bytes throws(InputError) in
      let time = try WallTime(Self.text(bytes))
      // An offset may lead out of the years that have four digits.
      if "\(time)".utf8.first == UInt8(ascii: "-") || "\(time)".utf8.count > 24 { return }
      #expect(try WallTime("\(time)") == time)
    }
    #expect(taken > Self.count / 100)
  }

  @Test func notes() {
    fuzz(
      Mutator(
        seed: 6, ["ssh guessing", "ä note of sixty-three bytes, as long as they may be at all"])
    ) {
      bytes throws(InputError) in
      let note = try Note(Self.text(bytes))
      #expect(Note(note.abi) == note)
    }
  }

  @Test(arguments: FuzzLists.allCases)
  func lists(_ lists: FuzzLists) {
    let taken = fuzz(Mutator(seed: 7, lists.seeds, tokens: lists.tokens)) {
      bytes throws(InputError) in
      var drops = ListFile.drops(bytes)
      let read = drops.entries.count
      drops.mergeOverlaps(lives: true)
      #expect(drops.entries.count + drops.merged == read)
      let keys = ListFile.keys(bytes)
      if let error = drops.errors.first { throw error.error }
      if let error = keys.errors.first { throw error.error }
    }
    #expect(taken > Self.count / 100)
  }
}

/// Lists of every kind.
enum FuzzLists: CaseIterable {
  case plain, columns, ipset, nft, dump, feeds

  var seeds: [String] {
    switch self {
    case .plain:
      [
        "192.0.2.1\n10.0.0.0/8 ; SBL1\r\n# comment\n2001:db8::1\n\n::/0",
        "\u{feff}10.0.0.1\n10.0.0.1",
      ]
    case .columns:
      [
        "192.0.2.1,DE\n10.1.0.0-10.2.0.0\t7.5\n192.0.2.*\n10.0.0.1 - 10.0.0.9 # x",
        "Start\tEnd\tNetmask\n192.0.2.0\t192.0.2.255\t24\tx\n2001:db8::/32 ; SBL1\n",
      ]
    case .feeds:
      [
        #"[{"decisions":[{"duration":"3h59m48.5s","scope":"Ip","type":"ban","value":"192.0.2.1"}]}]"#,
        "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\"}\n{\"type\":\"metadata\"}\n",
        #"["192.0.2.1", {"value":"10.0.0.0/8","duration":"-1m","scope":"Range"}]"#,
      ]
    case .ipset:
      [
        "create c hash:ip netmask 20\nadd c 192.0.2.1\nadd c 10.0.0.1-10.0.9.0 comment \"nomatch\"",
        "create a hash:ip timeout 9\nadd a 192.0.2.1 timeout 3 comment \"x y\"\nadd a 192.0.2.2",
        "create b hash:net\nadd b 10.0.0.0/8\nadd b ::1-::ffff\nadd b 192.0.2.3-192.0.2.9\nCOMMIT\n",
      ]
    case .nft:
      [
        #"{"nftables":[{"set":{"name":"s","type":"ipv4_addr","elem":["10.0.0.1",{"prefix":{"addr":"10.0.0.0","len":8}}]}}]}"#,
        #"{"nftables":[{"set":{"name":"s","elem":[{"range":["::1","::9"]},{"elem":{"val":"::7","timeout":6,"expires":5}}]}}]}"#,
      ]
    case .dump:
      [
        #"{"kind":"Dump","drops":[{"name":"10.0.0.1","remainingMilliseconds":7,"note":"x"}],"keys":[]}"#,
        #"{"kind":"Dump","drops":[],"keys":[{"name":"any:1/tcp","rate":"1/s","burst":2,"protected":true}]}"#,
      ]
    }
  }

  var tokens: [String] {
    switch self {
    case .plain, .columns: ["0.0.0.0/0", "::ffff:1.2.3.4", ".*", " - ", "24", "255.0.0.0"]
    case .ipset:
      [
        "netmask", "bitmask ", "add ", "create ", "nomatch", "comment", "timeout", "-", "\"",
        "del ",
      ]
    case .nft, .dump, .feeds:
      ["\"value\":", "h", "null", "[]", "{}", "\"elem\":", "[[[[[[[[", "\"name\":", "0.5", "true"]
    }
  }
}
