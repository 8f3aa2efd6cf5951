import Foundation
import TestSupport
import Testing

extension Kernel {
  /// Whom a class would cut off.
  struct ClassGuardTests {
    /// The client of the session is in DE by the first, and in AT by the second.
    private static let tables = ["192.0.2.0,192.0.2.255,DE\n", "192.0.2.0,192.0.2.255,AT\n"]

    private func prepared(_ directory: TemporaryDirectory) throws -> (GuardedHost, [String]) {
      let host = try GuardedHost()
      let files = try Self.tables.enumerated().map { try directory.file("geo\($0).csv", $1.utf8) }
      for words in [["set-geo", files[0]], ["set-class", "strict", "--country", "AT"]] {
        let outcome = try host.run(words)
        #expect(outcome.status == 0, "\(outcome)")
      }
      return (host, files)
    }

    /// Refused for the client's session, then done by force.
    private func refused(
      _ host: GuardedHost, _ arguments: [String], input: String? = nil, by rate: String,
      session: String? = nil, named: String = "your SSH session from 192.0.2.9 to port 22",
      at location: SourceLocation = #_sourceLocation
    ) throws {
      let state = { (host: GuardedHost) in
        let origin = try host.live.ok(["why", GuardedHost.client])["origin"]
        return try host.policy() + "\(origin["class"]) \(origin["country"])"
      }
      let before = try state(host)
      let outcome = try host.run(arguments, input: input, session: session)
      #expect(outcome.status == 79, "\(arguments): \(outcome)", sourceLocation: location)
      #expect(
        outcome.error.contains("\(named) (the rate \(rate) is too low for it)"),
        "\(outcome.error)", sourceLocation: location)
      #expect(outcome.error.contains("protect"), "\(outcome.error)", sourceLocation: location)
      #expect(try state(host) == before, sourceLocation: location)
      let dry = try host.run(arguments + ["--dry-run"], input: input, session: session)
      #expect(dry.status == 79, "\(dry)", sourceLocation: location)
      let forced = try host.run(arguments + ["--force"], input: input, session: session)
      #expect(forced.status == 0, "\(forced)", sourceLocation: location)
      #expect(try state(host) != before, sourceLocation: location)
    }

    private func done(
      _ host: GuardedHost, _ arguments: [String], input: String? = nil,
      at location: SourceLocation = #_sourceLocation
    ) throws {
      let outcome = try host.run(arguments, input: input)
      #expect(outcome.status == 0, "\(arguments): \(outcome)", sourceLocation: location)
    }

    @Test func aRateOfTheClassIsTooLow() throws {
      try TemporaryDirectory.with { directory in
        let (host, _) = try prepared(directory)
        try done(host, ["set-rate", "1/s", "--class", "strict"])
        try done(host, ["set-class", "own", "--prefix", "192.0.2.8/29"])
        try done(host, ["set-rate", "100k/s", "--class", "own"])
        try refused(host, ["set-rate", "1/s", "--class", "own"], by: "1/s for class own")
      }
      let other = try GuardedHost()
      try refused(other, ["set-rate", "1/s", "--class", "foreign"], by: "1/s for class foreign")
    }

    @Test func theClassOfTheSessionChanges() throws {
      try TemporaryDirectory.with { directory in
        let (host, _) = try prepared(directory)
        try done(host, ["set-rate", "1/s", "--class", "strict"])
        try done(host, ["set-class", "strict", "--country", "AT", "--prefix", "198.51.100.0/25"])
        try refused(
          host, ["set-class", "strict", "--country", "AT,DE"], by: "1/s for class strict")
      }
    }

    @Test func aClassThatKeptItsRateGoes() throws {
      try TemporaryDirectory.with { directory in
        let (host, _) = try prepared(directory)
        try done(host, ["set-class", "friends", "--country", "DE"])
        try done(host, ["set-rate", "100k/s", "--class", "friends"])
        // Those of the gateway and of the name server are foreign too.
        try done(host, ["allow-key", host.gateway, GuardedHost.nameServer, "--protect"])
        try done(host, ["set-rate", "1/s", "--class", "foreign"])
        try refused(host, ["set-class", "friends", "--country", "IT"], by: "1/s for class foreign")
      }
    }

    @Test func anotherTableMovesTheSession() throws {
      try TemporaryDirectory.with { directory in
        let (host, files) = try prepared(directory)
        try done(host, ["set-rate", "1/s", "--class", "strict"])
        try refused(host, ["set-geo", files[1]], by: "1/s for class strict")
        // It is cut off already.
        try done(host, ["set-rate", "2/s", "--class", "strict"])
        try done(host, ["set-geo", files[0]])
      }
    }

    @Test func withoutATableTheSessionIsForeign() throws {
      try TemporaryDirectory.with { directory in
        let (host, _) = try prepared(directory)
        try done(host, ["set-class", "friends", "--country", "DE"])
        try done(host, ["allow-key", host.gateway, GuardedHost.nameServer, "--protect"])
        try done(host, ["set-rate", "1/s", "--class", "foreign"])
        try refused(host, ["set-geo", "--remove"], by: "1/s for class foreign")
      }
    }

    @Test func aDocumentIsJudgedWithItsCountries() throws {
      try TemporaryDirectory.with { directory in
        let (host, files) = try prepared(directory)
        let policy = { (country: String) in
          ClassTests.document(
            "{classes: [{name: strict, countries: [\(country)]}], rates: [{rate: 1/s, class: strict}]}"
          )
        }
        let geo = { (file: String) in ClassTests.document("{geo: [\(file)]}", kind: "Host") }
        let apply = ["apply", "-f", "-", "--prune"]
        // By the table before it would be cut off, by its own it is not.
        try done(host, apply, input: policy("DE") + geo(files[1]))
        try refused(host, apply, input: policy("DE") + geo(files[0]), by: "1/s for class strict")
        try done(host, apply, input: policy("AT") + geo(files[0]))
        try refused(host, apply, input: policy("DE"), by: "1/s for class strict")
      }
    }

    @Test func guardedHostsHaveClassesToo() throws {
      let host = try GuardedHost(connected: [])
      let named = "203.0.113.7:22/tcp, which is guarded"
      let options = ["--guard", "203.0.113.7"]
      try done(host, ["set-class", "a", "--prefix", "203.0.113.0/24"])
      try refused(
        host, ["set-rate", "1/s", "--class", "a"] + options, by: "1/s for class a",
        session: GuardedHost.nobody, named: named)
      try done(host, ["set-class", "a", "--prefix", "198.51.100.0/25"])
      try refused(
        host, ["set-class", "a", "--prefix", "203.0.113.0/28"] + options, by: "1/s for class a",
        session: GuardedHost.nobody, named: named)
    }

    @Test func attachingIsRefusedForAClass() throws {
      let host = try GuardedHost(attached: false)
      try done(host, ["set-class", "a", "--prefix", "192.0.2.0/24"])
      try done(host, ["set-rate", "1/s", "--class", "a"])
      let outcome = try host.run(["attach", host.live.interface])
      #expect(outcome.status == 79 && outcome.error.contains("1/s for class a"), "\(outcome)")
    }
  }
}
