internal import BPF
internal import CAegis
internal import Linux
internal import Synchronization

/// The open maps of a datapath, and its configuration: a call opens each map and reads the configuration once.
///
/// Only valid while no other process can change them: with the lock of the root, or for a single look.
final class OpenMaps: Sendable {
  private struct State {
    var maps: [aegis_map: any Sendable] = [:]
    var config: aegis_config?
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

  /// nil until it was read or written.
  var config: aegis_config? {
    get { state.withLock { $0.config } }
    set { state.withLock { $0.config = newValue } }
  }
}
