/// A map, whatever its keys and values.
public struct AnyBPFMap: ~Copyable, Sendable {
  public let descriptor: FileDescriptor
  /// The last component of its path: what errors call it.
  public let name: String

  /// Opens a pinned map.
  ///
  /// The corresponding C function is `bpf_obj_get`.
  public init(pinnedAt path: String) throws(BPFError) {
    descriptor = try RawMap.open(pinnedAt: path)
    name = path.lastPathComponent
  }

  /// What the kernel says about it.
  ///
  /// The corresponding C function is `bpf_obj_get_info_by_fd`.
  public func info() throws(BPFError) -> MapInfo {
    try MapInfo(of: descriptor, named: name)
  }

  /// Kernel memory it takes, in bytes; 0 if that cannot be read.
  public func memoryUsage() -> UInt64 { descriptor.memoryUsage }
}
