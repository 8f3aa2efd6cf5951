public import Linux

/// A map with one value per key, open for reading and writing. Copies share a descriptor, which the last copy closes.
public struct BPFMap<Key: BitwiseCopyable, Value: BitwiseCopyable>: Sendable {
  @usableFromInline let map: RawMap

  /// Opens a pinned map.
  ///
  /// Values with another size than `Value` can only be read: missing fields are zero.
  ///
  /// - Throws: EINVAL if its keys have another size than `Key`.
  ///
  /// The corresponding C function is `bpf_obj_get`.
  public init(pinnedAt path: String) throws(SystemError) {
    try self.init(RawMap.open(pinnedAt: path), name: path.lastPathComponent)
  }

  /// Takes over the descriptor of a map.
  ///
  /// Values with another size than `Value` can only be read: missing fields are zero.
  ///
  /// - Throws: EINVAL if its keys have another size than `Key`.
  public init(_ descriptor: consuming FileDescriptor, name: String) throws(SystemError) {
    map = try RawMap(descriptor, name: name, keySize: MemoryLayout<Key>.size)
  }

  /// The last component of its path, used in errors.
  public var name: String { map.name }

  /// A new descriptor for the map, owned by the caller.
  public func descriptor() throws(SystemError) -> FileDescriptor { try map.descriptor.duplicate() }

  /// The maximum number of entries.
  public var capacity: Int { map.maxEntries }

  /// The kernel's information about the map.
  ///
  /// The corresponding C function is `bpf_obj_get_info_by_fd`.
  public func info() throws(SystemError) -> MapInfo { try map.info() }

  /// The kernel memory that it uses, in bytes; 0 if that cannot be read.
  public func memoryUsage() -> UInt64 { map.memoryUsage() }

  /// Whether the map is empty.
  ///
  /// The corresponding C function is `bpf_map_get_next_key`.
  public func isEmpty() throws(SystemError) -> Bool { try map.hasNoKey() }

  /// The value of a key, nil if it is absent.
  ///
  /// The corresponding C function is `bpf_map_lookup_elem`.
  @inlinable
  public func value(forKey key: Key) throws(SystemError) -> Value? {
    var key = key
    return try withUnsafeTemporaryAllocation(byteCount: map.valueSize, alignment: 8) {
      buffer throws(SystemError) in
      let value = buffer.baseAddress!
      return try map.lookUp(&key, into: value) ? map.load(value, as: Value.self) : nil
    }
  }

  /// Writes the value of a key; `flags` is `BPF_ANY` (0), `BPF_NOEXIST` (1) or `BPF_EXIST` (2).
  ///
  /// The corresponding C function is `bpf_map_update_elem`.
  @inlinable
  public func update(_ value: Value, forKey key: Key, flags: UInt64 = 0) throws(SystemError) {
    var key = key
    var value = value
    try map.checkWritable(MemoryLayout<Value>.size)
    try map.update(&key, &value, flags: flags)
  }

  /// Removes a key and returns whether it was there.
  ///
  /// The corresponding C function is `bpf_map_delete_elem`.
  @inlinable @discardableResult
  public func remove(_ key: Key) throws(SystemError) -> Bool {
    var key = key
    return try map.remove(&key)
  }
}
