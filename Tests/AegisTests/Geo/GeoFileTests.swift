import Testing

@testable import Aegis

@Suite("Files with countries")
struct GeoFileTests {
  /// The same table in each format.
  static let formats: [(String, [String])] = [
    (
      "tor",
      [
        """
        # Generated: Thu, 25 Jun 2026 04:33:59 GMT
        16777216,16777471,AU
        16777472,16778239,CN\r

        16778240,16778240,??
        """,
        "\u{feff}# v6\n2001:200::,2001:200:ffff:ffff:ffff:ffff:ffff:ffff,JP\n"
          + "2001:db8:0:1::,2001:db8:0:1::ff,DE\n",
      ]
    ),
    (
      "dbip",
      [
        "1.0.0.0,1.0.0.255,AU\n\"1.0.1.0\",\"1.0.3.255\",\"cn\"\n1.0.4.0,1.0.4.0,ZZ\n"
          + "2001:200::,2001:200:ffff:ffff:ffff:ffff:ffff:ffff,JP\n2001:db8:0:1::,2001:db8:0:1::ff,DE"
      ]
    ),
    (
      "rir",
      [
        """
        2|apnic|20260625|4|19830613|20260624|+1000
        apnic|*|asn|*|1|summary
        apnic|*|ipv4|*|3|summary
        apnic|JP|asn|173|1|20020801|allocated
        apnic|AU|ipv4|1.0.0.0|256|20110811|assigned|A91872ED
        apnic|CN|ipv4|1.0.1.0|768|20110414|allocated
        apnic||ipv4|1.0.4.0|1024||available
        apnic|JP|ipv6|2001:200::|32|19990813|allocated
        apnic|DE|ipv6|2001:db8:0:1::|120|19990813|allocated
        """
      ]
    ),
    (
      "geolite",
      [
        """
        network,geoname_id,registered_country_geoname_id,represented_country_geoname_id,is_anonymous_proxy
        1.0.0.0/24,2077456,2077456,,0
        1.0.1.0/24,1814991,,,0
        1.0.2.0/23,,1814991,,0
        1.0.4.0/32,6255148,,,0
        """,
        """
        geoname_id,locale_code,continent_code,continent_name,country_iso_code,country_name,is_in_european_union
        2077456,en,OC,Oceania,AU,Australia,0
        1814991,en,AS,Asia,CN,"China, \"\"big\"\"",0
        1861060,en,AS,Asia,JP,Japan,0
        2921044,en,EU,Europe,DE,Germany,1
        6255148,en,EU,Europe,,,0
        """,
        """
        network,geoname_id,registered_country_geoname_id,represented_country_geoname_id,is_anonymous_proxy
        2001:200::/32,1861060,1861060,,0
        2001:db8:0:1::/120,2921044,2921044,,0
        """,
      ]
    ),
  ]

  static func table(_ texts: [String]) throws -> GeoTable {
    try GeoTable(
      texts.enumerated().map { GeoFile(name: "file\($0.offset)", bytes: Array($0.element.utf8)) })
  }

  static let expected: [(String, String)] = [
    ("0.255.255.255", "??"), ("1.0.0.0", "AU"), ("1.0.0.255", "AU"), ("1.0.1.0", "CN"),
    ("1.0.3.255", "CN"), ("1.0.4.0", "??"), ("255.255.255.255", "??"),
    ("2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "??"), ("2001:200::", "JP"),
    ("2001:200:ffff:ffff:ffff:ffff:ffff:ffff", "JP"), ("2001:201::", "??"),
    ("2001:db8:0:1::", "DE"), ("2001:db8:0:1::ff", "DE"), ("2001:db8:0:1::100", "??"),
    ("::", "??"), ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "??"),
  ]

  static func check(_ table: GeoTable, _ comment: Comment) throws {
    let host = try HostDatapath()
    try host.lay(table)
    for (address, country) in expected {
      let found = try host.country(of: IPAddress(address))?.country ?? .unknown
      #expect(found.description == country, "\(comment), \(address)")
    }
    #expect(table.codes.map(\.description).sorted() == ["AU", "CN", "DE", "JP"])
  }

  @Test("each text format gives the same table", arguments: formats)
  func sameTable(name: String, texts: [String]) throws {
    try Self.check(Self.table(texts), "\(name)")
    try Self.check(Self.table(texts.reversed()), "\(name), reversed")
  }

