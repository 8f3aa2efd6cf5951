import Aegis

/// The competitors available on this machine, each at the end of its own veth.
final class Field {
  let generator: Generator
  let lab: Lab
  let driver: Driver
  /// Competitors that were not found, or did not work.
  private(set) var missing: [String] = []

  init(in lab: Lab) throws {
    driver = try Driver()
    generator = try Generator(driver, in: lab)
    self.lab = lab
  }

  func empty() throws -> any Competitor { try XDPCompetitor(driver.drop, on: lab.veth()) }

  func clock() throws -> any Competitor { try XDPCompetitor(driver.clockDrop, on: lab.veth()) }

  /// - Parameter sources: Room in the limiter's table; nil for the default of `load`.
  func aegis(
    _ name: String = "Aegis", unit: AegisUnderTest.Unit = .packets, sources: UInt32? = nil,
    prepare: (AegisUnderTest) throws -> Void = { _ in }
  ) throws -> AegisCompetitor {
    try AegisCompetitor(
      name, unit: unit, sources: sources, on: lab.veth(), in: lab, prepare: prepare)
  }

  func reference(_ limiter: Limiter) throws -> ReferenceCompetitor {
    try ReferenceCompetitor(limiter, on: lab.veth(), in: lab)
  }

  /// The limiters of other tools.
  ///
  /// - Parameter isObserved: Whether a socket should see the packets that pass.
  func limitingPeers(isObserved: Bool) throws -> [any LimitingCompetitor] {
    var peers: [any LimitingCompetitor] = []
    if let nft = try find("nft", make: { try NFTables(on: $0, behind: driver.pass) }) {
      peers.append(nft)
    }
    let hashLimit = try find("iptables") {
      try HashLimit(on: $0, behind: driver.pass, isObserved: isObserved)
    }
    if let hashLimit { peers.append(hashLimit) }
    return peers.filter { peer in
      works(peer.name) { try peer.limit(to: Limit(rate: 1000)) }
    }
  }

  /// Other tools that drop a source. In nftables it is one of a hundred thousand.
  func droppingPeers(of source: UInt32, count: UInt32) throws -> [any Competitor] {
    var peers: [any Competitor] = []
    let address = IPAddress.v4(source).description
    if let filter = try find("xdp-filter", make: { XDPFilter(dropping: address, on: $0) }),
      works(
        filter.name,
        {
          try filter.attach()
          try filter.detach()
        })
    {
      peers.append(filter)
    }
    if let nft = try find("nft", make: { try NFTables(on: $0, behind: driver.pass) }) {
      let sources = (0..<count).map { IPAddress.v4(source + $0).description }
      if works(nft.name, { try nft.drop(sources) }) { peers.append(nft) }
    }
    return peers
  }

  /// A program that measures its own running time, without a limiter or with one.
  func timed(_ limiter: TimedCompetitor.Kind) throws -> TimedCompetitor {
    try TimedCompetitor(limiter, on: lab.veth(), in: lab)
  }

  private func find<InstalledTool>(_ tool: String, make: (VethPair) throws -> InstalledTool) throws
    -> InstalledTool?
  {
    try find(tool) { try make(lab.veth()) }
  }

  func find<Found>(_ tool: String, make: () throws -> Found) throws -> Found? {
    if Shell.has(tool) { return try make() }
    missing.append("\(tool) is not installed")
    return nil
  }

  func works(_ name: String, _ body: () throws -> Void) -> Bool {
    do {
      try body()
      return true
    } catch {
      missing.append("\(name) does not work here: \(error)")
      return false
    }
  }
}
