import Testing

@testable import aegisctl

@Suite struct ReportTests {
  private static let goldens: [(OutputFormat, String)] = [
    (
      .table,
      """
      PREFIX        PACKETS
      192.0.2.0/24       12
      2001:db8::1   1000000

      """
    ),
    (
      .wide,
      """
      PREFIX        PACKETS  NOTE
      192.0.2.0/24       12  scanner: ticket 4711
      2001:db8::1   1000000

      """
    ),
    (
      .json,
      """
      {
        "apiVersion" : "aegis/v1",
        "items" : [
          {
            "note" : "scanner: ticket 4711",
            "packets" : 12,
            "ports" : [
              22,
              443
            ],
            "prefix" : "192.0.2.0/24"
          },
          {
            "packets" : 1000000,
            "ports" : [

            ],
            "prefix" : "2001:db8::1"
          }
        ],
        "kind" : "DropList"
      }

      """
    ),
    (
      .yaml,
      """
      apiVersion: aegis/v1
      items:
      - note: "scanner: ticket 4711"
        packets: 12
        ports:
        - 22
        - 443
        prefix: 192.0.2.0/24
      - packets: 1000000
        ports: []
        prefix: 2001:db8::1
      kind: DropList

      """
    ),
    (.name, "192.0.2.0/24\n2001:db8::1\n"),
  ]

  @Test(arguments: goldens) func prints(format: OutputFormat, golden: String) throws {
    #expect(try EntryReport().text(as: format) == golden)
  }

  @Test func everyFormatHasAGolden() {
    #expect(Self.goldens.map(\.0) == OutputFormat.allCases)
  }

  @Test(arguments: [
    (OutputFormat.table, "PREFIX  PACKETS\n"),
    (.yaml, "apiVersion: aegis/v1\nitems: []\nkind: DropList\n"),
    (.name, ""),
  ]) func printsAnEmptyList(format: OutputFormat, golden: String) throws {
    #expect(try EntryReport(entries: []).text(as: format) == golden)
  }

  /// A note written by another tool than this one.
  @Test(arguments: OutputFormat.allCases) func disarms(format: OutputFormat) throws {
    let evil = "\u{1b}[2J\u{9b}31m\r\u{202e}\u{7f}\u{85}\u{2028}\u{feff}\u{ffff}"
    let text = try EntryReport(entries: [Entry(prefix: evil, packets: 0, note: evil)])
      .text(as: format)
    #expect(!text.unicodeScalars.contains { $0.isUnprintable && $0 != "\n" })
  }
}
