internal import BPF
internal import CAegis
internal import Glibc
internal import Linux

/// The layouts that `load --replace` can take over, each by a step to the next layout. Their struct layouts are in
/// `bpf/past`.
struct Migration {
  let datapath: Datapath
  /// The directory of the generation that takes over.
  let directory: String

  init(from datapath: Datapath, to directory: String) {
    self.datapath = datapath
    self.directory = directory
  }

  /// Whether there is a step from the layout that a `meta` describes.
  static func isKnown(_ meta: aegis_meta) -> Bool {
    switch meta.abi {
    case 1: meta.layout == AEGIS1_LAYOUT
    case 2: meta.layout == AEGIS2_LAYOUT
    case 3: meta.layout == AEGIS3_LAYOUT
    case 4: meta.layout == AEGIS4_LAYOUT
    // Its builds added to each other.
    case 5:
      meta.stages <= AEGIS5_STAGES && meta.maps <= AEGIS5_MAPS && meta.reasons <= AEGIS5_REASONS
        && meta.value_size <= AEGIS5_VALUE_SIZE
    default: false
    }
  }

  /// Reads a `meta` map of any layout; an earlier one has a shorter value, a later one may have a longer value.
  static func meta(pinnedAt path: String) throws(SystemError) -> aegis_meta? {
    try BPFMap<UInt32, aegis_meta>(pinnedAt: path).value(forKey: 0)
  }

  /// A value whose first fields are those of another.
  static func widened<Past: BitwiseCopyable, Value: BitwiseCopyable>(
    _ past: Past, _ empty: Value
  ) -> Value {
    var value = empty
    withUnsafeMutableBytes(of: &value) { new in
      withUnsafeBytes(of: past) { new.copyMemory(from: $0) }
    }
    return value
  }

  /// Whether the values of a map kept their size but changed their meaning.
  static func isReshaped(_ map: aegis_map, since abi: UInt32) -> Bool {
    abi < 5 && (map == AEGIS_MAP_event_filter || map == AEGIS_MAP_events)
      || abi < 4 && map.row.replace == AEGIS_REPLACE_RATES
  }

  /// The configuration of a generation of an earlier layout, in the current form.
  ///
  /// - Parameter profile: The number of a profile; a layout without profiles has only main.
  static func config(
    of directory: String, abi: UInt32, _ profile: UInt32 = AEGIS_PROFILE_MAIN
  ) throws(AegisError) -> aegis_config {
    try kernel { () throws(SystemError) in
      let path = AEGIS_MAP_config.pin(in: directory)
      if abi > 3 {
        return try BPFMap<UInt32, aegis_config>(pinnedAt: path).value(forKey: profile)
          ?? aegis_config()
      }
      let old = try BPFMap<UInt32, aegis3_config>(pinnedAt: path).value(forKey: 0)
      return old.map { aegis_config($0) } ?? aegis_config()
    }
  }

  /// Moves the drop list of a direction of a layout before tables of prefixes.
  static func moveDrops(
    of datapath: Datapath, to place: DropPlace, _ config: inout aegis_config
  ) throws(AegisError) {
    if datapath.origin.abi > 5 { return }
    config.stages &= ~AEGIS5_STAGES_DROP.rawValue
    for (store, drops) in DropList(datapath).tables.enumerated() {
      guard let table = try drops.table(), table.count > 0 else { continue }
      try place.put(table, at: InnerPin(slot: 0, isIPv6: drops.isIPv6))
      config.setDropSlot(0, isIPv6: drops.isIPv6)
      config.stages |= DropList.stage(store)
    }
  }

