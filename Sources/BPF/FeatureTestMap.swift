import CLibBPF
import Glibc
import Linux

/// A map that is created only to test whether the kernel supports it. Its functions return a number that is not
/// negative, or a negated errno.
struct FeatureTestMap {
  enum Kind {
    case array, perCPUArray, hash, lruHash, lpmTrie, ringBuffer

    var type: bpf_map_type {
      switch self {
      case .array: BPF_MAP_TYPE_ARRAY
      case .perCPUArray: BPF_MAP_TYPE_PERCPU_ARRAY
      case .hash: BPF_MAP_TYPE_HASH
      case .lruHash: BPF_MAP_TYPE_LRU_HASH
      case .lpmTrie: BPF_MAP_TYPE_LPM_TRIE
      case .ringBuffer: BPF_MAP_TYPE_RINGBUF
      }
    }
  }

  static let trie = FeatureTestMap(.lpmTrie, flags: UInt32(BPF_F_NO_PREALLOC))

  let kind: Kind
  let flags: UInt32

  init(_ kind: Kind, flags: UInt32 = 0) {
    self.kind = kind
    self.flags = flags
  }

  func make() -> CInt {
    with { _ in 0 }
  }

  /// Writes, reads and, if keys can be removed, removes entries in batches.
  func batch() -> CInt {
    with { map in
      var key: UInt64 = 0
      var value: UInt64 = 0
      var cursor: (UInt64, UInt64) = (0, 0)
      var count: UInt32 = 1
      var result = bpf_map_update_batch(map, &key, &value, &count, nil)
      if result < 0 { return result }
      count = 1
      result = bpf_map_lookup_batch(map, nil, &cursor, &key, &value, &count, nil)
      if result < 0, result != -ENOENT { return result }
      if kind == .array { return 0 }
      count = 1
      key = 0
      return bpf_map_delete_batch(map, &key, &count, nil)
    }
  }

  private func with(_ body: (CInt) -> CInt) -> CInt {
    let isRing = kind == .ringBuffer
    let keySize: UInt32 = isRing ? 0 : kind == .lpmTrie ? 8 : 4
    let entries = isRing ? UInt32(sysconf(CInt(_SC_PAGESIZE))) : 1
    let number = withZeroed(bpf_map_create_opts.self) { options in
      options.pointee.sz = MemoryLayout<bpf_map_create_opts>.size
      options.pointee.map_flags = flags
      return bpf_map_create(kind.type, "probe", keySize, isRing ? 0 : 8, entries, options)
    }
    guard number >= 0 else { return number }
    let map = FileDescriptor(rawValue: number)
    defer { extendLifetime(map) }
    return body(number)
  }
}
