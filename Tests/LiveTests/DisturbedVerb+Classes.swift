import TestSupport
import Testing

/// Verbs about classes, and those that carry classes.
extension DisturbedVerb {
  private static let table = "192.0.2.0,192.0.2.255,DE\n198.51.100.0,198.51.100.255,KP\n"
  private static let otherTable =
    "192.0.2.0,192.0.2.127,KP\n192.0.2.128,192.0.2.255,AT\n198.51.100.0,198.51.100.255,FR\n"
    + "2001:db8::,2001:db8::ffff,DE\n"

  private static func policy(_ base: String, rates: String, classes: String) -> String {
    base.replacing("  rates: [", with: "  rates: [\(rates), ") + "  classes: [\(classes)]\n"
  }

  private static let classesBefore = policy(
    before,
    rates:
      "{rate: 300k/s, class: domestic}, {rate: 200k/s, class: foreign}, {rate: 70k/s, class: late}",
    classes: """
      {name: domestic, countries: [DE], prefixes: [198.18.4.0/24, 198.18.5.0/24]}, \
      {name: suspicious, countries: [KP, FR]}, {name: gone, prefixes: [198.18.6.0/24]}, \
      {name: late, countries: [CN], prefixes: [198.18.8.0/24]}
      """)
  private static let classesAfter = policy(
    after,
    rates: "{rate: 400k/s, class: domestic}, {rate: 100k/s, class: fresh, total: true}",
    classes: """
      {name: domestic, countries: [DE, FR], prefixes: [198.18.5.0/24, 198.18.6.0/24]}, \
      {name: suspicious, countries: [KP], prefixes: [198.18.4.0/24]}, \
      {name: fresh, countries: [JP], prefixes: ["2001:db8:7::/48"]}
      """)

  private static func countries(_ input: String, _ live: Live) throws {
    try live.ok(["set-geo", "/dev/stdin", "--allow-shrink"], input: input)
  }

  private static func ofClasses(
    _ arguments: [String], input: String? = nil,
    undo: @escaping @Sendable (Live) throws -> Void = { live in
      try live.ok(declare, input: classesBefore)
    }
  ) -> DisturbedVerb {
    DisturbedVerb(
      name: arguments.joined(separator: " ") + " (classes)", arguments: arguments, input: input,
      prepare: { live in
        try attach(live)
        try countries(table, live)
        try live.ok(declare, input: classesBefore)
      }, undo: undo)
  }

  static let classes: [DisturbedVerb] = [
    ofClasses(["set-class", "added", "--country", "JP", "--prefix", "198.18.9.0/24"]),
    ofClasses(["set-class", "domestic", "--country", "CH,DE", "--prefix", "198.18.5.0/24,::/0"]),
    ofClasses(["set-class", "gone", "--remove"]),
    ofClasses(["set-rate", "500k/s", "--class", "suspicious"]),
    ofClasses(["set-rate", "off", "--class", "foreign"]),
    ofClasses(["set-geo", "/dev/stdin"], input: otherTable, undo: { try countries(table, $0) }),
    ofClasses(["set-geo", "--remove"], undo: { try countries(table, $0) }),
    ofClasses(declare, input: classesAfter),
  ]
}
