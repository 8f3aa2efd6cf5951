internal import BPF
internal import CAegis
internal import Linux
internal import Synchronization

/// The open maps of a datapath, and its configuration: a call opens each map and reads the configuration once. Tables of
/// the drop list are here, so that all who change one see the one in force.
///
/// Only valid while no other process can change them: with the lock of the root, or for a single look.
final class OpenMaps: Sendable {
  private struct State {
    var maps: [aegis_map: any Sendable] = [:]
    /// By number of the profile.
    var configs: [UInt32: aegis_config] = [:]
    /// By family.
    var drops: [PrefixTable?] = [nil, nil]
  }

  private let directory: String
  private let state = Mutex(State())

  init(in directory: String) {
    self.directory = directory
  }

  func map<Key, Value>(_ map: aegis_map) throws(SystemError) -> BPFMap<Key, Value> {
    if let known = state.withLock({ $0.maps[map] }) as? BPFMap<Key, Value> { return known }
    let opened = try BPFMap<Key, Value>(pinnedAt: map.pin(in: directory))
    state.withLock { $0.maps[map] = opened }
    return opened
  }

  /// The table of a drop list in force; nil until it was opened.
  func drops(isIPv6: Bool) -> PrefixTable? { state.withLock { $0.drops[isIPv6 ? 1 : 0] } }

  func set(drops table: PrefixTable, isIPv6: Bool) {
    state.withLock { $0.drops[isIPv6 ? 1 : 0] = table }
  }

  /// That of a profile; nil until it was read or written.
  subscript(config profile: UInt32) -> aegis_config? {
    get { state.withLock { $0.configs[profile] } }
    set { state.withLock { $0.configs[profile] = newValue } }
  }

  func forget(_ profile: UInt32) { self[config: profile] = nil }
}
