import Aegis

extension Field {
  /// Sources that no list has: those listed are in another network.
  private static let listed: UInt32 = 0x0b00_0001  // 11.0.0.1

  /// The ways to join two ports: the bare redirect, this datapath, others. Empty if a port cannot be prepared.
  func wires() throws -> [any Competitor] {
    guard let crossing = try find("ethtool", make: Crossing.init) else { return [] }
    var wires: [any Competitor] = [
      try BareWire(crossing, in: lab),
      try AegisWire("Aegis, nothing configured", crossing, in: lab),
      try AegisWire("Aegis, 100k hosts and a rate", crossing, in: lab) {
        try $0.drop((0..<100_000).map { .init(.v4(Self.listed + $0)) })
        try $0.limit(to: Limit(rate: 1_000_000))
      },
    ]
    let others: [(tool: String, make: (Crossing, Lab) throws -> WireCompetitor)] = [
      ("bridge", BridgeWire.init), ("tc", MirredWire.init),
    ]
    for (tool, make) in others {
      guard let wire = try find(tool, make: { try make(crossing, lab) }) else { continue }
      let isUsable = works(wire.name) {
        try wire.attach()
        try wire.detach()
      }
      if isUsable { wires.append(wire) }
    }
    return wires
  }
}
