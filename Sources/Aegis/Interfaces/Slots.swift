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

  /// Gives an interface a slot, to count from zero.
  ///
  /// - Parameter directions: Those that have counters; others get none, and lose what they had.
  func claim(
    _ slot: UInt32, for interface: aegis_interface, _ directions: [Direction] = [.in]
  ) throws(AegisError) {
    let former = try blocks(of: slot)
    var interface = interface
    (interface.block, interface.out_block) = (AEGIS_BLOCK_OTHER, AEGIS_BLOCK_OTHER)
    for direction in directions {
      interface[blockOf: direction] = try unused(besides: [interface.block], not: slot)
    }
    let claimed = interface
    for direction in directions { try Blocks(datapath).clear(claimed[blockOf: direction]) }
    try kernel { () throws(SystemError) in try interfaces.update(claimed, forKey: slot) }
    for block in former where ![claimed.block, claimed.out_block].contains(block) {
      try Blocks(datapath).release(block)
    }
    for view in try datapath.views where try RuleTable(view).namesInterfaces() {
      try RuleTable(view).compileAgain()
    }
  }

  /// Starts to count a direction of an interface that has a slot, unless it is counted already.
  func count(_ direction: Direction, of slot: UInt32) throws(AegisError) {
    guard
      var interface = try kernel({ () throws(SystemError) in try interfaces.value(forKey: slot) }),
      interface[blockOf: direction] == AEGIS_BLOCK_OTHER
    else { return }
    let block = try unused(besides: [], not: nil)
    try Blocks(datapath).clear(block)
    interface[blockOf: direction] = block
    let counted = interface
    try kernel { () throws(SystemError) in try interfaces.update(counted, forKey: slot) }
  }

  /// A block that nothing counts in, besides what the given slot has.
  private func unused(besides others: [UInt32], not slot: UInt32?) throws(AegisError) -> UInt32 {
    let used = try taken().filter { $0.slot != slot }
      .flatMap { [$0.interface.block, $0.interface.out_block] }
    return (1...AEGIS_DIRECTIONS.rawValue * AEGIS_SLOTS)
      .first { !used.contains($0) && !others.contains($0) } ?? AEGIS_BLOCK_OTHER
  }

  /// Changes the record of the interface that has the slot.
  func update(_ slot: UInt32, to interface: aegis_interface) throws(AegisError) {
    try kernel { () throws(SystemError) in try record(interface, in: slot) }
  }

  /// Keeps the blocks that the slot has.
  func record(_ interface: aegis_interface, in slot: UInt32) throws(SystemError) {
    var interface = interface
    let present = try interfaces.value(forKey: slot)
    interface.block = present?.block ?? AEGIS_BLOCK_OTHER
    interface.out_block = present?.out_block ?? AEGIS_BLOCK_OTHER
    try interfaces.update(interface, forKey: slot)
  }

  /// The blocks that count for the interface in the slot.
  private func blocks(of slot: UInt32) throws(AegisError) -> [UInt32] {
    let interface = try kernel { () throws(SystemError) in try interfaces.value(forKey: slot) }
    return [interface?.block, interface?.out_block].compactMap(\.self)
      .filter { $0 != AEGIS_BLOCK_OTHER }
  }

  func release(_ slot: UInt32) throws(AegisError) {
    let blocks = try blocks(of: slot)
    try kernel { () throws(SystemError) in try interfaces.update(aegis_interface(), forKey: slot) }
    for block in blocks { try Blocks(datapath).release(block) }
  }
}

extension aegis_interface {
  /// The block of counters of a direction; `AEGIS_BLOCK_OTHER` if it was never attached.
  subscript(blockOf direction: Direction) -> UInt32 {
    get { direction == .in ? block : out_block }
    set { if direction == .in { block = newValue } else { out_block = newValue } }
  }

  /// What is declared of a direction; 0 if it is not, or is detached on purpose.
  subscript(modeOf direction: Direction) -> UInt32 {
    get { direction == .in ? mode : out_mode }
    set { if direction == .in { mode = newValue } else { out_mode = newValue } }
  }
}
