import BPF
import CAegis
import Foundation
import Linux
import TestSupport

@testable import Aegis

/// What a version of an earlier layout pinned: its real program and maps, as they were built then.
///
/// `Fixtures/abi1.bpf.o` is `bpf/aegis.bpf.c` of the last version with layout 1, compiled by BPFBuild, and so on.
enum PastInstance: UInt32, CaseIterable, Comparable {
  case layout1 = 1
  case layout2
  case layout3
  case layout4
  case layout5

  static func < (left: PastInstance, right: PastInstance) -> Bool {
    left.rawValue < right.rawValue
  }

  /// Those that can have been loaded under the running kernel: the verifier of 6.1, unlike later ones, refuses the
  /// program of layout 1 for a loop.
  static let possible = allCases.filter(\.isPossible)

  var isPossible: Bool { self != .layout1 || KernelVersion.running > KernelVersion(6, 1) }

  /// Default deny with a rate, a listed host and a key for a port, attached to the host's interface.
  func attach(
    to live: Live, dropping host: String, allowing port: UInt16, burst: UInt32
  ) throws {
    let root = PinRoot(live.aegis.root)
    let directory = root.generation(1)
    for path in [root.path, root.links] { try FileSystem.makeDirectory(path) }
    try load(into: directory)
    try write(directory, dropping: host, allowing: port, burst: burst)
    try FileSystem.symlink(to: "gen1", at: root.current)
    try link(live, root, directory)
  }

  private static let capacity = Capacity(drops: 1024, keys: 64, sources: 6144)

  private func load(into directory: String) throws {
    try FileSystem.makeDirectory(directory)
    let capacity = Self.capacity
    var object = try BPFObject(Array(Data(contentsOf: fixture)), name: AEGIS_PROGRAM)
    for name in [
      AEGIS5_DROP_V4, AEGIS5_DROP_V6, AEGIS5_DROP_PREFIX_V4, AEGIS5_DROP_PREFIX_V6,
    ] {
      try object.setMaxEntries(capacity.drops, ofMap: name)
    }
    for map in Capacity.sized where object.mapNames.contains(map.name) {
      let isShared = map == AEGIS_MAP_cells && self < .layout4
      try object.setMaxEntries(
        isShared ? capacity.lines : capacity.entries(of: map), ofMap: map.name)
    }
    do {
      try object.load()
    } catch {
      // Its last lines say what the verifier minds.
      throw SupportError("\(error)\n\(error.log.suffix(2000))")
    }
    for map in object.mapNames { try object.pinMap(map, at: directory + "/" + map) }
    try object.pinProgram(AEGIS_PROGRAM, at: directory + "/" + AEGIS_PROGRAM)
  }

  private func link(_ live: Live, _ root: PinRoot, _ directory: String) throws {
    let index = try live.sandbox.ifindex
    var interface = aegis_interface()
    interface.ifindex = index
    interface.mode = XDPMode.native.rawValue
    CText.write(live.interface, to: &interface.name)
    let (program, pin) = (root.program, root.link(index))
    interface.netns = try live.sandbox.inside(.host) {
      let link = try BPFLink(
        attaching: BPFProgram(pinnedAt: program), to: index, mode: .native)
      try link.pin(at: pin)
      return NetworkNamespace.currentInode()
    }
    if self == .layout5 {
      interface.block = AEGIS_BLOCK_OTHER + 1
      try BPFMap<UInt32, aegis_interface>(pinnedAt: AEGIS_MAP_interfaces.pin(in: directory))
        .update(interface, forKey: index & (AEGIS_SLOTS - 1))
      return
    }
    try BPFMap<UInt32, aegis4_interface>(pinnedAt: AEGIS_MAP_interfaces.pin(in: directory))
      .update(Self.start(interface), forKey: index & (AEGIS_SLOTS - 1))
  }

  private var fixture: URL {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/abi\(rawValue).bpf.o")
  }

