internal import BPF
internal import Linux

/// A pinned map that is opened by the first look-up.
final class PinnedTable<Key: BitwiseCopyable, Value: BitwiseCopyable> {
  private final class Opened {
    let map: BPFMap<Key, Value>

    init(_ path: String) throws(SystemError) {
      map = try BPFMap(pinnedAt: path)
    }
  }

  private let path: String
  private var opened: Opened?

  init(_ path: String) {
    self.path = path
  }

  private func table() throws(SystemError) -> Opened {
    if let opened { return opened }
    let table = try Opened(path)
    opened = table
    return table
  }

  func entries() throws(AegisError) -> [(Key, Value)] {
    var all: [(Key, Value)] = []
    try kernel { () throws(SystemError) in try table().map.visit { all.append(($0, $1)) } }
    return all
  }

  func value(forKey key: Key) throws(AegisError) -> Value? {
    try kernel { () throws(SystemError) in try table().map.value(forKey: key) }
  }
}
