import CLibBPF
import Glibc
public import Linux

extension RawMap {
  /// A whole bucket of a hash map must fit, so the chunk grows if one does not.
  private static var firstChunk: Int { 4096 }
  /// The number of entries passed to the kernel at once; the kernel does not allocate memory for all of them.
  @usableFromInline static var chunk: Int { 1 << 16 }

  /// Calls `body` with all entries in chunks: pointers to packed keys and values, and their number.
  @usableFromInline
  func forEachChunk(
    _ body: (_ keys: UnsafeRawPointer, _ values: UnsafeRawPointer, _ count: Int) -> Void
  ) throws(SystemError) {
    var capacity = min(Self.firstChunk, max(maxEntries, 1))
    var keys = UnsafeMutableRawPointer.allocate(byteCount: capacity * keySize, alignment: 8)
    var values = UnsafeMutableRawPointer.allocate(byteCount: capacity * valueSize, alignment: 8)
    // The cursor is a bucket number for a hash map, and a key for any other map.
    let cursor = UnsafeMutableRawPointer.allocate(byteCount: max(keySize, 8) * 2, alignment: 8)
    let next = cursor + max(keySize, 8)
    defer {
      keys.deallocate()
      values.deallocate()
      cursor.deallocate()
    }
    var started = false
    while true {
      var count = UInt32(capacity)
      let result = bpf_map_lookup_batch(
        descriptor.rawValue, started ? cursor : nil, next, keys, values, &count, nil)
      switch result {
      case 0, -ENOENT:
        body(keys, values, Int(count))
        if result != 0 { return }
        cursor.copyMemory(from: next, byteCount: max(keySize, 8))
        started = true
      case -ENOSPC:
        capacity *= 2
        keys.deallocate()
        values.deallocate()
        keys = .allocate(byteCount: capacity * keySize, alignment: 8)
        values = .allocate(byteCount: capacity * valueSize, alignment: 8)
      case -EINTR: continue
      case -EINVAL where !started, -SystemError.unsupported where !started:
        return try walk(body)
      default:
        try check(result, "read", name)
      }
    }
  }

  /// The fallback for kernels and maps without batches. Concurrent writers may make it skip or repeat entries.
  private func walk(
    _ body: (_ keys: UnsafeRawPointer, _ values: UnsafeRawPointer, _ count: Int) -> Void
  ) throws(SystemError) {
    let keys = UnsafeMutableRawPointer.allocate(byteCount: keySize * 2, alignment: 8)
    let value = UnsafeMutableRawPointer.allocate(byteCount: valueSize, alignment: 8)
    defer {
      keys.deallocate()
      value.deallocate()
    }
    let next = keys + keySize
    for step in 0..<maxEntries {
      guard try nextKey(after: step == 0 ? nil : keys, into: next) else { return }
      if try lookUp(next, into: value) { body(next, value, 1) }
      keys.copyMemory(from: next, byteCount: keySize)
    }
  }

  /// Writes packed entries and stops at the first that is refused. Large numbers are written to a hash map from two
  /// threads at once, since each bucket has its own lock.
  @usableFromInline
  func updateBatch(
    _ keys: UnsafeRawPointer, _ values: UnsafeRawPointer, count: Int
  ) throws(SystemError) {
    let half = isHash && count >= Self.shared ? count / 2 : 0
    let (number, keySize, valueSize) = (descriptor.rawValue, keySize, valueSize)
    let other =
      half == 0 ? nil : BackgroundThread { Self.updateBatch(number, keys, values, count: half) }
    let own = Self.updateBatch(
      number, keys + half * keySize, values + half * valueSize, count: count - half)
    let results = [other?.wait() ?? 0, own]
    if results.contains(where: { $0 == -EINVAL || $0 == -SystemError.unsupported }) {
      for index in 0..<count {
        try update(keys + index * keySize, values + index * valueSize, flags: 0)
      }
      return
    }
    for result in results { try check(result, "update", name) }
  }

  /// From this number of entries on, starting a second thread is worthwhile.
  private static var shared: Int { 1 << 14 }

  private static func updateBatch(
    _ descriptor: CInt, _ keys: UnsafeRawPointer, _ values: UnsafeRawPointer, count: Int
  ) -> CInt {
    uninterrupted {
      var done = UInt32(count)
      return bpf_map_update_batch(descriptor, keys, values, &done, nil)
    }
  }

  /// Removes packed keys and returns how many of them were there.
  @usableFromInline
  func removeBatch(_ keys: UnsafeRawPointer, count: Int) throws(SystemError) -> Int {
    var removed = 0
    var index = 0
    while index < count {
      var done = UInt32(count - index)
      let result = bpf_map_delete_batch(
        descriptor.rawValue, keys + index * keySize, &done, nil)
      switch result {
      case 0:
        return removed + (count - index)
      case -ENOENT:
        removed += Int(done)
        index += Int(done) + 1
      case -EINTR: continue
      case -EINVAL, -SystemError.unsupported:
        for index in index..<count where try remove(keys + index * keySize) { removed += 1 }
        return removed
      default:
        try check(result, "remove from", name)
      }
    }
    return removed
  }
}
