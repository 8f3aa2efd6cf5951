public import Linux

extension BPFMap {
  /// All entries, in no particular order.
  ///
  /// The corresponding C function is `bpf_map_lookup_batch`.
  @inlinable
  public func entries() throws(SystemError) -> [(key: Key, value: Value)] {
    var entries: [(key: Key, value: Value)] = []
    try visit { entries.append((key: $0, value: $1)) }
    return entries
  }

  /// Calls `body` with all entries, in no particular order, without storing them.
  ///
  /// The corresponding C function is `bpf_map_lookup_batch`.
  @inlinable
  public func visit(_ body: (Key, Value) -> Void) throws(SystemError) {
    try map.forEachChunk { keys, values, count in
      for index in 0..<count {
        body(
          keys.loadUnaligned(fromByteOffset: index * MemoryLayout<Key>.size, as: Key.self),
          map.load(values + index * map.valueSize, as: Value.self))
      }
    }
  }

  /// The number of entries.
  ///
  /// The corresponding C function is `bpf_map_lookup_batch`.
  public func count() throws(SystemError) -> Int {
    var count = 0
    try map.forEachChunk { count += $2 }
    return count
  }

  /// Writes many entries. It stops at the first error; E2BIG means that the map is full.
  ///
  /// The corresponding C function is `bpf_map_update_batch`.
  @inlinable
  public func update(_ pairs: [(key: Key, value: Value)]) throws(SystemError) {
    guard !pairs.isEmpty else { return }
    try map.checkWritable(MemoryLayout<Value>.size)
    let capacity = min(pairs.count, RawMap.chunk)
    let keys = UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<Key>.size, alignment: 8)
    let values = UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<Value>.size, alignment: 8)
    defer {
      keys.deallocate()
      values.deallocate()
    }
    for start in stride(from: 0, to: pairs.count, by: capacity) {
      let count = min(capacity, pairs.count - start)
      for index in 0..<count {
        withUnsafeBytes(of: pairs[start + index].key) {
          (keys + index * $0.count).copyMemory(from: $0.baseAddress!, byteCount: $0.count)
        }
        withUnsafeBytes(of: pairs[start + index].value) {
          (values + index * $0.count).copyMemory(from: $0.baseAddress!, byteCount: $0.count)
        }
      }
      try map.updateBatch(keys, values, count: count)
    }
  }

  /// Removes many keys and returns how many of them were there.
  ///
  /// The corresponding C function is `bpf_map_delete_batch`.
  @inlinable @discardableResult
  public func remove(_ keys: [Key]) throws(SystemError) -> Int {
    guard !keys.isEmpty else { return 0 }
    let capacity = min(keys.count, RawMap.chunk)
    let packed = UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<Key>.size, alignment: 8)
    defer { packed.deallocate() }
    var removed = 0
    for start in stride(from: 0, to: keys.count, by: capacity) {
      let count = min(capacity, keys.count - start)
      for index in 0..<count {
        withUnsafeBytes(of: keys[start + index]) {
          (packed + index * $0.count).copyMemory(from: $0.baseAddress!, byteCount: $0.count)
        }
      }
      removed += try map.removeBatch(packed, count: count)
    }
    return removed
  }
}
