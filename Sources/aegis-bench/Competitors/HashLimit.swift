import FoundationEssentials

/// The hashlimit match of iptables, in the earliest chain.
final class HashLimit: InstalledTool, LimitingCompetitor {
  /// Whether packets that pass continue to a socket.
  private let isObserved: Bool
  private var number = 0

  init(on veth: VethPair, behind pass: ProgramUnderTest, isObserved: Bool) throws {
    self.isObserved = isObserved
    super.init("iptables hashlimit", on: veth, behind: pass)
    if isObserved {
      try Shell.run(
        """
        set -e
        ip link set lo up
        ip addr add \(Frame.destinationText)/32 dev \(veth.interface)
        ip route add 10.0.0.0/8 dev \(veth.interface)
        echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter
        echo 0 >/proc/sys/net/ipv4/conf/\(veth.interface)/rp_filter
        """)
    }
  }

  /// Frames for others never reach a chain.
  override var frame: [UInt8] { Frame.udp(from: 0, isForOthers: false) }

  func limit(to limit: Limit) throws {
    number += 1
    let chain = "-t raw -A PREROUTING -i \(veth.interface)"
    try Shell.run(
      """
      set -e
      export XTABLES_LOCKFILE=/dev/null
      iptables -t raw -F PREROUTING
      iptables \(chain) -m hashlimit --hashlimit-name \(veth.interface)\(number) \
        --hashlimit-above \(limit.rate)/sec --hashlimit-burst \(limit.burst) \
        --hashlimit-mode srcip --hashlimit-htable-size 65536 --hashlimit-htable-max 65536 -j DROP
      iptables \(chain) -j \(isObserved ? "ACCEPT" : "DROP")
      """)
  }

  override func verdicts() throws -> Verdicts? {
    let rows = try Shell.run("XTABLES_LOCKFILE=/dev/null iptables -t raw -nvxL PREROUTING").split(
      separator: "\n")
    let packets = rows.dropFirst(2).map { UInt64($0.split(separator: " ").first ?? "") ?? 0 }
    return packets.count < 2 ? nil : Verdicts(passed: packets[1], dropped: packets[0])
  }
}
