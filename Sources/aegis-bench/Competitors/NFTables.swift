import FoundationEssentials

/// nftables before the network stack: a dynamic set with a limit for each source, or a set of sources.
final class NFTables: InstalledTool, LimitingCompetitor {
  private let table: String

  init(on veth: VethPair, behind pass: ProgramUnderTest) throws {
    table = "netdev bench_\(veth.interface)"
    super.init("nftables", on: veth, behind: pass)
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

  private func load(set: String, rule: String) throws {
    let path = "/tmp/aegis-bench-\(veth.interface)-\(UInt64.random(in: 0 ... .max)).nft"
    let text = """
      table \(table)
      delete table \(table)
      table \(table) {
        counter passed { }
        counter dropped { }
        set sources { \(set) }
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
