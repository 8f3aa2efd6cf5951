/// The XDP filter of xdp-tools.
final class XDPFilter: Competitor {
  let name = "xdp-filter"
  let veth: VethPair
  private let source: String

  init(dropping source: String, on veth: VethPair) {
    self.source = source
    self.veth = veth
  }

  func attach() throws {
    try Shell.run(
      """
      set -e
      xdp-filter load -m native -f ipv4 \(veth.interface)
      xdp-filter ip -m src \(source)
      """)
  }

  func detach() throws {
    try Shell.run("xdp-filter unload \(veth.interface)")
  }

  func verdicts() throws -> Verdicts? {
    let status = try Shell.run("xdp-filter status")
    return Verdicts(
      passed: status.number(after: "XDP_PASS") ?? 0, dropped: status.number(after: "XDP_DROP") ?? 0)
  }
}
