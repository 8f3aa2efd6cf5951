import Testing

@testable import Aegis

@Suite("Lists of other programs")
struct ListFormatTests {
  /// Elements with what the list says of them.
  private static func entries<Element>(
    _ contents: ListContents<Element>
  ) -> [String] {
    contents.entries.map { entry in
      let terms = contents.terms[Int(entry.terms)]
      let parts = [
        "\(entry.element)", terms.lifetime.map(DurationText.format), terms.note?.text,
        terms.rate.map { "\($0)" }, terms.isProtected ? "protected" : nil,
      ]
      return parts.compactMap { $0 }.joined(separator: " ")
    }
  }

  private static func problems<Element>(_ contents: ListContents<Element>) -> [String] {
    contents.errors.map { "\($0.place) \($0.error.problem)" }
  }

  private static func drops(_ text: String, set: String? = nil) -> ListContents<Prefix> {
    var options = ListOptions()
    options.sets = set.map { [$0] } ?? []
    return ListFile.drops(Array(text.utf8), options)
  }

  @Test("of ipset")
  func ipset() {
    let list = """
      # saved
      create one hash:ip family inet hashsize 1024 maxelem 65536 timeout 600 comment
      add one 192.0.2.1 timeout 300 comment "bad; # guy"
      add one 192.0.2.2 timeout 0
      add one 192.0.2.3 -exist
      create two hash:net family inet6
      add two 2001:db8::/32 packets 1 bytes 40
      -A two 2001:db8::1
      flush other
      add three 203.0.113.3-203.0.113.9
      add three 203.0.113.0/24 comment "\(String(repeating: "ä", count: 40))"
      COMMIT

      """
    let one = Self.drops(list, set: "one")
    #expect(
      Self.entries(one) == ["192.0.2.1 5m bad; # guy", "192.0.2.2", "192.0.2.3 10m"])
    #expect(one.entries.map(\.line) == [3, 4, 5])
    let two = Self.drops(list, set: "two")
    #expect(Self.entries(two) == ["2001:db8::/32", "2001:db8::1"])
    let three = Self.drops(list, set: "three")
    #expect(
      Self.entries(three) == [
        "203.0.113.3", "203.0.113.4/30", "203.0.113.8/31",
        "203.0.113.0/24 \(String(repeating: "ä", count: 31))",
      ])
    #expect(three.entries.map(\.line) == [10, 10, 10, 11])
    for contents in [one, two, three] { #expect(contents.errors.isEmpty) }
  }

  @Test("of ipset, with lines that are wrong")
  func ipsetErrors() {
    let contents = Self.drops(
      """
      add one 192.0.2.1
      add one
      add one 192.0.2.1 timeout soon
      add one 192.0.2.1 timeout 99999999999
      add one 192.0.2.9-192.0.2.1
      add one 192.0.2.1 comment "open
      add one 192.0.2.1 forever
      192.0.2.4
      """)
    #expect(Self.entries(contents) == ["192.0.2.1"])
    #expect(
      Self.problems(contents) == [
        "line(2) has no set name, or no entry",
        "line(3) is not a number of seconds after timeout",
        "line(4) lasts more than 500 years",
        "line(5) is not a range: the first address must come before the second",
        "line(6) has a \" without a closing one",
        "line(7) is not a known member option",
        "line(8) is not a line of ipset save",
      ])
  }

  @Test("of nft")
  func nft() {
    let contents = Self.drops(
      #"""
      {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"set": {"family": "inet", "name": "s",
      "table": "t", "type": "ipv4_addr", "flags": ["interval", "timeout"], "timeout": 600, "elem": [
      "192.0.2.1", {"prefix": {"addr": "10.64.0.0", "len": 10}}, {"range": ["192.0.2.8", "192.0.2.11"]},
      {"elem": {"val": "192.0.2.5", "timeout": 60, "expires": 58, "comment": "why"}},
      {"elem": {"val": {"prefix": {"addr": "99.0.0.0", "len": 8}}, "expires": 0,
      "counter": {"packets": 1, "bytes": 2}}},
      17, {"concat": ["192.0.2.1", 80]}, {"range": ["192.0.2.1"]}, "192.0.2.0/24", "192.0.2.1/24"]}}]}
      """#)
    #expect(
      Self.entries(contents) == [
        "192.0.2.1 10m", "10.64.0.0/10 10m", "192.0.2.8/30 10m", "192.0.2.5 58s why",
        "99.0.0.0/8 1s", "192.0.2.0/24 10m",
      ])
    let noAddress = "is not an address, a prefix or a range"
    #expect(
      Self.problems(contents) == [
        "element(\"s\", 5) \(noAddress)", "element(\"s\", 6) \(noAddress)",
        "element(\"s\", 7) \(noAddress)", "element(\"s\", 9) has host bits set",
      ])
  }

  @Test("of dump")
  func dump() {
    let text = #"""
      {"apiVersion": "aegis/v1", "kind": "Dump", "drops": [
        {"name": "192.0.2.1", "hits": 0, "remainingMilliseconds": 90000, "note": "why"},
        {"name": "2001:db8::/32", "hits": 1, "new": {}}, {"name": 1}, {"name": "x", "hits": 0}],
      "keys": [
        {"name": "any:443/tcp", "hits": 0, "protected": false, "rate": "50/s", "burst": 7},
        {"name": "192.0.2.1:22/tcp", "hits": 0, "protected": true}]}
      """#
    let drops = Self.drops(text)
    #expect(Self.entries(drops) == ["192.0.2.1 1m30s why", "2001:db8::/32"])
    #expect(
      Self.problems(drops) == [
        "element(\"drops\", 2) is not an entry: it has no source or key",
        "element(\"drops\", 3) is not an IP address",
      ])
    let keys = ListFile.keys(Array(text.utf8))
    #expect(Self.entries(keys) == ["any:443/tcp 50/s", "192.0.2.1:22/tcp protected"])
    #expect(keys.terms.compactMap(\.rate?.burst) == [7])
    #expect(keys.stated.map(\.terms.isProtected) == [false, true])
  }

  @Test(
    "that are none",
    arguments: [
      ("{", "is not JSON"), ("{}", "is not the output of"),
      ("{\"kind\": \"Stats\"}", "is not the kind of"),
      ("{\"kind\": \"Dump\", \"keys\": []}", "has no drops"), ("{\"nftables\": []}", "has no set"),
      ("{\"nftables\": 1}", "not the expected JSON, at \"nftables\""),
    ])
  func others(text: String, problem: String) throws {
    let contents = Self.drops("\u{feff} \n" + text)
    #expect(contents.entries.isEmpty)
    #expect(contents.errors.map(\.place) == [.whole])
    #expect(contents.errors.first?.error.problem.contains(problem) == true)
  }

  @Test("make keys of their addresses")
  func keys() {
    let ipset = ListFile.keys(Array("create s hash:net\nadd s 192.0.2.0/24 timeout 9\n".utf8))
    #expect(Self.entries(ipset) == ["192.0.2.0/24 9s"])
    let plain = ListFile.keys(Array("[2001:db8::/32]:443/tcp ; web\nany:53/udp # dns".utf8))
    #expect(Self.entries(plain) == ["[2001:db8::/32]:443/tcp", "any:53/udp"])
  }
}
