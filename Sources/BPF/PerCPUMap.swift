public import Linux

/// A per-CPU array or hash map with numeric keys: each index has a value for every possible CPU. Values with another
/// size than `Value` can only be read: missing fields are zero.
public struct PerCPUMap<Value: BitwiseCopyable>: ~Copyable, Sendable {
  private let map: RawMap
  private let cpus: Int

  /// Opens a pinned per-CPU map.
  ///
  /// - Throws: EINVAL if the map has another type.
  ///
  /// The corresponding C function is `bpf_obj_get`.
  public init(pinnedAt path: String) throws(SystemError) {
    try self.init(RawMap.open(pinnedAt: path), name: path.lastPathComponent)
  }

  /// Takes over the descriptor of a per-CPU map.
  ///
  /// - Throws: EINVAL if the map has another type.
  public init(_ descriptor: consuming FileDescriptor, name: String) throws(SystemError) {
    let cpus = try CPUs.possible()
    map = try RawMap(
      descriptor, name: name, keySize: MemoryLayout<UInt32>.size, perCPU: true)
    self.cpus = cpus
  }

  /// The last component of its path, used in errors.
  public var name: String { map.name }

  /// The kernel's information about the map.
  ///
  /// The corresponding C function is `bpf_obj_get_info_by_fd`.
  public func info() throws(SystemError) -> MapInfo { try map.info() }

  /// The kernel memory that it uses, in bytes; 0 if that cannot be read.
  public func memoryUsage() -> UInt64 { map.memoryUsage() }

  /// The values at an index, one for each possible CPU; empty if there is no such index.
  ///
  /// The corresponding C function is `bpf_map_lookup_elem`.
  public func values(at index: UInt32) throws(SystemError) -> [Value] {
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: stride * cpus, alignment: 8)
    defer { buffer.deallocate() }
    var index = index
    guard try map.lookUp(&index, into: buffer) else { return [] }
    return (0..<cpus).map { map.load(buffer + $0 * stride, as: Value.self) }
  }

  /// Writes the value at an index for all CPUs; E2BIG if the index is out of range.
  ///
  /// The corresponding C function is `bpf_map_update_elem`.
  public func set(_ value: Value, at index: UInt32) throws(SystemError) {
    try map.checkWritable(MemoryLayout<Value>.size)
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: stride * cpus, alignment: 8)
    defer { buffer.deallocate() }
    for cpu in 0..<cpus {
      withUnsafeBytes(of: value) {
        (buffer + cpu * stride).copyMemory(from: $0.baseAddress!, byteCount: $0.count)
      }
    }
    var index = index
    try map.update(&index, buffer, flags: 0)
  }

  /// Removes an index of a hash map and returns whether it was there.
  ///
  /// The corresponding C function is `bpf_map_delete_elem`.
  @discardableResult
  public func remove(_ index: UInt32) throws(SystemError) -> Bool {
    var index = index
    return try map.remove(&index)
  }

  /// The kernel rounds each CPU's value up to 8 bytes.
  private var stride: Int { (map.valueSize + 7) & ~7 }
}
