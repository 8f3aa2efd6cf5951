import Glibc
public import Linux

extension AnyBPFMap {
  /// Replaces the entries with those of another map that has the same keys. If the values have different sizes, missing
  /// fields become zero and extra fields are left out.
  ///
  /// The corresponding C functions are `bpf_map_lookup_batch` and `bpf_map_update_batch`.
  public func replaceEntries(with other: borrowing AnyBPFMap) throws(SystemError) {
    let old = try other.raw()
    let new = try raw()
    guard old.keySize == new.keySize else {
      throw SystemError(operation: "copy to", subject: name, errno: EINVAL, log: "other keys")
    }
    if new.isHash || new.isTrie { try new.removeAll() }
    var failure: SystemError?
    try old.forEachChunk { keys, values, count in
      if failure != nil { return }
      let resized = UnsafeMutableRawBufferPointer.allocate(
        byteCount: count * new.valueSize, alignment: 8)
      defer { resized.deallocate() }
      resized.initializeMemory(as: UInt8.self, repeating: 0)
      let size = min(old.valueSize, new.valueSize)
      for index in 0..<count {
        (resized.baseAddress! + index * new.valueSize).copyMemory(
          from: values + index * old.valueSize, byteCount: size)
      }
      do throws(SystemError) {
        try new.updateBatch(keys, UnsafeRawPointer(resized.baseAddress!), count: count)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  private func raw() throws(SystemError) -> RawMap {
    let info = try info()
    return try RawMap(
      descriptor.duplicate(), name: name, keySize: Int(info.keySize))
  }
}

extension RawMap {
  fileprivate func removeAll() throws(SystemError) {
    if try hasNoKey() { return }
    var all: [UInt8] = []
    try forEachChunk { keys, _, count in
      all += UnsafeRawBufferPointer(start: keys, count: count * keySize)
    }
    let keys = UnsafeMutableRawBufferPointer.allocate(byteCount: all.count, alignment: 8)
    defer { keys.deallocate() }
    keys.copyBytes(from: all)
    _ = try removeBatch(keys.baseAddress!, count: all.count / keySize)
  }
}