  /// The drop list of a family of such a layout.
  static func drops(
    of datapath: Datapath, isIPv6: Bool
  ) throws(SystemError) -> PrefixTable {
    var entries: [(Prefix, aegis_entry)] = []
    func path(_ name: String) -> String { datapath.directory + "/" + name }
    if isIPv6 {
      try BPFMap<aegis_address, aegis_entry>(pinnedAt: path(AEGIS5_DROP_V6))
        .visit { entries.append((Prefix(IPAddress(v6: $0)), $1)) }
      try BPFMap<aegis_prefix_v6, aegis_entry>(pinnedAt: path(AEGIS5_DROP_PREFIX_V6))
        .visit { entries.append((Prefix($0), $1)) }
    } else {
      try BPFMap<UInt32, aegis_entry>(pinnedAt: path(AEGIS5_DROP_V4))
        .visit { entries.append((Prefix(.v4(UInt32(bigEndian: $0))), $1)) }
      try BPFMap<aegis_prefix_v4, aegis_entry>(pinnedAt: path(AEGIS5_DROP_PREFIX_V4))
        .visit { entries.append((Prefix($0), $1)) }
    }
    let list = PrefixItems(of: nil, isIPv6: isIPv6, adding: entries.count) { add in
      for (prefix, entry) in entries {
        add(
          prefix, PrefixRecord(expires: entry.expires, note: entry.note, flags: entry.flags))
      }
    }
    do {
      let table = try PrefixTable.build(list)
      for (prefix, entry) in entries where entry.hits > 0 {
        table.addHits(entry.hits, to: PrefixItem(prefix))
      }
      return table
    } catch {
      throw SystemError(operation: "read", subject: "the drop list", errno: E2BIG)
    }
  }

  /// Does the remaining steps after the catalogue's maps are copied.
  func finish() throws(AegisError) {
    if datapath.origin.abi == 1 { try retireDetached() }
    if datapath.origin.abi < 5 { try giveOutBlocks() }
    try makeBlocks()
    try CounterMigration(from: datapath.root.current, to: directory).run()
  }

  private func interfaces() throws(SystemError) -> BPFMap<UInt32, aegis_interface> {
    try BPFMap(pinnedAt: AEGIS_MAP_interfaces.pin(in: directory))
  }

  /// Layout 1 kept the mode of detached interfaces; in this layout that would mean that they are to be attached.
  private func retireDetached() throws(AegisError) {
    try kernel { () throws(SystemError) in
      let slots = try interfaces()
      for (slot, interface) in try slots.entries() where interface.mode != 0 {
        let link = try? BPFLink(pinnedAt: datapath.root.link(interface.ifindex)).info()
        if link.map({ $0.ifindex != 0 }) ?? false { continue }
        var interface = interface
        interface.mode = 0
        try slots.update(interface, forKey: slot)
      }
    }
  }

  /// Up to layout 4 every slot had its counters.
  private func giveOutBlocks() throws(AegisError) {
    try kernel { () throws(SystemError) in
      let slots = try interfaces()
      var block = AEGIS_BLOCK_OTHER
      for (slot, interface) in try slots.entries().sorted(by: { $0.key < $1.key })
      where interface.ifindex != 0 {
        block += 1
        var interface = interface
        interface.block = block
        try slots.update(interface, forKey: slot)
      }
    }
  }

  /// Creates assigned blocks in the new maps too, if they do not always exist, so that they count.
  private func makeBlocks() throws(AegisError) {
    try kernel { () throws(SystemError) in
      let more = try PerCPUMap<aegis_counters>(
        pinnedAt: AEGIS_MAP_more_counters.pin(in: directory))
      let blocks = try interfaces().entries().flatMap { [$0.value.block, $0.value.out_block] }
      for block in blocks where block >= AEGIS_BLOCKS {
        if try more.values(at: block).isEmpty { try more.set(aegis_counters(), at: block) }
      }
    }
  }
}

extension aegis_rates {
  /// Converts rates that do not have their own lines yet.
  init(_ past: aegis3_rates) {
    self.init()
    source.packets = Migration.widened(past.source_packets, aegis_rate())
    source.bytes = Migration.widened(past.source_bytes, aegis_rate())
    total.packets = Migration.widened(past.total_packets, aegis_rate())
    total.bytes = Migration.widened(past.total_bytes, aegis_rate())
    id = past.id
    length = past.length
  }
}

extension aegis_config {
  fileprivate init(_ past: aegis3_config) {
    self.init()
    rates = aegis_rates(past.rates)
    mask_v4 = past.mask_v4
    mask_v6 = past.mask_v6
    seed = past.seed
    next_expiry = past.next_expiry
    deadline = past.deadline
    survey_until = past.survey_until
    stages = past.stages
    rate_shapes = past.rate_shapes
    key_shapes = past.key_shapes
    protect_shapes = past.protect_shapes
  }
}