  @Test("dates are those of the files")
  func dates() throws {
    let tor = try Self.table(Self.formats[0].1).sources
    #expect(tor.map(\.dated) == [1_782_362_039, 0])
    #expect(tor.map(\.hasDate) == [true, false])
    #expect(tor.map(\.rangesV4) == [3, 0])
    #expect(tor.map(\.rangesV6) == [0, 2])
    let rir = try Self.table(Self.formats[2].1).sources
    #expect(rir[0].dated == 1_782_259_200)
    #expect(rir[0].format == .delegated)
  }

  @Test("a MaxMind database gives the same table, and its aliases of IPv4 nothing more")
  func maxMind() throws {
    let networks = [
      ("::100:0", 120, "AU"), ("::100:100", 120, "CN"), ("::100:200", 119, "CN"),
      ("2001:200::", 32, "JP"), ("2001:db8:0:1::", 120, "DE"),
    ]
    let tree = try MaxMindFile(networks, alias: "2002::", aliasLength: 16)
    let table = try GeoTable([GeoFile(name: "country.mmdb", bytes: tree.bytes)])
    try Self.check(table, "mmdb")
    #expect(table.sources[0].dated == 1_782_362_039)
    let host = try HostDatapath()
    try host.lay(table)
    #expect(try host.country(of: IPAddress("2002:100::")) == nil)
  }

