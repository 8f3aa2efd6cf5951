import Foundation
import TestSupport
import Testing

extension Kernel {
  /// Classes of source addresses, from the words of an operator to the packets.
  @Suite struct ClassTests {
    /// The namespace's peer is in none of these.
    static let geo = """
      192.0.2.0,192.0.2.127,DE
      192.0.2.128,192.0.2.255,FR
      198.51.100.0,198.51.100.255,AT
      2001:db8::,2001:db8:ffff::,DE

      """

    static func document(_ spec: String, kind: String = "Policy") -> String {
      "---\napiVersion: aegis/v1\nkind: \(kind)\nspec: \(spec)\n"
    }

    static let prune = ["apply", "-f", "-", "--prune", "--force"]

    /// With countries, and a class of two of them and of a prefix.
    private func prepared() throws -> Live {
      let live = try Live.attached(load: ["--max-sources", "4096"])
      try setGeo(live, Self.geo)
      try live.ok(["set-class", "domestic", "--country", "DE,fr", "--prefix", "203.0.113.0/24"])
      return live
    }

    @discardableResult
    private func setGeo(_ live: Live, _ text: String, _ options: [String] = []) throws -> JSON {
      try TemporaryDirectory.with { directory in
        try live.ok(["set-geo", directory.file("geo.csv", text.utf8)] + options)
      }
    }

    private func classes(_ live: Live) throws -> [String] {
      try live.ok(["dump", "classes"])["classes"].array.map { one in
        let members = one["countries"].array + one["prefixes"].array
        return ([one["name"].string ?? ""] + members.compactMap(\.string)).joined(separator: " ")
      }
    }

    private func reason(_ live: Live, _ words: String...) throws -> JSON {
      try live.ok(["why"] + words)["origin"]
    }

    @Test(
      "what cannot be is refused with the reason, and changes nothing",
      arguments: [
        (64, "set-class domestic", "give --country or --prefix, or --remove"),
        (64, "set-class domestic --country DE --remove", "give --country or --prefix, or --remove"),
        (64, "set-class", "missing argument"),
        (65, "set-class foreign --country DE", "is the class of all addresses that no class names"),
        (65, "set-class known --country DE", "is a reserved name"),
        (64, "set-class -x", "unknown option"),
        (65, "set-class ä --country DE", "is not a name"),
        (65, "set-class a/b --country DE", "is not a name"),
        (65, "set-class .a --country DE", "is not a name"),
        (65, "set-class \(String(repeating: "a", count: 32)) --country DE", "is longer than 31"),
        (65, "set-class a --country UK", "write GB"),
        (65, "set-class a --country el", "write GR"),
        (65, "set-class a --country DEU", "two letters were expected"),
        (65, "set-class a --country ZZ", "is not a country"),
        (65, "set-class a --country DE,,AT", "is empty"),
        (65, "set-class a --prefix 192.0.2.0/33", "192.0.2.0/33"),
        (65, "set-class a --country FR", "the classes a and domestic both claim country FR"),
        (
          65, "set-class a --prefix 203.0.113.0/24",
          "the classes a and domestic both claim prefix 203.0.113.0/24"
        ),
        (65, "set-class limited --remove", "aegisctl set-rate off --class limited"),
        (65, "set-rate 5/s --class none", "none"),
        (65, "set-rate 0/s --class foreign", "0/s"),
        (65, "set-rate 5/s --class known", "is a reserved name"),
        (64, "set-rate 5/s --class foreign --port 53/udp", "cannot be used with --port or --from"),
        (64, "set-rate 5/s --class foreign --from 192.0.2.1", "cannot be used with"),
        (64, "set-rate off --all --class foreign", "--all cannot be used with"),
        (64, "set-rate --class foreign --reset", "require a rate or 'off'"),
        (64, "set-geo", "give files, or --remove"),
        (64, "set-geo --remove /etc/passwd", "give files, or --remove"),
        (64, "set-geo --remove --allow-shrink", "--allow-shrink requires files"),
        (65, "set-geo /etc/passwd", "/etc/passwd"),
        (65, "why 192.0.2.1 --class none", "none"),
        (64, "stats --by class lo", "name none"),
        (64, "stats --by class --watch", "only with --interval and --output"),
      ] as [(Int32, String, String)])
    func refused(status: Int32, command: String, text: String) throws {
      let live = try prepared()
      try live.ok(["set-class", "limited", "--country", "IT"])
      try live.ok(["set-rate", "5/s", "--class", "limited"])
      let before = try live.run(["dump", "-o", "yaml"]).output
      let error = try live.fails(status, command.split(separator: " ").map(String.init))
      #expect(error.contains(text), "\(error)")
      #expect(try live.run(["dump", "-o", "yaml"]).output == before)
      #expect(try reason(live, "192.0.2.1")["country"].string == "DE")
    }

