import CLibBPF
public import Linux

/// The kernel's information about a map.
public struct MapInfo: Sendable, Equatable {
  /// The kernel's number for the map.
  public let id: UInt32
  /// One of `enum bpf_map_type`.
  public let type: UInt32
  /// At most 15 bytes.
  public let name: String
  /// The size of a key in bytes.
  public let keySize: UInt32
  /// The size of a value in bytes.
  public let valueSize: UInt32
  /// The maximum number of entries.
  public let maxEntries: UInt32
  /// The flags that it was made with.
  public let flags: UInt32

  /// Asks the kernel about the map of a descriptor.
  ///
  /// The corresponding C function is `bpf_obj_get_info_by_fd`.
  public init(
    of descriptor: borrowing FileDescriptor, named subject: @autoclosure () -> String
  ) throws(SystemError) {
    let (result, info) = kernelInfo(bpf_map_info.self, of: descriptor.rawValue)
    try check(result, "inspect map", subject())
    id = info.id
    type = info.type
    name = String(zeroTerminated: info.name)
    keySize = info.key_size
    valueSize = info.value_size
    maxEntries = info.max_entries
    flags = info.map_flags
  }

  /// Whether it holds AF_XDP sockets.
  public var isSocketMap: Bool { type == BPF_MAP_TYPE_XSKMAP.rawValue }

  /// Whether a lookup returns a value for every CPU.
  public var isPerCPU: Bool {
    [
      BPF_MAP_TYPE_PERCPU_HASH, BPF_MAP_TYPE_PERCPU_ARRAY, BPF_MAP_TYPE_LRU_PERCPU_HASH,
      BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE,
    ].contains { $0.rawValue == type }
  }
}
