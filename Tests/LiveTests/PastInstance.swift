import BPF
import CAegis
import Foundation
import TestSupport

@testable import Aegis

/// What a version of an earlier layout pinned: its real program and maps, as they were built then.
///
/// `Fixtures/abi1.bpf.o` is `bpf/aegis.bpf.c` of the last version with layout 1, compiled by BPFBuild, and so on.
enum PastInstance: UInt32, CaseIterable {
  case layout1 = 1
  case layout2

  /// Default deny with a rate, a listed host and a key for a port, attached to the host's interface.
  func attach(
    to live: Live, dropping host: String, allowing port: UInt16, burst: UInt32
  ) throws {
    let root = PinRoot(live.aegis.root)
    let directory = root.generation(1)
    for path in [root.path, directory, root.links] { try BPFFS.makeDirectory(path) }
    var object = try BPFObject(Array(Data(contentsOf: fixture)), name: AEGIS_PROGRAM)
    let capacity = Capacity(drops: 1024, keys: 64, sources: 6144)
    for (map, count) in capacity.entries { try object.setMaxEntries(count, ofMap: map) }
    try object.load()
    for map in object.mapNames { try object.pinMap(map, at: directory + "/" + map) }
    try object.pinProgram(AEGIS_PROGRAM, at: directory + "/" + AEGIS_PROGRAM)
    try write(directory, capacity, dropping: host, allowing: port, burst: burst)
    try BPFFS.symlink(to: "gen1", at: root.current)

    let index = try live.sandbox.ifindex
    var interface = aegis_interface()
    interface.ifindex = index
    interface.mode = XDPMode.native.rawValue
    CText.write(live.interface, to: &interface.name)
    let (program, pin) = (root.program, root.link(index))
    interface.netns = try live.sandbox.inside(.host) {
      let link = try XDPLink(
        attaching: BPFProgram(pinnedAt: program), to: index, mode: .native)
      try link.pin(at: pin)
      return NetworkNamespace.currentInode()
    }
    try BPFMap<UInt32, aegis_interface>(pinnedAt: directory + "/" + AEGIS_MAP_INTERFACES)
      .update(interface, forKey: index & (AEGIS_SLOTS - 1))
  }

  private var fixture: URL {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/abi\(rawValue).bpf.o")
  }

  private func write(
    _ directory: String, _ capacity: Capacity, dropping host: String, allowing port: UInt16,
    burst: UInt32
  ) throws {
    let prefix = try Prefix(host)
    let key = try AllowKey(port: port, protocol: .udp)
    let entry = aegis_entry.new(
      expires: 0, note: 0, rate: 0, protected: false, monitored: false, prefixLength: 32)
    try BPFMap<UInt32, aegis_entry>(pinnedAt: directory + "/" + AEGIS_MAP_DROP_V4)
      .update(entry, forKey: prefix.v4Key)
    try BPFMap<aegis_key, aegis_entry>(pinnedAt: directory + "/" + AEGIS_MAP_KEY)
      .update(entry, forKey: key.abiKey)

    var config = Settings.fresh()
    config.line_mask = capacity.lines - 1
    config.stages |=
      aegis_stage.deny | aegis_stage.rate | aegis_stage.rateSimple | AEGIS_STAGE_DROP_V4.rawValue
    config.key_shapes = key.shapeBit
    config.rates.source.packets = try Rate("1/h", burst: burst).limit()
    let path = directory + "/" + AEGIS_MAP_CONFIG
    switch self {
    case .layout1:
      let past = withUnsafeBytes(of: config) { $0.loadUnaligned(as: aegis1_config.self) }
      try BPFMap<UInt32, aegis1_config>(pinnedAt: path).update(past, forKey: 0)
    case .layout2:
      try BPFMap<UInt32, aegis_config>(pinnedAt: path).update(config, forKey: 0)
    }
    try writeMeta(directory)
  }

  private func writeMeta(_ directory: String) throws {
    var meta = aegis_meta()
    meta.abi = rawValue
    meta.layout = self == .layout1 ? AEGIS1_LAYOUT : AEGIS2_LAYOUT
    CText.write("0.1.0", to: &meta.version)
    let past = withUnsafeBytes(of: meta) { $0.loadUnaligned(as: aegis2_meta.self) }
    try BPFMap<UInt32, aegis2_meta>(pinnedAt: directory + "/" + AEGIS_MAP_META)
      .update(past, forKey: 0)
  }
}