    @Test("no more than 62, in one change or one after the other")
    func most() throws {
      let live = try Live.attached(load: ["--max-drops", "64"])
      let many = (0..<62).map { "{name: c\($0), prefixes: [10.0.\($0).0/24]}" }
      let text = { (some: [String]) in Self.document("{classes: [\(some.joined(separator: ", "))]}")
      }
      let more = many + ["{name: more}"]
      #expect(
        try live.fails(65, Self.prune, input: text(more)).contains("no more than 62 classes"))
      #expect(try classes(live) == [])
      try live.ok(Self.prune, input: text(many))
      #expect(try classes(live).count == 62)
      #expect(
        try live.fails(65, ["set-class", "more", "--country", "DE"]).contains("more than 62"))
      #expect(try reason(live, "10.0.61.7")["class"].string == "c61")
      // All of them go for as many others.
      let others = (0..<62).map { "{name: d\($0), prefixes: [10.0.\($0).0/24]}" }
      let error = try live.fails(65, Self.prune, input: text(others))
      #expect(error.contains("no more than 62 classes, with those that are to be removed"))
      let after = try classes(live)
      #expect(after.count == 62 && after.allSatisfy { $0.hasPrefix("c") })
      try live.ok(Self.prune, input: text([]))
      #expect(try classes(live) == [])
      #expect(try reason(live, "10.0.61.7").isNull)
    }

    @Test("more prefixes than there is room for are refused before anything changes")
    func tooManyPrefixes() throws {
      let live = try prepared()
      let prefixes = (0..<8300).map { "10.\($0 / 256).\($0 % 256).0/24" }
      let text = Self.document(
        "{classes: [{name: many, prefixes: [\(prefixes.joined(separator: ", "))]}]}")
      let before = try classes(live)
      let error = try live.fails(65, ["apply", "-f", "-", "--force"], input: text)
      #expect(error.contains("8192"), "\(error)")
      #expect(try classes(live) == before)
      #expect(try reason(live, "10.0.0.1")["class"].string == "foreign")
    }

    @Test("a change is told, a dry run changes nothing, and the same again is no change")
    func told() throws {
      let live = try prepared()
      let set = ["set-class", "near", "--country", "AT", "--country", "IT,CH"]
      for (options, action) in [(["--dry-run"], "added"), ([], "added"), ([], "unchanged")] {
        let told = try live.ok(set + options)
        #expect(told["changed"].bool == (action == "added"))
        #expect(told["dryRun"].bool == !options.isEmpty)
        #expect(told["items"][0]["action"].string == action, "\(told)")
        #expect(told["items"][0]["name"].string == "class near: AT, CH, IT", "\(told)")
        let names = options.isEmpty ? ["domestic DE FR 203.0.113.0/24", "near AT CH IT"] : nil
        #expect(try classes(live) == names ?? ["domestic DE FR 203.0.113.0/24"])
      }
      let changed = try live.ok(["set-class", "near", "--prefix", "198.51.100.0/24"])
      #expect(changed["items"][0]["action"].string == "changed")
      #expect(
        try live.ok(["set-rate", "5/s", "--class", "near", "--dry-run"])["dryRun"].bool == true)
      #expect(try live.rates() == [])
      try live.ok(["set-rate", "5/s", "--class", "near"])
      #expect(try live.ok(["dump", "rates"])["rates"][0]["class"].string == "near")
      #expect(
        try live.ok(["set-rate", "off", "--class", "near"])["items"][0]["action"].string
          == "changed")
      #expect(try live.ok(["set-class", "near", "--remove", "--dry-run"])["dryRun"].bool == true)
      #expect(try classes(live).count == 2)
      #expect(
        try live.ok(["set-class", "near", "--remove"])["items"][0]["action"].string == "removed")
      #expect(
        try live.ok(["set-class", "near", "--remove"])["items"][0]["action"].string == "unchanged")
      #expect(try classes(live) == ["domestic DE FR 203.0.113.0/24"])

      let dry = try setGeo(live, "1.0.0.0,1.255.255.255,AU\n", ["--allow-shrink", "--dry-run"])
      #expect(dry["changed"].bool == true && dry["dryRun"].bool == true)
      #expect(try reason(live, "192.0.2.1")["country"].string == "DE")
      #expect(try live.ok(["set-geo", "--remove", "--dry-run"])["changed"].bool == true)
      #expect(try reason(live, "192.0.2.1")["country"].string == "DE")
      #expect(try live.ok(["set-geo", "--remove"])["items"][0]["action"].string == "removed")
      #expect(try live.ok(["set-geo", "--remove"])["items"][0]["action"].string == "unchanged")
      let unknown = try live.run(["set-class", "late", "--country", "SE"])
      #expect(
        unknown.status == 0 && unknown.error.contains("no countries are loaded"), "\(unknown)")
    }

    @Test("a class is dumped in every form, and what is dumped is read again")
    func dumped() throws {
      let live = try prepared()
      try live.ok(["set-class", "b", "--prefix", "2001:db8::/48,198.51.100.7"])
      try live.ok(["set-rate", "100/s", "--class", "b"])
      try live.ok(["set-rate", "2MB/s", "--class", "b", "--total"])
      try live.ok(["set-rate", "50/s", "--class", "foreign", "--monitor"])
      let name = try live.run(["dump", "classes", "-o", "name"])
      #expect(name.output == "b\ndomestic\n")
      let table = try live.run(["dump", "classes"]).output.split(separator: "\n")
        .map { $0.split(separator: " ").joined(separator: " ") }
      #expect(
        table == [
          "CLASS COUNTRIES PREFIXES", "b - 198.51.100.7, 2001:db8::/48",
          "domestic DE, FR 203.0.113.0/24",
        ], "\(table)")
      #expect(try live.run(["dump", "classes", "-o", "wide"]).output.contains("2001:db8::/48"))
      #expect(
        try classes(live) == ["b 198.51.100.7 2001:db8::/48", "domestic DE FR 203.0.113.0/24"])
      let yaml = try live.run(["dump", "classes", "-o", "yaml"]).output
      #expect(yaml.contains("kind: Policy") && yaml.contains("name: domestic"))
      #expect(try live.run(["diff", "-f", "-", "--prune"], input: yaml).status == 0)
      let whole = try live.run(["dump", "-o", "yaml"]).output
      let again = try live.ok(Self.prune, input: whole)
      #expect(again["changed"].bool == false, "\(again)")
      #expect(try live.run(["dump", "-o", "yaml"]).output == whole)
      // Into a datapath that has nothing.
      try live.ok(["unload", "--force"])
      try live.ok(["load"])
      let difference = try live.run(["diff", "-f", "-", "-o", "json"], input: whole)
      #expect(difference.status == 1)
      let items = try difference.json["items"].array
      #expect(
        items.filter { $0["part"].string == "class" }.map { $0["name"].string } == [
          "b", "domestic",
        ])
      #expect(
        items.first { $0["name"].string == "domestic" }?["now"].string == "DE, FR, 203.0.113.0/24")
      #expect(items.filter { $0["part"].string == "rate" }.count == 3)
      try live.ok(Self.prune, input: whole)
      #expect(try live.run(["dump", "-o", "yaml"]).output == whole)
    }

    @Test("sources of a class share its rate's terms, from the longest prefix down to foreign")
    func limited() throws {
      let live = try prepared()
      try live.ok(["set-class", "strict", "--prefix", "192.0.2.64/26,203.0.113.9"])
      try live.limit(9)
      try live.limit(6, "--class", "domestic")
      try live.limit(1, "--class", "strict")
      #expect(try live.passes(12, from: "192.0.2.1") == 6)
      #expect(try live.passes(12, from: "192.0.2.200") == 6)
      #expect(try live.passes(12, from: "192.0.2.65") == 1)
      #expect(try live.passes(12, from: "203.0.113.9") == 1)
      #expect(try live.passes(12, from: "203.0.113.8") == 6)
      #expect(try live.passes(12, from: "198.51.100.1") == 9)
      try live.limit(3, "--class", "foreign")
      #expect(try live.passes(12, from: "198.51.100.2") == 3)
      // A rate for a prefix is the more specific one.
      try live.limit(4, "--from", "192.0.2.65/32")
      #expect(try live.passes(12, from: "192.0.2.65") == 4)
      // To another class with the next packet, by a class, a country and a table.
      try live.ok(["set-class", "strict", "--country", "AT"])
      #expect(try live.passes(12, from: "198.51.100.3") == 1)
      #expect(try live.passes(12, from: "203.0.113.9") == 6)
      try setGeo(
        live, "198.51.100.0,198.51.100.255,DE\n2001:db8::,2001:db8:ffff::,DE\n", ["--allow-shrink"])
      #expect(try live.passes(12, from: "198.51.100.4") == 6)
      #expect(try live.passes(12, from: "192.0.2.2") == 3)
      try live.ok(["set-geo", "--remove"])
      #expect(try live.passes(12, from: "198.51.100.5") == 3)
      try live.ok(["set-rate", "off", "--class", "foreign"])
      #expect(try live.passes(12, from: "198.51.100.6") == 9)
    }

    @Test("a total is of all sources of the class together")
    func total() throws {
      let live = try prepared()
      try live.limit(5, "--class", "domestic", "--total")
      #expect(try live.passes(3, from: "192.0.2.1") == 3)
      #expect(try live.passes(3, from: "192.0.2.129") == 2)
      #expect(try live.passes(3, from: "203.0.113.1") == 0)
      #expect(try live.passes(3, from: "198.51.100.1") == 3)
      let offender = try live.run(["why", "192.0.2.7", "to", "7000/udp"])
      #expect(offender.output.contains("class domestic"), "\(offender)")
    }

    @Test("packets are counted by class, in every form, and for a class anew when it is defined")
    func counted() throws {
      let live = try prepared()
      try live.ok(["drop-ip", "192.0.2.1"])
      try live.ok(["drop-ip", "198.51.100.1", "--monitor"])
      #expect(try live.passes(3, from: "192.0.2.1") == 0)
      #expect(try live.passes(5, from: "192.0.2.2") == 5)
      #expect(try live.passes(2, from: "198.51.100.1") == 2)
      let stats = try live.ok(["stats", "--by", "class"])
      #expect(stats["kind"].string == "ClassStats")
      let domestic = stats["items"].first("class", "domestic")
      #expect(domestic["passed"]["packets"].int == 5 && domestic["dropped"]["packets"].int == 3)
      #expect(domestic["dropShare"].double == 0.375 && domestic["packetsPerSecond"].isNull)
      let size = try #require(domestic["dropped"]["bytes"].int)
      #expect(size > 3 * 64 && domestic["passed"]["bytes"].int == size / 3 * 5)
      #expect(stats["items"].first("class", "foreign")["wouldDrop"]["packets"].int == 2)
      let yaml = try live.run(["stats", "--by", "class", "-o", "yaml"]).output
      #expect(yaml.contains("kind: ClassStats") && yaml.contains("class: domestic"))
      let names = try live.run(["stats", "--by", "class", "-o", "name"]).output
      #expect(names == "domestic\nforeign\n")
      let table = try live.run(["stats", "--by", "class"]).output.split(separator: "\n")
      #expect(table[0].hasPrefix("CLASS") && table[1].hasPrefix("domestic"), "\(table)")
      let interval = try live.ok(["stats", "--by", "class", "--interval", "300ms"])
      #expect(interval["items"].first("class", "domestic")["packetsPerSecond"].double == 0)
      #expect(interval["items"].first("class", "domestic")["passed"]["packets"].int == 5)

      let text = try live.run(["metrics"]).output
      for line in [
        "aegis_class_packets_total{class=\"domestic\",verdict=\"pass\"} 5",
        "aegis_class_packets_total{class=\"domestic\",verdict=\"drop\"} 3",
        "aegis_class_bytes_total{class=\"domestic\",verdict=\"drop\"} \(size)",
        "aegis_class_would_drop_packets_total{class=\"foreign\"} 2",
        "aegis_geo_ranges{family=\"ipv4\"} 3", "aegis_geo_ranges{family=\"ipv6\"} 1",
      ] {
        #expect(text.contains(line + "\n"), "\(line)\n\(text)")
      }
      #expect(text.contains("\naegis_geo_data_timestamp_seconds 1"))
      let promtool = try Command(["promtool", "check", "metrics"]).run(input: text)
      #expect(promtool.status == 0 && promtool.output + promtool.error == "", "\(promtool)")

      try live.ok(["set-class", "domestic", "--remove"])
      let none = try live.run(["stats", "--by", "class", "-o", "json"])
      #expect(try none.json["items"].array.isEmpty)
      #expect(none.error.contains("no class is defined"))
      try live.ok(["set-class", "domestic", "--country", "DE"])
      let anew = try live.ok(["stats", "--by", "class"])["items"].first("class", "domestic")
      #expect(anew["passed"]["packets"].int == 0 && anew["dropped"]["packets"].int == 0)
    }

    @Test("events are of a class, or of any, and say which")
    func events() throws {
      let live = try prepared()
      let some = try EventReading(live, ["--class", "domestic"])
      #expect(try live.passes(2, from: "192.0.2.1") == 2)
      #expect(try live.passes(3, from: "198.51.100.1") == 3)
      let found = try some.end()
      #expect(found.all.map { $0["class"].string } == ["domestic", "domestic"])
      #expect(found["matched"] == 2)
      let all = try EventReading(live)
      #expect(try live.passes(1, from: "192.0.2.1") == 1)
      #expect(try live.passes(1, from: "198.51.100.1") == 1)
      let both = try all.end().all.filter { $0["source"].string != nil }
      #expect(Set(both.compactMap { $0["class"].string }) == ["domestic", "foreign"], "\(both)")
      #expect(try live.run(["events", "--class", "none", "--for", "100ms"]).status == 65)
    }

    @Test("why says the class, the country, the file and its date, and tries another class")
    func why() throws {
      let live = try prepared()
      try live.ok(["set-class", "strict", "--prefix", "192.0.2.64/26"])
      try live.ok(["set-rate", "2/h", "--class", "strict"])
      try TemporaryDirectory.with { directory in
        let path = try directory.file("geo.csv", Self.geo.utf8)
        try Command(["touch", "-d", "2026-06-25T12:00:00Z", path]).succeed()
        try live.ok(["set-geo", path])
        let near = try reason(live, "192.0.2.1")
        #expect(near["class"].string == "domestic" && near["country"].string == "DE")
        #expect(near["file"].string == path && near["dated"].string == "2026-06-25")
        #expect(near["prefix"].isNull)
        let strict = try reason(live, "192.0.2.65")
        #expect(strict["class"].string == "strict" && strict["prefix"].string == "192.0.2.64/26")
        #expect(strict["country"].string == "DE")
        let text = try live.run(["why", "192.0.2.65"]).output
        #expect(
          text.contains("strict, by prefix 192.0.2.64/26; country DE by \(path) of 2026-06-25"),
          "\(text)")
        let foreign = try live.run(["why", "203.0.114.1"]).output
        #expect(
          foreign.split(separator: "\n").contains {
            $0.hasPrefix("class") && $0.hasSuffix("foreign")
          }, "\(foreign)")
      }
      let assumed = try live.ok(["why", "203.0.114.1", "to", "80", "--class", "strict"])
      #expect(assumed["origin"]["class"].string == "strict")
      let bucket = assumed["steps"].first("stage", "rate")["buckets"][0]
      #expect(
        bucket["rule"]["rule"].string == "class strict" && bucket["rule"]["by"].string == "class")
      let own = try live.ok(["why", "203.0.114.1", "to", "80"])
      #expect(own["steps"].first("stage", "rate")["buckets"].array.isEmpty)
      let other = try live.ok(["why", "192.0.2.65", "to", "80", "--class", "foreign"])
      #expect(other["origin"]["class"].string == "foreign" && other["origin"]["prefix"].isNull)
    }

    @Test("a policy that nobody confirms takes its classes with it")
    func confirmed() throws {
      let live = try prepared()
      try live.ok(["set-rate", "100k/s", "--class", "domestic"])
      let before = try live.run(["dump", "-o", "yaml"]).output
      let text = Self.document(
        "{classes: [{name: other, countries: [DE]}], rates: [{rate: 10/h, burst: 1, class: other}]}"
      )
      let apply = Self.prune + ["--confirm-within"]
      try live.ok(apply + ["1s"], input: text)
      #expect(try live.passes(3, from: "192.0.2.1") == 1)
      Thread.sleep(forTimeInterval: 1.1)
      #expect(try live.passes(3, from: "192.0.2.1") == 3)
      let next = try live.run(["set-mode", "enforce"])
      #expect(next.status == 0 && next.error.contains("not confirmed in time"), "\(next)")
      #expect(try live.run(["dump", "-o", "yaml"]).output == before)
      #expect(try reason(live, "192.0.2.1")["class"].string == "domestic")
      try live.ok(apply + ["1h"], input: text)
      #expect(try classes(live) == ["other DE"])
      try live.ok(["rollback"])
      #expect(try live.run(["dump", "-o", "yaml"]).output == before)
      try live.ok(apply + ["1h"], input: text)
      try live.ok(["confirm", "--force"])
      #expect(try classes(live) == ["other DE"])
      try live.fails(1, ["rollback"])
    }

    @Test("a document's rates are for classes that there are, and a class with a rate stays")
    func documents() throws {
      let live = try prepared()
      try live.ok(["set-rate", "5/s", "--class", "domestic"])
      let before = try live.run(["dump", "-o", "yaml"]).output
      for (spec, text) in [
        (
          "{rates: [{rate: 5/s, class: none}]}", "there is a rate for class none, but no such class"
        ),
        ("{classes: []}", "set-rate off --class domestic"),
        (
          "{classes: [{name: a, countries: [DE]}, {name: b, countries: [DE]}]}",
          "both claim country DE"
        ),
        ("{classes: [{name: a, countries: [DE]}, {name: a, countries: [AT]}]}", "a"),
        ("{classes: [{name: foreign, countries: [DE]}]}", "is the class of all addresses"),
        ("{classes: [{name: known, countries: [DE]}]}", "is a reserved name"),
        ("{classes: [{name: a, countries: [UK]}]}", "write GB"),
        ("{classes: [{countries: [DE]}]}", "name"),
        ("{classes: [{name: a, cities: [Bonn]}]}", "cities"),
        ("{rates: [{rate: 5/s, class: foreign, port: 53/udp}]}", "class"),
        ("{rates: [{rate: 0/s, class: foreign}]}", "0/s"),
      ] {
        let error = try live.fails(65, Self.prune, input: Self.document(spec))
        #expect(error.contains(text), "\(spec): \(error)")
        #expect(try live.run(["dump", "-o", "yaml"]).output == before, "\(spec)")
      }
      // Without --prune the others stay; two of them must not claim the same.
      let more = Self.document("{classes: [{name: more, countries: [AT]}]}")
      try live.ok(["apply", "-f", "-", "--force"], input: more)
      #expect(try classes(live).count == 2)
      let clash = Self.document("{classes: [{name: clash, countries: [FR]}]}")
      #expect(
        try live.fails(65, ["apply", "-f", "-", "--force"], input: clash)
          .contains("the classes clash and domestic both claim country FR"))
      // A class and its rate go together.
      try live.ok(Self.prune, input: Self.document("{classes: [], rates: []}"))
      #expect(try classes(live).isEmpty && live.rates().isEmpty)
    }

    @Test("countries of a Host document are loaded before the policy, and with nothing they go")
    func hostDocument() throws {
      let live = Live(try Sandbox())
      try TemporaryDirectory.with { directory in
        let path = try directory.file("geo.csv", Self.geo.utf8)
        let policy = Self.document(
          "{classes: [{name: domestic, countries: [DE]}], rates: [{rate: 10/h, burst: 2, class: domestic}]}"
        )
        let host = { (geo: String) in
          Self.document("{interfaces: [\(live.interface)], geo: \(geo)}", kind: "Host")
        }
        let text = policy + host("[\(path)]")
        let apply = ["apply", "-f", "-", "--force"]
        let diff = ["diff", "-f", "-", "-o", "json"]
        let difference = try live.run(diff, input: text)
        #expect(difference.status == 1, "\(difference)")
        let item = try difference.json["items"].first("part", "geo")
        #expect(item["action"].string == "added", "\(difference)")
        #expect(item["now"].string == "3 countries in 3 IPv4 and 1 IPv6 ranges", "\(difference)")
        #expect(try live.run(apply + ["--dry-run"], input: text).status == 0)
        try live.fails(69, ["status"])
        #expect(try live.run(apply, input: text).status == 0)
        #expect(try live.passes(5, from: "192.0.2.1") == 2)
        #expect(try live.run(diff, input: text).status == 0)
        let again = try live.ok(apply, input: text)
        #expect(again["changed"].bool == false && again["counts"]["unchanged"].int == 4, "\(again)")
        let dump = try live.run(["dump", "host", "-o", "yaml"]).output
        #expect(dump.contains("geo:\n  - \(path)\n"), "\(dump)")
        #expect(try live.run(["diff", "-f", "-", "--prune"], input: dump).status == 0)

        // A file that is not there, and one that was cut off.
        let lost = policy + host("[\(path)-none]")
        #expect(try live.fails(65, apply, input: lost).contains("\(path)-none"))
        let boot = try live.run(["apply", "-f", "-", "--at-boot"], input: lost)
        #expect(boot.status == 0 && boot.error.contains("warning: no countries: "), "\(boot)")
        #expect(try live.ok(["why", "192.0.2.1"])["origin"]["country"].string == "DE")
        let short = try directory.file("short.csv", "192.0.2.0,192.0.2.255,DE\n".utf8)
        let cut = policy + host("[\(short)]")
        let refused = try live.fails(65, apply, input: cut)
        #expect(refused.contains("there are only 1 IPv4 ranges, and the loaded table has 3"))
        #expect(refused.contains("--allow-shrink"))
        #expect(try live.fails(65, ["set-geo", short]).contains("only 1 IPv4 ranges"))
        #expect(try live.ok(["why", "192.0.2.1"])["origin"]["file"].string == path)
        try live.ok(["set-geo", short, "--allow-shrink"])
        #expect(try live.ok(["why", "192.0.2.1"])["origin"]["file"].string == short)
        #expect(try live.ok(["set-geo", path])["items"][0]["action"].string == "changed")
        // What a policy says nothing of stays.
        #expect(try live.run(apply + ["--prune"], input: policy).status == 0)
        #expect(try live.ok(["why", "192.0.2.1"])["origin"]["country"].string == "DE")
        let gone = try live.ok(apply, input: host("[]"))
        #expect(gone["items"].first("part", "geo")["action"].string == "removed", "\(gone)")
        #expect(try live.ok(["why", "192.0.2.1"])["origin"]["country"].isNull)

        // At boot there is a filter even without countries.
        try live.ok(["unload", "--force"])
        let first = try live.run(["apply", "-f", "-", "--at-boot"], input: lost)
        #expect(first.status == 0 && first.error.contains("warning: no countries: "), "\(first)")
        #expect(try live.passes(5, from: "192.0.2.1") == 5)
        #expect(try classes(live) == ["domestic DE"])
        try live.ok(["unload", "--force"])
        try live.fails(65, apply, input: lost)
        try live.fails(69, ["status"])
      }
    }

    @Test("a policy file is tried with the countries that a Host document names, on a capture too")
    func files() throws {
      let live = try Live.attached(load: ["--max-drops", "64"])
      try TemporaryDirectory.with { directory in
        let geo = try directory.file("geo.csv", Self.geo.utf8)
        let policy = Self.document(
          "{classes: [{name: domestic, countries: [DE]}], rates: [{rate: 10/h, burst: 1, class: foreign}]}"
        )
        let plain = try directory.file("plain.yaml", policy.utf8)
        let host = Self.document("{geo: [\(geo)]}", kind: "Host")
        let whole = try directory.file("whole.yaml", (policy + host).utf8)
        let told = try live.ok(["why", "-f", whole, "192.0.2.1", "to", "80"])
        #expect(
          told["origin"]["class"].string == "domestic" && told["origin"]["file"].string == geo)
        #expect(told["steps"].first("stage", "rate")["buckets"].array.isEmpty)
        let unknown = try live.run(["why", "-f", plain, "192.0.2.1", "to", "80", "-o", "json"])
        #expect(try unknown.json["origin"]["class"].string == "foreign")
        #expect(unknown.error.contains("no Host document names files in geo"), "\(unknown)")
        let cases = try directory.file(
          "cases.txt",
          "from 192.0.2.1 to 80: pass default\nfrom 1.2.3.4 to 80 class domestic: pass\n".utf8)
        #expect(try live.run(["test", whole, "--cases", cases]).status == 0)
        for bad in [
          "from 192.0.2.1 class none: pass", "from 192.0.2.1 class: pass",
          "from 192.0.2.1 class known: pass",
        ] {
          let file = try directory.file("bad.txt", bad.utf8)
          #expect(try live.run(["test", whole, "--cases", file]).status == 65, "\(bad)")
        }
        let capture = directory.path + "/sent.pcapng"
        let words = ["events", "--pcap", capture, "-q", "--for", "1500ms"]
        let reader = try live.aegis.command(words, namespace: live.sandbox.host.namespace).start()
        try live.wait(untilEventsAreRead: true)
        for source in ["192.0.2.1", "192.0.2.1", "192.0.2.1", "198.51.100.1", "198.51.100.1"] {
          try live.sandbox.send(from: source, port: 7001)
        }
        #expect(try reader.wait(timeout: 30).status == 0)
        let replayed = try live.ok(["replay", "-f", whole, capture, "--speed", "max"])
        #expect(replayed["dropped"]["packets"].int == 1, "\(replayed)")
        let without = try live.ok(["replay", "-f", plain, capture, "--speed", "max"])
        #expect(without["dropped"]["packets"].int == 3, "\(without)")
      }
    }

    @Test("classes, their rates, debts and counts go along into another table, and back")
    func replaced() throws {
      let live = try prepared()
      try live.limit(6, "--class", "domestic")
      try live.limit(3, "--class", "foreign")
      try live.limit(40, "--class", "domestic", "--total")
      #expect(try live.passes(4, from: "192.0.2.1") == 4)
      #expect(try live.passes(2, from: "198.51.100.1") == 2)
      let before = try live.run(["dump", "-o", "yaml"]).output
      for (round, sources) in ["100000", "6"].enumerated() {
        let told = try live.ok(["load", "--replace", "--max-sources", sources])
        #expect(told["action"].string == "replaced")
        #expect(try live.run(["dump", "-o", "yaml"]).output == before)
        #expect(try live.passes(1, from: "192.0.2.1") == 1, "\(sources)")
        if round == 0 { #expect(try live.passes(3, from: "198.51.100.1") == 1) }
      }
      #expect(try live.passes(3, from: "192.0.2.1") == 0)
      #expect(try live.passes(3, from: "198.51.100.1") == 0)
      let items = try live.ok(["stats", "--by", "class"])["items"]
      #expect(items.first("class", "domestic")["passed"]["packets"].int == 6)
      #expect(items.first("class", "domestic")["dropped"]["packets"].int == 3)
      #expect(items.first("class", "foreign")["dropped"]["packets"].int == 5)
      // With the policy of now.
      try live.ok(["set-class", "new", "--country", "AT"])
      try live.limit(2, "--class", "new")
      let after = try live.run(["dump", "-o", "yaml"]).output
      #expect(try live.ok(["load", "--rollback"])["action"].string == "rolled back")
      #expect(try live.run(["dump", "-o", "yaml"]).output == after)
      #expect(try reason(live, "198.51.100.1")["class"].string == "new")
      #expect(try live.passes(5, from: "198.51.100.9") == 2)
      #expect(try live.passes(3, from: "192.0.2.1") == 0)
    }
  }
}
