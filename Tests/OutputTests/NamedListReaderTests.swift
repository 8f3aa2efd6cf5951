import Foundation
import TestSupport
import Testing

@testable import Aegis
@testable import aegisctl

/// `lists:` of policy files.
@Suite struct NamedListReaderTests {
  private static func read(_ lists: String) -> PolicyReader {
    PolicyReaderTests.read(PolicyReaderTests.head + "spec:\n  lists:\n" + lists)
  }

  private static func name(_ text: String) throws -> ListName { try ListName(text) }

  @Test func everyField() throws {
    let reader = Self.read(
      """
        - name: partners
          action: none
          entries: [192.0.2.0/24, 192.0.2.0/24]
        - {name: jail, direction: both}
        - name: away
          direction: out
          monitor: true
          note: 7
          expires: "2027-01-15T08:00:01.5Z"
          entries:
          - {source: 2001:db8::/32, note: x, expires: "2027-01-15T08:00:02Z", monitor: true}
          - {source: 192.0.2.1, expires: "2027-01-15T08:00:00Z"}
        - {name: empty, entries: []}

      """)
    #expect(reader.errors.map(\.message) == [])
    #expect(
      reader.notes == ["policy.yaml:16: spec.lists[2].entries[1]: 192.0.2.1 has expired: skipped"])
    let (jail, away) = (try Self.name("jail"), try Self.name("away"))
    let (partners, empty) = (try Self.name("partners"), try Self.name("empty"))
    #expect(
      reader.policy.lists == [
        partners: NamedList(action: .none), jail: NamedList(directions: .both), empty: NamedList(),
        away: NamedList(
          directions: .out, isMonitored: true, note: try Note("7"), expires: 6_500_000_000),
      ])
    #expect(
      reader.policy.listed == [
        partners: [try Prefix("192.0.2.0/24"): Policy.Conditions()], empty: [:],
        away: [
          try Prefix("2001:db8::/32"): Policy.Conditions(
            expires: 7_000_000_000, note: try Note("x"), isMonitored: true)
        ],
      ])
    #expect(reader.policy.drops == nil && reader.policy.out == nil)
  }

  @Test func theSameTwiceIsOne() throws {
    let reader = Self.read("  - {name: a, entries: ['::1']}\n  - {name: a, entries: ['::1']}\n")
    #expect(reader.errors.map(\.message) == [])
    #expect(reader.policy.lists?.count == 1)
  }

  @Test("a list that has expired stays so, without entries")
  func expired() throws {
    let reader = Self.read(
      """
        - {name: a, expires: "2027-01-15T07:59:59Z", entries: [192.0.2.1]}
        - {name: b, expires: "2020-01-01T00:00:00Z"}

      """)
    #expect(reader.errors.map(\.message) == [])
    #expect(
      reader.notes == [
        "policy.yaml:5: spec.lists[0]: list a has expired: its entries are left out"
      ])
    let (a, b) = (try Self.name("a"), try Self.name("b"))
    #expect(
      reader.policy.lists == [a: NamedList(expires: 4_000_000_000), b: NamedList(expires: 1)])
    #expect(reader.policy.listed == [a: [:]])
  }

  private static func entries(
    of file: String, _ text: String, _ name: String? = nil
  ) throws -> (reader: PolicyReader, file: String) {
    try TemporaryDirectory.with { directory in
      let list = try directory.file(file, Data(text.utf8))
      let policy = try directory.file("policy.yaml", Data())
      var reader = PolicyReader(clock: PolicyReaderTests.clock)
      let lists = "spec: {lists: [{name: a, file: \(name ?? file)}]}\n"
      reader.read(Array((PolicyReaderTests.head + lists).utf8), named: policy)
      return (reader, list)
    }
  }

  @Test(
    "a file of any format, beside the policy file",
    arguments: [
      "# a\n192.0.2.1\n198.51.100.0/24\n198.51.100.7\n",
      "create s hash:net\nadd s 192.0.2.1\nadd s 198.51.100.0/24\n",
      #"{"kind": "Dump", "drops": [{"name": "192.0.2.1"}, {"name": "198.51.100.0/24"}]}"#,
    ])
  func files(_ text: String) throws {
    let (reader, _) = try Self.entries(of: "bans", text)
    #expect(reader.errors.map(\.message) == [] && reader.notes == [])
    let entries = reader.policy.listed[try Self.name("a")] ?? [:]
    #expect(entries.keys.sorted().map(\.description) == ["192.0.2.1", "198.51.100.0/24"])
  }

  @Test("a file says how long its entries last")
  func terms() throws {
    let text = "create s hash:ip timeout 0 comment\nadd s 192.0.2.1 timeout 60 comment \"x\"\n"
    let (reader, _) = try Self.entries(of: "-", text, "'-'")
    #expect(reader.errors.map(\.message) == [])
    let conditions = try #require(reader.policy.listed[try Self.name("a")]?.values.first)
    #expect(conditions.note == (try Note("x")))
    let left = try #require(conditions.expires) - ClockReading.now().boottime
    #expect((50_000_000_000...60_000_000_000).contains(left))
  }

  @Test func errorsInFilesHaveTheirLines() throws {
    let (reader, file) = try Self.entries(
      of: "bans", "192.0.2.1\n\nnobody\n0.0.0.0/0\n192.0.2.1 192.0.2.2\n")
    #expect(
      reader.errors.map(\.message) == [
        "\(file):3: \"nobody\": is not an IP address",
        "\(file):4: \"0.0.0.0/0\": is too wide for a list: shorter than /8",
        "\(file):5: \"192.0.2.1 192.0.2.2\": could be the range 192.0.2.1-192.0.2.2 or two entries",
      ])
    #expect(reader.errors.map(\.subject.line) == [3, 4, 5])
    #expect(
      reader.errors.map(\.hint) == [
        nil, "if it is meant, name it in drops", "write one entry on each line",
      ])
    #expect(reader.policy.lists?.isEmpty == true)
  }
}