  private func write(
    _ directory: String, dropping host: String, allowing port: UInt16, burst: UInt32
  ) throws {
    guard case .v4(let bits) = try IPAddress(host) else { throw SupportError(host) }
    let key = try AllowKey(port: port, protocol: .udp)
    var entry = aegis_entry.new(
      expires: 0, protected: false, monitored: false, prefixLength: 32)
    entry.expires = Clock.boottime() + 3600 * 1_000_000_000
    entry.note = 77
    try BPFMap<UInt32, aegis_note>(pinnedAt: AEGIS_MAP_notes.pin(in: directory))
      .update(try Note("from before").abi, forKey: entry.note)
    try BPFMap<UInt32, aegis_entry>(pinnedAt: directory + "/" + AEGIS5_DROP_V4)
      .update(entry, forKey: bits.bigEndian)
    try BPFMap<aegis_key, aegis_entry>(pinnedAt: AEGIS_MAP_key.pin(in: directory))
      .update(entry, forKey: key.abiKey)

    var config = Settings.fresh()
    config.stages =
      aegis_stage.configured | aegis_stage.deny | aegis_stage.rate | aegis_stage.rateSimple
      | AEGIS5_STAGE_DROP_V4.rawValue
    config.key_shapes = key.shapeBit
    config.rates.source.packets = try Rate("1/h", burst: burst).limit()
    config.rates.putSources(on: Self.capacity)
    let path = AEGIS_MAP_config.pin(in: directory)
    switch self {
    case .layout1:
      try BPFMap<UInt32, aegis1_config>(pinnedAt: path)
        .update(Self.start(Self.layout3(config)), forKey: 0)
    case .layout2, .layout3:
      try BPFMap<UInt32, aegis3_config>(pinnedAt: path).update(Self.layout3(config), forKey: 0)
    case .layout4, .layout5:
      try BPFMap<UInt32, aegis5_config>(pinnedAt: path).update(Self.start(config), forKey: 0)
    }
    try writeMeta(directory)
  }

  private static func layout3(_ config: aegis_config) -> aegis3_config {
    var past = aegis3_config()
    past.mask_v4 = config.mask_v4
    past.mask_v6 = config.mask_v6
    past.seed = config.seed
    past.line_mask = capacity.lines - 1
    past.stages = config.stages
    past.key_shapes = config.key_shapes
    past.rates.id = config.rates.id
    past.rates.source_packets = start(config.rates.source.packets)
    return past
  }

  /// Adds a rule, of layout 3.
  func limit(_ live: Live, port: UInt16, burst: UInt32) throws {
    let directory = PinRoot(live.aegis.root).current
    var rates = aegis3_rates()
    rates.id = 99
    rates.source_packets = Self.start(try Rate("10/h", burst: burst).limit())
    let selector = RateSelector(port: try RateSelector.Port("\(port)/udp"))
    try BPFMap<aegis_port, aegis3_rates>(pinnedAt: AEGIS_MAP_rate_port.pin(in: directory))
      .update(rates, forKey: selector.portKey())
    try change(directory) { config in
      config.rate_shapes = AEGIS_RATE_BY_PORT.rawValue
      config.stages &= ~aegis_stage.rateSimple
    }
  }

  /// Leaves a policy to go back to, which nobody confirmed in time what came after; of layout 3.
  func leaveUnconfirmed(_ live: Live, dropping host: String, allowing port: UInt16) throws {
    let root = PinRoot(live.aegis.root)
    let saved = PinRoot(root.saved).current
    try FileSystem.makeDirectory(root.saved)
    try load(into: saved)
    try write(saved, dropping: host, allowing: port, burst: 7)
    try change(root.current) { config in
      config.stages |= aegis_stage.deadline
      config.deadline = 1
    }
  }

  private func change(
    _ directory: String, _ edit: (inout aegis3_config) -> Void
  ) throws {
    let map = try BPFMap<UInt32, aegis3_config>(pinnedAt: AEGIS_MAP_config.pin(in: directory))
    var config = try map.value(forKey: 0) ?? aegis3_config()
    edit(&config)
    try map.update(config, forKey: 0)
  }

  private func writeMeta(_ directory: String) throws {
    var meta = aegis_meta()
    meta.abi = rawValue
    CText.write("0.1.0", to: &meta.version)
    let path = AEGIS_MAP_meta.pin(in: directory)
    switch self {
    case .layout1, .layout2:
      meta.layout = self == .layout1 ? AEGIS1_LAYOUT : AEGIS2_LAYOUT
      try BPFMap<UInt32, aegis2_meta>(pinnedAt: path).update(Self.start(meta), forKey: 0)
    case .layout3, .layout4:
      meta.layout = self == .layout3 ? AEGIS3_LAYOUT : AEGIS4_LAYOUT
      try BPFMap<UInt32, aegis4_meta>(pinnedAt: path).update(Self.start(meta), forKey: 0)
    case .layout5:
      meta.stages = UInt64(AEGIS5_STAGES)
      (meta.maps, meta.reasons) = (AEGIS5_MAPS, AEGIS5_REASONS)
      meta.value_size = AEGIS5_VALUE_SIZE
      try BPFMap<UInt32, aegis5_meta>(pinnedAt: path).update(Self.start(meta), forKey: 0)
    }
  }

  /// A past shape that is how another begins.
  private static func start<Past: BitwiseCopyable, Value: BitwiseCopyable>(_ value: Value) -> Past {
    withUnsafeBytes(of: value) { $0.loadUnaligned(as: Past.self) }
  }
}
