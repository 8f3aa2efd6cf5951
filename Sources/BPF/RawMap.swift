import CLibBPF
import Glibc
public import Linux

/// A map as bytes: the operations that do not depend on the types of keys and values.
@usableFromInline
final class RawMap: Sendable {
  let descriptor: FileDescriptor
  @usableFromInline let name: String
  let keySize: Int
  @usableFromInline let valueSize: Int
  let maxEntries: Int
  let isHash: Bool
  let isTrie: Bool

  /// Accepts a map whose keys have this size in bytes; throws EINVAL otherwise. Its values may be of another version,
  /// which added fields at the end, and therefore be longer or shorter.
  @usableFromInline
  init(
    _ descriptor: consuming FileDescriptor, name: String, keySize: Int, perCPU: Bool = false
  ) throws(SystemError) {
    let info = try MapInfo(of: descriptor, named: name)
    guard info.keySize == keySize, info.isPerCPU == perCPU else {
      throw SystemError(
        operation: "use map", subject: name, errno: EINVAL,
        log: """
          expected keys of \(keySize) bytes\(perCPU ? " and values per CPU" : ""), \
          but type \(info.type) has keys of \(info.keySize)
          """)
    }
    self.descriptor = descriptor
    self.name = name
    self.keySize = keySize
    self.valueSize = Int(info.valueSize)
    self.maxEntries = Int(info.maxEntries)
    self.isHash = info.type == BPF_MAP_TYPE_HASH.rawValue
    self.isTrie = info.type == BPF_MAP_TYPE_LPM_TRIE.rawValue
  }

  /// - Throws: EINVAL if its values have another size in bytes.
  @usableFromInline
  func checkWritable(_ size: Int) throws(SystemError) {
    if size == valueSize { return }
    throw SystemError(
      operation: "update", subject: name, errno: EINVAL,
      log: "its values have \(valueSize) bytes, of which \(size) are known")
  }

  /// A value of the map, converted to the size in memory: missing fields are zero, and extra fields are left out.
  @usableFromInline
  func load<Value: BitwiseCopyable>(_ value: UnsafeRawPointer, as _: Value.Type) -> Value {
    if valueSize >= MemoryLayout<Value>.size { return value.loadUnaligned(as: Value.self) }
    return withUnsafeTemporaryAllocation(
      byteCount: MemoryLayout<Value>.size, alignment: MemoryLayout<Value>.alignment
    ) { buffer in
      buffer.initializeMemory(as: UInt8.self, repeating: 0)
      buffer.baseAddress!.copyMemory(from: value, byteCount: valueSize)
      return buffer.load(as: Value.self)
    }
  }

  @usableFromInline
  static func open(pinnedAt path: String) throws(SystemError) -> FileDescriptor {
    FileDescriptor(rawValue: try check(uninterrupted { bpf_obj_get(path) }, "open", path))
  }

  /// False if the key is absent.
  @usableFromInline
  func lookUp(_ key: UnsafeRawPointer, into value: UnsafeMutableRawPointer) throws(SystemError)
    -> Bool
  {
    try descriptor.lookUp(key, into: value, of: name)
  }

  @usableFromInline
  func update(_ key: UnsafeRawPointer, _ value: UnsafeRawPointer, flags: UInt64) throws(SystemError)
  {
    let number = descriptor.rawValue
    let result = uninterrupted { bpf_map_update_elem(number, key, value, flags) }
    try check(result, "update", name)
  }

  /// False if the key was absent.
  @usableFromInline
  func remove(_ key: UnsafeRawPointer) throws(SystemError) -> Bool {
    let number = descriptor.rawValue
    let result = uninterrupted { bpf_map_delete_elem(number, key) }
    if result == -ENOENT { return false }
    try check(result, "remove from", name)
    return true
  }

  /// False if there is no key after `key`, or if `key` is nil and the map is empty.
  @usableFromInline
  func nextKey(
    after key: UnsafeRawPointer?, into next: UnsafeMutableRawPointer
  ) throws(SystemError) -> Bool {
    let number = descriptor.rawValue
    let result = uninterrupted { bpf_map_get_next_key(number, key, next) }
    if result == -ENOENT { return false }
    try check(result, "walk", name)
    return true
  }

  @usableFromInline
  func hasNoKey() throws(SystemError) -> Bool {
    let key = UnsafeMutableRawPointer.allocate(byteCount: keySize, alignment: 8)
    defer { key.deallocate() }
    return try !nextKey(after: nil, into: key)
  }

  @usableFromInline
  func info() throws(SystemError) -> MapInfo {
    try MapInfo(of: descriptor, named: name)
  }

  /// In bytes; 0 if the kernel does not report it.
  @usableFromInline
  func memoryUsage() -> UInt64 { descriptor.memoryUsage }
}

extension FileDescriptor {
  /// Copies the value of a key; false if it is absent.
  ///
  /// - Parameter name: The name of the map in errors.
  func lookUp(
    _ key: UnsafeRawPointer, into value: UnsafeMutableRawPointer, of name: String
  ) throws(SystemError) -> Bool {
    let number = rawValue
    let result = uninterrupted { bpf_map_lookup_elem(number, key, value) }
    if result == -ENOENT { return false }
    try check(result, "look up in", name)
    return true
  }
}
