import TestSupport
import Testing

extension Kernel {
  struct ClassPrefixTests {
    /// Sends from each source, and asks the tool about it: they must agree.
    private func classes(_ live: Live, of sources: [String]) throws -> [String] {
      try sources.map { source in
        let counted = try live.packetsByClass { _ = try live.passes(1, from: source) }
        let told = try live.ok(["why", source])["origin"]["class"].string
        // With IPv6, the kernel's own packets are counted too.
        #expect(counted[told ?? "nothing"] ?? 0 >= 1, "\(source): \(counted), \(told ?? "nothing")")
        return told ?? "nothing"
      }
    }

    @Test("the longest prefix decides, down to a host, and before the country")
    func nested() throws {
      let live = try Live.attached(ipv6: true)
      try live.nameClasses()
      try live.ok(["set-class", "all", "--prefix", "0.0.0.0/0,::/0"])
      #expect(
        try classes(live, of: ["100.64.0.1", "192.0.2.1", "2001:db8:9::1", "2001:db8:1::1"])
          == ["all", "all", "all", "all"])
      try live.ok(
        [
          "set-class", "domestic", "--country", "DE", "--prefix",
          "192.0.2.0/24,2001:db8:1::/48,198.51.100.7",
        ])
      try live.ok(
        [
          "set-class", "suspicious", "--country", "KP", "--prefix",
          "192.0.2.128/25,2001:db8:1:8000::/49,192.0.2.1,2001:db8:1::1",
        ])
      let sources = [
        ("100.64.0.1", "all"), ("192.0.2.2", "domestic"), ("192.0.2.129", "suspicious"),
        ("192.0.2.1", "suspicious"), ("198.51.100.7", "domestic"), ("198.51.100.8", "all"),
        ("2001:db8:9::1", "all"), ("2001:db8:1::2", "domestic"),
        ("2001:db8:1:8000::2", "suspicious"), ("2001:db8:1::1", "suspicious"),
        ("2001:db8:2::1", "all"),
      ]
      #expect(try classes(live, of: sources.map(\.0)) == sources.map(\.1))
      // Without those for everything the country decides again.
      try live.ok(["set-class", "all", "--remove"])
      #expect(
        try classes(live, of: ["198.51.100.8", "100.64.0.1", "2001:db8:2::1", "192.0.2.2"])
          == ["suspicious", "foreign", "suspicious", "domestic"])
      try live.ok(["set-class", "domestic", "--country", "DE"])
      try live.ok(["set-class", "suspicious", "--country", "KP"])
      #expect(
        try classes(live, of: ["192.0.2.1", "192.0.2.129", "198.51.100.7", "2001:db8:1::1"])
          == ["domestic", "domestic", "suspicious", "domestic"])
      try live.ok(["set-geo", "--remove"])
      #expect(try classes(live, of: ["192.0.2.1", "2001:db8:1::1"]) == ["foreign", "foreign"])
    }

    @Test("what one class has, another cannot take; a refused call changes nothing")
    func conflicts() throws {
      let live = try Live.attached()
      try live.nameClasses()
      try live.ok(["set-class", "suspicious", "--country", "KP", "--prefix", "192.0.2.0/24"])
      let before = try live.run(["dump", "-o", "yaml"]).output
      for words in [["--country", "KP"], ["--prefix", "192.0.2.0/24"]] {
        let said = try live.fails(65, ["set-class", "other"] + words)
        #expect(said.contains("the classes other and suspicious both claim"), "\(said)")
      }
      #expect(try live.run(["dump", "-o", "yaml"]).output == before)
    }

    private static func policy(_ name: String, _ prefixes: [String]) -> String {
      """
      apiVersion: aegis/v1
      kind: Policy
      spec:
        classes: [{name: \(name), prefixes: [\(prefixes.joined(separator: ", "))]}]

      """
    }

    /// As many as there can be, of different ones for each `net`.
    private static func full(_ net: Int) -> [String] {
      (0..<8192).map { "\(net).\($0 >> 8).\($0 & 255).0/24" }
    }

    @Test("one prefix too many is refused, and changes nothing")
    func tooMany() throws {
      let live = try Live.attached()
      let declare = ["apply", "-f", "-", "--prune", "--force"]
      try live.ok(declare, input: Self.policy("many", Self.full(11)))
      let before = try live.run(["dump", "-o", "yaml"]).output
      for arguments in [
        ["set-class", "other", "--prefix", "192.0.2.0/24"],
        ["set-class", "other", "--prefix", "2001:db8::/32", "--country", "DE"],
      ] {
        let said = try live.fails(65, arguments)
        #expect(said.contains("no more than 8192 prefixes"), "\(said)")
        #expect(try live.run(["dump", "-o", "yaml"]).output == before)
      }
      let more = Self.policy("many", Self.full(11) + ["192.0.2.0/24"])
      let said = try live.fails(65, declare, input: more)
      #expect(said.contains("no more than 8192 prefixes"), "\(said)")
      #expect(try live.run(["dump", "-o", "yaml"]).output == before)
      #expect(try classes(live, of: ["11.3.4.5", "192.0.2.1"]) == ["many", "foreign"])
      // A full table can be replaced by another, and moved to another class.
      try live.ok(declare, input: Self.policy("many", Self.full(12)))
      #expect(try classes(live, of: ["12.3.4.5", "11.3.4.5"]) == ["many", "foreign"])
      try live.ok(declare, input: Self.policy("other", Self.full(12)))
      #expect(try classes(live, of: ["12.31.255.5"]) == ["other"])
      #expect(try live.ok(["dump", "classes"])["classes"].array.count == 1)
    }

    @Test("one class too many is refused, and changes nothing")
    func tooManyClasses() throws {
      let live = try Live.attached()
      let declare = ["apply", "-f", "-", "--prune", "--force"]
      func policy(_ name: String, _ count: Int) -> String {
        let classes = (0..<count).map { "{name: \(name)-\($0), prefixes: [11.0.\($0).0/24]}" }
        return """
          apiVersion: aegis/v1
          kind: Policy
          spec: {classes: [\(classes.joined(separator: ", "))]}

          """
      }
      try live.ok(declare, input: policy("one", 62))
      let before = try live.run(["dump", "-o", "yaml"]).output
      for more in [policy("one", 63), policy("two", 62), policy("two", 1)] {
        let said = try live.fails(65, declare, input: more)
        #expect(said.contains("no more than 62 classes"), "\(said)")
        #expect(try live.run(["dump", "-o", "yaml"]).output == before)
      }
      try live.fails(65, ["set-class", "other", "--country", "DE"])
      #expect(try live.run(["dump", "-o", "yaml"]).output == before)
      #expect(try classes(live, of: ["11.0.61.1", "11.0.0.1"]) == ["one-61", "one-0"])
      try live.ok(["set-class", "one-61", "--remove"])
      try live.ok(["set-class", "other", "--prefix", "11.0.61.0/24"])
      #expect(try classes(live, of: ["11.0.61.1", "11.0.60.1"]) == ["other", "one-60"])
    }
  }
}
