internal import BPF
internal import CAegis
internal import Linux

/// Assigns interfaces to counters.
struct Slots: ~Copyable {
  private let interfaces: BPFMap<UInt32, aegis_interface>
  private let datapath: Datapath

  init(_ datapath: Datapath) throws(AegisError) {
    let interfaces: BPFMap<UInt32, aegis_interface> = try datapath.map(AEGIS_MAP_interfaces)
    self.interfaces = interfaces
    self.datapath = datapath
  }

  func taken() throws(AegisError) -> [(slot: UInt32, interface: aegis_interface)] {
    let all = try kernel { () throws(SystemError) in try interfaces.entries() }
    return all.filter { $0.value.ifindex != 0 }.map { (slot: $0.key, interface: $0.value) }
      .sorted { $0.slot < $1.slot }
  }

  /// The slots that the datapath tries for an interface, in its order.
  static func candidates(for ifindex: UInt32) -> [UInt32] {
    (0..<AEGIS_SLOT_PROBES).map { ifindex & (AEGIS_SLOTS - 1) ^ $0 }
  }

  /// Starts to count for an interface, from zero.
  func claim(_ slot: UInt32, for interface: aegis_interface) throws(AegisError) {
    var interface = interface
    let used = Set(try taken().filter { $0.slot != slot }.map(\.interface.block))
    interface.block =
      (1...AEGIS_SLOTS).first { !used.contains($0) } ?? AEGIS_BLOCK_OTHER
    let blocks = Blocks(datapath)
    try blocks.clear(interface.block)
    let claimed = interface
    let former = try kernel { () throws(SystemError) -> UInt32 in
      let former = try block(of: slot)
      try interfaces.update(claimed, forKey: slot)
      return former
    }
    if former != claimed.block { try blocks.release(former) }
  }

  /// Changes the record of the interface that has the slot.
  func update(_ slot: UInt32, to interface: aegis_interface) throws(AegisError) {
    try kernel { () throws(SystemError) in try record(interface, in: slot) }
  }

  func record(_ interface: aegis_interface, in slot: UInt32) throws(SystemError) {
    var interface = interface
    interface.block = try block(of: slot)
    try interfaces.update(interface, forKey: slot)
  }

  /// The block that counts for the interface in the slot.
  func block(of slot: UInt32) throws(SystemError) -> UInt32 {
    try interfaces.value(forKey: slot)?.block ?? AEGIS_BLOCK_OTHER
  }

  func release(_ slot: UInt32) throws(AegisError) {
    let block = try kernel { () throws(SystemError) -> UInt32 in
      let block = try self.block(of: slot)
      try interfaces.update(aegis_interface(), forKey: slot)
      return block
    }
    try Blocks(datapath).release(block)
  }
}