  @Test(
    "the smallest range decides, of equal ones the last, and a later file where it knows a country")
  func overlaps() throws {
    let one = """
      10.0.0.0,10.255.255.255,US
      10.1.0.0,10.1.255.255,DE
      10.1.2.0,10.1.2.255,FR
      10.1.2.0,10.1.2.255,IT
      10.0.128.0,10.1.0.255,PL
      10.2.0.0,10.2.255.255,??
      0.0.0.0,255.255.255.255,EU
      ::,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,EU
      """
    let other = "10.1.2.128,10.1.3.0,JP\n10.3.0.0,10.3.0.0,??\n"
    let host = try HostDatapath()
    try host.lay(Self.table([one, other]))
    for (address, country) in [
      ("9.255.255.255", "EU"), ("10.0.0.0", "US"), ("10.0.128.0", "PL"), ("10.1.0.255", "PL"),
      ("10.1.1.0", "DE"), ("10.1.2.0", "IT"), ("10.1.2.127", "IT"), ("10.1.2.128", "JP"),
      ("10.1.3.0", "JP"), ("10.1.3.1", "DE"), ("10.2.0.1", "??"), ("10.3.0.0", "US"),
      ("11.0.0.0", "EU"), ("255.255.255.255", "EU"), ("::", "EU"), ("0.0.0.0", "EU"),
      ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "EU"),
    ] {
      #expect(
        try host.country(of: IPAddress(address))?.country.description ?? "??" == country,
        "\(address)")
    }
  }

  @Test(
    "errors name the file and the line",
    arguments: [
      ("", "file0 has no ranges"),
      ("# only\n\n", "file0 has no ranges"),
      ("hello\n", "file0:1: \"hello\": is not the start of a known format"),
      ("1,2\n", "file0:1: "),
      ("1,2,DE\n3,4\n", "file0:2: \"3,4\": is not START,END,COUNTRY"),
      ("# a\n\n1,2,DE\n5,4,DE\n", "file0:4: \"5,4,DE\": is not a range"),
      ("1,2,DE\n1,::2,DE\n", "file0:2: "),
      ("1,2,DE\n1,4294967296,DE\n", "file0:2: \"4294967296\": is not an address"),
      ("1,2,DE\n1,99999999999999999999999,DE\n", "file0:2: "),
      ("1,2,DE\n1,1.2.3.04,DE\n", "file0:2: \"1.2.3.04\": is not an address"),
      ("1,2,DE\n1:::2,::3,DE\n", "file0:2: \"1:::2\": is not an address"),
      ("1,2,DE\n::1:2:3:4:5:6:7:8,::,DE\n", "file0:2: "),
      ("1,2,DE\n1,2,DEU\n", "file0:2: \"DEU\": is not a country of two letters"),
      ("1,2,D1\n", "file0:1: \"D1\": is not a country"),
      ("1,2,DE\n1,2,\u{0}\u{1b}\n", "file0:2: \"\\u{0}\\u{1b}\": is not a country"),
      ("1,2,??\n", "file0 has no country"),
      ("2|ripencc|20260625|1|1|20260624|+0\nripencc|NL|ipv4|1.0.0.0\n", "file0:2: "),
      ("a|NL|ipv4|1.0.0.0|0|2020|allocated\n", "file0:1: "),
      ("a|NL|ipv4|255.255.255.0|257|2020|allocated\n", "file0:1: "),
      ("a|NL|ipv6|2001:db8::|129|2020|allocated\n", "file0:1: "),
      ("a|NL|ipv6|2001:db8::1|32|2020|allocated\n", "file0:1: "),
      ("a|NLD|ipv4|1.0.0.0|256|2020|allocated\n", "file0:1: \"NLD\""),
      (
        "1.0.0.0,2001:db8::1,DE\n",
        "file0:1: \"1.0.0.0,2001:db8::1,DE\": is not a range of one family"
      ),
      ("BZh91AY&SY", "file0 is compressed"),
      ("network,geoname_id,x\n1.0.0.0/24,1,\n", "file0 needs the Locations file"),
      (
        String(repeating: "1", count: 5000) + "\n",
        "file0:1: \"1111111111111111111111111111111111111111111111111111111111111111\": is the start of"
      ),
    ])
  func bad(text: String, message: String) throws {
    let error = try #require(throws: AegisError.self) { try Self.table([text]) }
    #expect(error.message.hasPrefix(message), "\(error.message)")
    #expect(error.kind == .badInput)
  }

  @Test("a table has a limit, before and after its files are read")
  func tooMuch() throws {
    let many = try #require(throws: AegisError.self) {
      try GeoFile.read(Array(repeating: "/dev/zero", count: 17))
    }
    #expect(many.message == "a table is made of at most 16 files")
    let missing = try #require(throws: AegisError.self) { try GeoFile.read(["/nowhere"]) }
    #expect(missing.message == "cannot open /nowhere: No such file or directory")
    let long = "/" + String(repeating: "a", count: 207)
    let tooLong = try #require(throws: AegisError.self) { try GeoFile.read([long]) }
    #expect(tooLong.message.hasSuffix("the path of a file with countries has at most 207 bytes"))
  }

  @Test("places that no Locations file has are errors")
  func places() throws {
    let blocks = "network,geoname_id,registered_country_geoname_id\n1.0.0.0/24,5,\n"
    let locations = "geoname_id,country_iso_code\n6,DE\n"
    let error = try #require(throws: AegisError.self) { try Self.table([blocks, locations]) }
    #expect(error.message == "file0:2: \"5\": is a place that no Locations file has")
    let alone = try #require(throws: AegisError.self) { try Self.table([locations]) }
    #expect(alone.message == "file0 has names of countries, but no addresses")
  }

  @Test("a tree that is larger than the file is an error")
  func largeTree() throws {
    for nodes in [0xffff_ffff, 0x2aaa_aaab, 0x8000_0000, 1_000_000] {
      let file = try MaxMindFile([("::1.0.0.0", 120, "AU")], alias: nil, claiming: nodes)
      let error = try #require(throws: AegisError.self) {
        try GeoTable([GeoFile(name: "large", bytes: file.bytes)])
      }
      #expect(error.message.hasPrefix("large "), "\(error.message)")
    }
  }

  @Test("random changes to files are refused or read, and never more")
  func mutated() throws {
    var random = SplitMix64(seed: 16)
    let databases = try [
      MaxMindFile([("2001:200::", 32, "JP"), ("::1.0.0.0", 120, "AU")], alias: nil).bytes
    ]
    let files = Self.formats.flatMap(\.1).map { Array($0.utf8) } + databases
    for round in 0..<600 {
      var bytes = files[round % files.count]
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        default: bytes.replaceSubrange(place..., with: bytes[..<place])
        }
        if bytes.isEmpty { bytes = [0] }
      }
      do {
        _ = try GeoTable([GeoFile(name: "changed", bytes: bytes)])
      } catch {
        #expect(error.kind == .badInput, "\(error)")
        #expect(error.message.contains("changed"), "\(error)")
      }
    }
  }

  @Test("codes are read and written")
  func codes() throws {
    for (text, raw) in [("AA", 1), ("de", 83), ("EU", 125), ("XK", 609), ("ZY", 675)] {
      let code = try CountryCode(text)
      #expect(code.rawValue == UInt16(raw))
      #expect(code.description == text.uppercased())
    }
    for text in ["??", "ZZ", "zz", "-", ""] {
      let code = try CountryCode(text)
      #expect(code == .unknown)
    }
    for text in ["D", "DEU", "D1", "1D", "[A", "@A", "é"] {
      #expect(throws: InputError.self) { try CountryCode(text) }
    }
    #expect(CountryCode(rawValue: 676) == nil)
  }
}
