import TestSupport
import Testing

extension Kernel {
  /// Classes and countries, changed by several callers at once.
  struct ClassRaceTests {
    private static let countries = ["DE", "AT", "CH", "FR", "KP", "JP", "US", "GB"]

    @Test("the first of several callers changes something, and the others find it done")
    func sameCall() throws {
      let live = try Live.attached()
      try TemporaryDirectory.with { directory in
        let file = try directory.file("ranges", "192.0.2.0,192.0.2.255,DE\n".utf8)
        for arguments in [
          ["set-geo", file], ["set-class", "domestic", "--country", "DE"],
          ["set-class", "domestic", "--country", "DE", "--prefix", "198.51.100.0/24"],
          ["set-rate", "10/s", "--class", "domestic"], ["set-rate", "off", "--class", "domestic"],
          ["set-class", "domestic", "--remove"], ["set-geo", "--remove"],
        ] {
          let calls = try (0..<4).map { _ in
            try live.aegis.command(arguments + ["-o", "json"]).start()
          }
          let outcomes = try calls.map { try $0.wait() }
          #expect(outcomes.allSatisfy { $0.status == 0 }, "\(arguments): \(outcomes)")
          let changes = try outcomes.map { try $0.json["changed"].bool }
          #expect(changes.count { $0 == true } == 1, "\(arguments)")
        }
      }
      #expect(try live.names() == ["current", "gen1", "geo", "links"])
      #expect(try live.names("geo") == [])
    }

    @Test("callers that define other classes lose nothing to each other or to a new program")
    func otherCalls() throws {
      let live = try Live.attached()
      try TemporaryDirectory.with { directory in
        let files = try Self.countries.map { code in
          try directory.file(code, "192.0.2.0,192.0.2.255,\(code)\n".utf8)
        }
        var calls: [RunningCommand] = []
        for (index, code) in Self.countries.enumerated() {
          let prefix = "198.51.100.\(index)"
          for arguments in [
            ["set-class", "class-\(code)", "--country", code, "--prefix", prefix],
            ["set-geo", files[index]],
          ] { calls.append(try live.aegis.command(arguments).start()) }
          if index == 3 {
            calls.append(
              try live.aegis.command(["load", "--replace", "--max-drops", "999"]).start())
          }
        }
        for call in calls {
          let outcome = try call.wait()
          #expect(outcome.status == 0, "\(outcome)")
        }
      }
      let classes = try live.ok(["dump", "classes"])["classes"].array
      #expect(classes.map { $0["name"].string } == Self.countries.map { "class-\($0)" }.sorted())
      for one in classes {
        #expect(one["countries"].array.map { "class-\($0.string ?? "")" } == [one["name"].string])
        #expect(one["prefixes"].array.count == 1)
      }
      // One of the tables, and the class of its country.
      let origin = try live.ok(["why", "192.0.2.1"])["origin"]
      #expect(origin["class"].string == "class-\(origin["country"].string ?? "")")
      #expect(try live.names("geo").count == 1)
      for (index, code) in Self.countries.enumerated() {
        let counted = try live.packetsByClass {
          _ = try live.passes(3, from: "198.51.100.\(index)")
        }
        #expect(counted["class-\(code)"] == 3)
      }
    }
  }
}
