import FoundationEssentials

/// Files with the same hosts, and prefixes of both families, in the format of each tool. They are deleted with the
/// object.
final class BulkLists {
  let count: Int
  private let directory = "/tmp/aegis-bench-\(UInt64.random(in: 0 ... .max))"

  var hosts: String { directory + "/hosts" }
  var prefixes: String { directory + "/prefixes" }
  var ipset: String { directory + "/ipset" }
  var ipsetNets: String { directory + "/ipset-nets" }
  var nft: String { directory + "/nft" }

  init(count: Int) throws {
    self.count = count
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: false)
    let hosts = Self.hosts(count)
    try write(hosts.joined(separator: "\n"), to: self.hosts)
    let prefixes = Self.prefixes(count)
    try write(prefixes.joined(separator: "\n"), to: self.prefixes)
    try write(
      ["", "6"].map {
        "create bulk\($0) hash:net family inet\($0) maxelem \(count) timeout 0 counters"
      }
      .joined(separator: "\n") + "\n"
        + prefixes.map { "add bulk\($0.contains(":") ? "6" : "") \($0)" }.joined(separator: "\n"),
      to: ipsetNets)
    try write(
      "create bulk hash:ip family inet maxelem \(count)\n"
        + hosts.map { "add bulk \($0)" }.joined(separator: "\n"), to: ipset)
    try write(
      """
      table inet bulk {
        set hosts {
          type ipv4_addr; size \(count);
          elements = { \(hosts.joined(separator: ",\n")) }
        }
      }
      """, to: nft)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: directory)
  }

  private func write(_ text: String, to path: String) throws {
    try Data((text + "\n").utf8).write(to: URL(filePath: path))
  }

  /// Distinct hosts in random order.
  private static func hosts(_ count: Int) -> [String] {
    var random = SystemRandomNumberGenerator()
    var numbers: Set<UInt32> = []
    while numbers.count < count {
      numbers.insert(.random(in: 11 << 24..<100 << 24, using: &random))
    }
    return numbers.map(quad)
  }

  /// Half of each family, and no prefix inside another, so that a tool cannot skip any.
  private static func prefixes(_ count: Int) -> [String] {
    let v4 = (0..<count / 2).map { index in
      // Blocks of 32 addresses, each containing one prefix of 27 to 30 bits.
      let length = 27 + index % 4
      return quad(UInt32(11 << 24) + UInt32(index) << 5) + "/\(length)"
    }
    let v6 = (0..<count - count / 2).map { index in
      let groups = [0x2001 + index >> 32, index >> 16 & 0xffff, index & 0xffff]
      return groups.map { String($0, radix: 16) }.joined(separator: ":") + "::/\(48 + index % 17)"
    }
    return (v4 + v6).shuffled()
  }

  private static func quad(_ bits: UInt32) -> String {
    "\(bits >> 24).\(bits >> 16 & 0xff).\(bits >> 8 & 0xff).\(bits & 0xff)"
  }
}
