import Aegis

/// A table of the countries of addresses, out of a few ranges that the addresses of random packets lie in and beside.
struct Countries: Sendable {
  struct Range: Sendable {
    let first: IPAddress
    let last: IPAddress
    let country: String

    init(_ first: IPAddress, _ last: IPAddress, _ country: String) {
      (self.first, self.last, self.country) = (first, last, country)
    }

    func contains(_ address: IPAddress) -> Bool {
      address.width == first.width && first.bits <= address.bits && address.bits <= last.bits
    }

    var size: UInt128 { last.bits - first.bits }
  }

  /// Its place among all.
  let number: Int
  let ranges: [Range]

  static let names = ["AT", "DE", "FR"]
  static let all = [
    Countries(
      number: 0,
      ranges: [
        Range("192.0.2.0", "192.0.2.1", "DE"), Range("192.0.2.2", "192.0.3.255", "FR"),
        Range("10.0.0.1", "10.0.0.1", "AT"), Range("2001:db8::", "2001:db8::1", "DE"),
        Range("2001:db8::2", "2001:db9::", "FR"), Range("fe80::", "ffff::", "AT"),
      ]),
    Countries(
      number: 1,
      ranges: [
        Range("0.0.0.0", "127.255.255.255", "FR"), Range("192.0.2.0", "192.0.2.255", "AT"),
        Range("192.0.2.2", "192.0.2.128", "DE"), Range("192.0.2.2", "192.0.2.2", "FR"),
        Range("::", "::ffff", "AT"), Range("2001:db8::", "2001:db8:ffff::", "DE"),
        Range("2001:db8:0:1::", "2001:db8:0:1:ffff::", "AT"),
      ]),
  ]

  /// That of the smallest range, by a look at each; nil if none has the address.
  func country(of address: IPAddress) -> String? {
    ranges.filter { $0.contains(address) }.min { $0.size < $1.size }?.country
  }

  /// As a file.
  var text: String {
    ranges.map { "\($0.first),\($0.last),\($0.country)\n" }.joined()
  }
}

extension IPAddress {
  fileprivate var bits: UInt128 {
    switch self {
    case .v4(let bits): UInt128(bits)
    case .v6(let bits): bits
    }
  }
}

extension Policy {
  /// A part of all addresses. Number 1 is that of what no class names, and 0 is none.
  struct AddressClass: Hashable, Sendable {
    var number: Int
    var countries: Set<String> = []
    var prefixes: Set<Prefix> = []
  }

  /// Whether packets have classes.
  var asksForClasses: Bool {
    isConfigured && (!classes.isEmpty || rules.contains { $0.classNumber != nil })
  }

  /// That of the longest prefix, or of the country, by a look at each.
  func classNumber(of source: IPAddress) -> Int {
    let named = classes.flatMap { one in one.prefixes.map { (prefix: $0, number: one.number) } }
      .filter { $0.prefix.contains(source) }
      .max { $0.prefix.length < $1.prefix.length }
    if let named { return named.number }
    guard let country = countries?.country(of: source) else { return 1 }
    return classes.first { $0.countries.contains(country) }?.number ?? 1
  }
}

extension Policy.AddressClass: CustomStringConvertible {
  var description: String {
    let members = countries.sorted() + prefixes.sorted().map { "\($0)" }
    return "class \(number) \(members.joined(separator: " "))"
  }
}
