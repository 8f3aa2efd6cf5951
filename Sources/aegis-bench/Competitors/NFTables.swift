import FoundationEssentials

/// nftables before the network stack: a dynamic set with a limit for each source, or a set of sources.
final class NFTables: InstalledTool, LimitingCompetitor {
  private let table: String

  init(named name: String = "nftables", on veth: VethPair, behind pass: ProgramUnderTest) {
    table = "netdev bench_\(veth.interface)"
    super.init(name, on: veth, behind: pass)
  }

  func limit(to limit: Limit) throws {
    try load(
      set: "type ipv4_addr; size 65535; flags dynamic,timeout; timeout 10s;",
      rule: """
        update @sources { ip saddr limit rate over \(limit.rate)/second burst \(limit.burst) packets } \
        counter name dropped drop
        """)
  }

  /// - Parameter sources: Addresses and prefixes.
  func drop(_ sources: [String]) throws {
    try load(
      set: "type ipv4_addr; elements = { \(sources.joined(separator: ", ")) };",
      rule: "ip saddr @sources counter name dropped drop")
  }

  /// Drops everything, after asking these rules one after the other.
  func match(_ rules: [String]) throws {
    try load(
      set: "type ipv4_addr;",
      rule: (rules + ["counter name dropped drop"]).joined(separator: "\n      "))
  }

  /// Drops everything, after looking up these fields together in a map.
  func look(up fields: String, _ types: String, _ elements: [String]) throws {
    try load(
      set: "type ipv4_addr;",
      other:
        "map rules { \(types); flags interval; elements = { \(elements.joined(separator: ", ")) }; }",
      rule: "\(fields) vmap @rules\n      counter name dropped drop")
  }

  /// - Parameter other: Another set or map.
  private func load(set: String, other: String = "", rule: String) throws {
    let path = "/tmp/aegis-bench-\(veth.interface)-\(UInt64.random(in: 0 ... .max)).nft"
    let text = """
      table \(table)
      delete table \(table)
      table \(table) {
        counter passed { }
        counter dropped { }
        set sources { \(set) }
        \(other)
        chain ingress {
          type filter hook ingress device "\(veth.interface)" priority 0; policy accept;
          \(rule)
          counter name passed
        }
      }

      """
    try Data(text.utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Shell.run("nft -f \(path)")
  }

  override func verdicts() throws -> Verdicts? {
    let text = try Shell.run("nft list counters table \(table)")
    let counts = ["passed", "dropped"].map { counter in
      text.components(separatedBy: "counter \(counter) {").last?.number(after: "packets") ?? 0
    }
    return Verdicts(passed: counts[0], dropped: counts[1])
  }

  deinit {
    _ = try? Shell.run("nft delete table \(table)")
  }
}
