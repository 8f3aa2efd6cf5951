/// The XDP filter of xdp-tools.
final class XDPFilter: Contestant {
  let name = "xdp-filter"
  let road: Road
  private let source: String

  init(dropping source: String, on road: Road) {
    self.source = source
    self.road = road
  }

  func attach() throws {
    try Shell.run(
      """
      set -e
      xdp-filter load -m native -f ipv4 \(road.interface)
      xdp-filter ip -m src \(source)
      """)
  }

  func detach() throws {
    try Shell.run("xdp-filter unload \(road.interface)")
  }

  func verdicts() throws -> Verdicts? {
    let status = try Shell.run("xdp-filter status")
    return Verdicts(
      passed: status.number(after: "XDP_PASS") ?? 0, dropped: status.number(after: "XDP_DROP") ?? 0)
  }
}
