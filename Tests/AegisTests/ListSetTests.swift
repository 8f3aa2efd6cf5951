import Testing

@testable import Aegis

/// What a container says of its members counts; what cannot be carried over refuses the list.
@Suite("Sets in lists")
struct ListSetTests {
  private static func read(_ text: String, _ sets: [String] = []) -> ListContents<Prefix> {
    var options = ListOptions()
    options.sets = sets
    return ListFile.drops(Array(text.utf8), options)
  }

  /// As ipset 7.17 saved them.
  private static let masked = """
    create hn hash:ip family inet hashsize 1024 maxelem 65536 netmask 24 bucketsize 12 initval 0x9abdb418
    add hn 203.0.113.0
    create bn bitmap:ip range 192.0.0.0-192.0.255.255 netmask 24
    add bn 192.0.5.0
    create x6 hash:ip family inet6 hashsize 1024 maxelem 65536 netmask 64 bucketsize 12 initval 0xabe96de0
    add x6 2001:db8::
    create bm hash:ip family inet hashsize 1024 maxelem 65536 bitmask 255.255.0.255 bucketsize 12
    add bm 192.0.0.7
    create bc hash:ip family inet bitmask 255.255.240.0
    add bc 198.51.100.7

    """

  @Test(
    "stand for networks where they have a netmask",
    arguments: [
      ("hn", "203.0.113.0/24"), ("bn", "192.0.5.0/24"), ("x6", "2001:db8::/64"),
      ("bc", "198.51.96.0/20"),
    ])
  func netmask(set: String, network: String) {
    let contents = Self.read(Self.masked, [set])
    #expect(contents.elements.map(\.description) == [network])
    #expect(contents.errors.isEmpty)
  }

  @Test("take a netmask for ranges and prefixes too")
  func netmaskOfMore() {
    let contents = Self.read(
      """
      create s hash:ip netmask 24 timeout 60
      add s 192.0.2.200-192.0.4.1 timeout 7
      add s 198.51.0.0/16
      add s 203.0.113.0/28
      """)
    #expect(
      contents.elements.map(\.description) == [
        "192.0.2.0/23", "192.0.4.0/24", "198.51.0.0/16", "203.0.113.0/24",
      ])
    #expect(contents.terms.map(\.lifetime) == [nil, .seconds(7), .seconds(60)])
  }

  @Test(
    "refuse all of the list, by name",
    arguments: [
      (masked, ["bm"], "bm", "has the bitmask 255.255.0.255"),
      ("create a hash:ip,port\nadd a 192.0.2.1,tcp:80", [], "a", "is a set of type hash:ip,port"),
      ("add a 192.0.2.1\nadd a 192.0.2.1,tcp:80", [], "a", "has 192.0.2.1,tcp:80, which is more"),
      (
        "add a 192.0.2.0/24\nadd a 192.0.2.0/25 nomatch", [], "a", "excludes 192.0.2.0/25 (nomatch)"
      ),
      ("add a 192.0.2.1\ndel a 192.0.2.1", [], "a", "deletes entries"),
      ("add a 192.0.2.1\nflush a", [], "a", "is flushed"),
      ("create a hash:ip timeout x\nadd a 192.0.2.1", [], "a", "has the timeout x"),
      ("create a list:set\nadd a b", [], "a", "is a set of type list:set"),
      ("create a hash:ip\nadd b 192.0.2.1", [], "a, b", "are 2 sets"),
      ("create a hash:ip\nadd b 192.0.2.1", ["c"], "c", "is not a set in the list"),
      ("192.0.2.1", ["c"], "c", "is not in this list: it has no sets"),
      (#"["192.0.2.1"]"#, ["c"], "c", "is not in this list: it has no sets"),
      (
        nft(#"{"set": {"name": "p", "type": "inet_service"}}"#), [], "p", "is a set of inet_service"
      ),
      (nft(#"{"set": {"name": "p", "type": ["ipv4_addr", "mark"]}}"#), [], "p", "several types"),
      (nft(#"{"map": {"name": "m", "type": "ipv4_addr"}}"#), [], "m", "is a map"),
      (nft(pair), [], "inet t a, ip t a", "are 2 sets"),
      (nft(pair), ["a"], "a", "is not a set in the list"),
      (
        nft(#"{"set": {"name": "d", "elem": [{"elem": {"val": "192.0.2.1", "limit": {}}}]}}"#), [],
        "d", "has elements with a limit"
      ),
    ] as [(String, [String], String, String)])
  func refused(text: String, sets: [String], named: String, problem: String) throws {
    let contents = Self.read(text, sets)
    #expect(contents.entries.isEmpty)
    #expect(contents.isRefused)
    let error = try #require(contents.errors.first)
    #expect(contents.errors.map(\.place) == [.whole])
    #expect(error.error.input == named)
    #expect(error.error.problem.contains(problem), "\(error.error)")
  }

  private static func nft(_ objects: String) -> String { #"{"nftables": [\#(objects)]}"# }

  private static let pair = #"""
    {"set": {"family": "inet", "table": "t", "name": "a", "type": "ipv4_addr", "elem": ["192.0.2.1"]}},
    {"map": {"family": "ip", "table": "t", "name": "a", "type": "ipv4_addr", "map": "verdict"}}
    """#

  @Test("are read by their name, or where two tables have it, by all of it")
  func chosen() {
    let two = "create a hash:ip\nadd a 192.0.2.1\ncreate b hash:net\nadd b 198.51.100.0/24\n"
    #expect(Self.read(two, ["b"]).elements.map(\.description) == ["198.51.100.0/24"])
    #expect(Self.read(two, ["b", "a"]).elements.count == 2)
    #expect(Self.read(Self.nft(Self.pair), ["inet t a"]).elements.count == 1)
    let sets = Self.nft(#"{"set": {"name": "x", "elem": ["::1"]}}, {"set": {"name": "y"}}"#)
    #expect(Self.read(sets, ["x"]).elements.map(\.description) == ["::1"])
  }

  @Test("have comments that look like options")
  func comments() {
    let contents = Self.read(
      """
      create c1 hash:ip family inet hashsize 1024 maxelem 65536 comment bucketsize 12 initval 0xa93ed293
      add c1 198.51.100.8 comment "nomatch"
      add c1 198.51.100.9 comment "timeout"
      add c1 198.51.100.11 comment "-exist"
      """)
    #expect(contents.stated.map(\.terms.note?.text) == ["nomatch", "timeout", "-exist"])
    #expect(contents.errors.isEmpty)
  }
}
