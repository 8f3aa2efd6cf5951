import Testing

@testable import Aegis

/// Lists that others publish.
@Suite("Feeds")
struct ListFeedTests {
  private static func read(
    _ text: String, _ format: ListFormat? = nil, isRemoval: Bool = false
  ) -> ListContents<Prefix> {
    var options = ListOptions()
    options.format = format
    options.isRemoval = isRemoval
    return ListFile.drops(Array(text.utf8), options)
  }

  private static func entries(_ contents: ListContents<Prefix>) -> [String] {
    contents.stated.map { element, terms in
      ["\(element)", terms.lifetime.map(DurationText.format), terms.note?.text]
        .compactMap(\.self).joined(separator: " ")
    }
  }

  @Test("of DShield")
  func dshield() {
    let list = """
      #   DShield.org Recommended Block List
      #    (1) start of netblock
      Start\tEnd\tNetmask\tAttacks\tName\tCountry\temail
      192.0.2.0\t192.0.2.255\t24\t4810\tEXAMPLE-NET\tUS\tabuse@example.net
      198.51.100.0\t198.51.100.127\t25\t17\t\t\t
      """
    for format in [nil, ListFormat.dshield] {
      let contents = Self.read(list, format)
      #expect(Self.entries(contents) == ["192.0.2.0/24", "198.51.100.0/25"])
      #expect(contents.errors.isEmpty && contents.ignoredColumns == 0)
    }
    let wrong = Self.read("192.0.2.0\t192.0.2.255\t23\n192.0.2.9\n192.0.2.3\t192.0.2.4\n", .dshield)
    #expect(Self.entries(wrong) == ["192.0.2.3", "192.0.2.4"])
    #expect(wrong.errors.map(\.place) == [.line(1), .line(2)])
  }

  @Test("of Spamhaus")
  func spamhaus() {
    let text = """
      ; Spamhaus DROP List 2026/11/26 - (c) 2026 The Spamhaus Project SLU
      ; Last-Modified: Thu, 26 Nov 2026 08:01:10 GMT
      192.0.2.0/24 ; SBL256894
      2001:db8::/32 ; SBL1
      """
    let lines = """
      {"cidr":"192.0.2.0/24","sblid":"SBL256894","rir":"apnic"}
      {"cidr":"2001:db8::/32","sblid":"SBL1","rir":"ripencc"}
      {"type":"metadata","timestamp":1764143110,"size":99,"records":2,"copyright":"(c)","terms":"x"}

      """
    for list in [text, lines] {
      for format in [nil, ListFormat.spamhaus] {
        let contents = Self.read(list, format)
        #expect(Self.entries(contents) == ["192.0.2.0/24 SBL256894", "2001:db8::/32 SBL1"])
        #expect(contents.errors.isEmpty)
      }
    }
    let broken = Self.read(lines.replacing("\"2001:db8::/32\"", with: "5") + "nothing\n")
    #expect(Self.entries(broken) == ["192.0.2.0/24 SBL256894"])
    #expect(broken.errors.map(\.place) == [.line(2), .line(4)])
  }

  private static let decisions = [
    #"{"duration":"3h59m48.5s","id":1,"origin":"cscli","scenario":"crowdsecurity/ssh-bf","scope":"Ip","simulated":false,"type":"ban","value":"192.0.2.1"}"#,
    #"{"duration":"-5m2s","scope":"Ip","type":"ban","value":"192.0.2.2"}"#,
    #"{"duration":"1m","scope":"Range","type":"ban","value":"198.51.100.0/24"}"#,
    #"{"duration":"1m","scope":"Ip","type":"captcha","value":"192.0.2.3"}"#,
    #"{"duration":"1m","scope":"Country","type":"ban","value":"XX"}"#,
    #"{"duration":"1m","scope":"Ip","type":"ban","simulated":true,"value":"192.0.2.4"}"#,
    #"{"scope":"ip","type":"ban","value":"2001:db8::1"}"#,
  ]

  @Test("of CrowdSec, as cscli, its API and its bouncers print it")
  func crowdsec() {
    let all = Self.decisions.joined(separator: ",")
    let lists = [
      "[\(all)]", Self.decisions.joined(separator: "\n"),
      """
      [
       {"capacity": 0, "created_at": "2026-11-26T08:00:00Z", "decisions": [\(all)], "id": 7},
       {"decisions": null, "id": 8}
      ]
      """,
    ]
    for list in lists {
      for format in [nil, ListFormat.crowdsec] {
        let contents = Self.read(list, format)
        #expect(
          Self.entries(contents) == [
            "192.0.2.1 3h59m crowdsecurity/ssh-bf", "198.51.100.0/24 1m", "2001:db8::1",
          ])
        #expect(contents.terms.contains { $0.lifetime == .milliseconds(14_388_500) })
        #expect(contents.errors.isEmpty)
        #expect(
          contents.leftOut == [
            "are not bans": 1, "are only simulated": 1, "have ended": 1, "do not name addresses": 1,
          ])
      }
    }
    for empty in ["null\n", "[]", "[ ]\n"] {
      let contents = Self.read(empty)
      #expect(contents.entries.isEmpty && contents.errors.isEmpty)
    }
  }

  @Test("of CrowdSec, to be lifted")
  func lifted() {
    let list = #"{"action":"del","duration":"-1m0s","scope":"Ip","type":"ban","value":"192.0.2.2"}"#
    #expect(Self.entries(Self.read(list, isRemoval: true)) == ["192.0.2.2"])
    let added = Self.read(list.replacing("-1m0s", with: "1m"))
    #expect(added.errors.map(\.error.problem) == ["is a deletion, which a list cannot hold"])
  }

  @Test(
    "have durations as Go prints them",
    arguments: [
      ("1h", 3_600_000), ("3h59m48.5s", 14_388_500), ("250ms", 250), ("1.5h", 5_400_000),
      ("0", 0), ("-1m0.25s", -60_250), ("100h0m0s", 360_000_000),
    ] as [(String, Int64)])
  func durations(text: String, milliseconds: Int64) throws {
    #expect(try GoDuration.parse(text) == .milliseconds(milliseconds))
  }

  @Test(
    "have no others",
    arguments: [
      "", "-", "h", "1", "1d", "1h x", ".s", "1.xs", "9223372036854775807h", "1h-1m", "١h",
    ])
  func noDurations(text: String) {
    #expect(throws: InputError.self) { try GoDuration.parse(text) }
  }

  @Test(
    "are of the format that was asked for",
    arguments: [
      (#"["192.0.2.1"]"#, ListFormat.crowdsec), (#"{"cidr":"192.0.2.0/24"}"#, .crowdsec),
      (#"{"value":"192.0.2.1"}"#, .spamhaus), (#"{"nftables":[{"set":{"name":"s"}}]}"#, .json),
      (#"{"kind":"Dump","drops":[]}"#, .nft), ("192.0.2.1\n", .json), ("192.0.2.1\n", .ipset),
      (#"{"value":"192.0.2.1"}"#, .plain),
    ])
  func others(text: String, format: ListFormat) {
    let contents = Self.read(text, format)
    #expect(contents.entries.isEmpty && !contents.errors.isEmpty)
  }

  @Test("are strings, too")
  func strings() {
    let contents = Self.read(#"["192.0.2.1", "198.51.100.0/24", "x", {}, "192.0.2.8-192.0.2.9"]"#)
    #expect(Self.entries(contents) == ["192.0.2.1", "198.51.100.0/24", "192.0.2.8/31"])
    #expect(contents.errors.map(\.place) == [.element("list", 2), .element("list", 3)])
  }
}
