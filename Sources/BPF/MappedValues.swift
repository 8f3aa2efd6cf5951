import CLibBPF
import Glibc
public import Linux

/// All values of a pinned array that has `BPF_F_MMAPABLE`, mapped into this process: a write to one field keeps what
/// programs write to the others meanwhile.
public final class MappedValues<Value: BitwiseCopyable> {
  public let count: Int
  private let memory: UnsafeMutableRawPointer
  private static var stride: Int { (MemoryLayout<Value>.size + 7) & ~7 }

  /// - Throws: EINVAL if its values have another size, or it cannot be mapped.
  ///
  /// The corresponding C functions are `bpf_obj_get` and `mmap`.
  public convenience init(pinnedAt path: String) throws(SystemError) {
    try self.init(RawMap.open(pinnedAt: path), name: path)
  }

  /// - Throws: EINVAL if its values have another size, or it cannot be mapped.
  ///
  /// The corresponding C function is `mmap`.
  public init(_ descriptor: consuming FileDescriptor, name: String) throws(SystemError) {
    let descriptor = descriptor
    defer { extendLifetime(descriptor) }
    let info = try MapInfo(of: descriptor, named: name)
    guard info.type == BPF_MAP_TYPE_ARRAY.rawValue, Int(info.valueSize) == MemoryLayout<Value>.size
    else {
      throw SystemError(operation: "use map", subject: name, errno: EINVAL)
    }
    count = Int(info.maxEntries)
    let memory = mmap(
      nil, count * Self.stride, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.rawValue, 0)
    guard let memory, memory != MAP_FAILED else {
      throw SystemError(operation: "map", subject: name, errno: Glibc.errno)
    }
    self.memory = memory
  }

  deinit { munmap(memory, count * Self.stride) }

  private func place(_ index: Int) -> UnsafeMutableRawPointer {
    precondition(0..<count ~= index)
    return memory + index * Self.stride
  }

  /// The whole value; the read is not atomic.
  public func value(at index: Int) -> Value { place(index).load(as: Value.self) }

  /// Writes the whole value; the write is not atomic.
  public func set(_ value: Value, at index: Int) {
    place(index).storeBytes(of: value, as: Value.self)
  }

  /// Where a field is, for as long as this object lives.
  public func pointer<Field: BitwiseCopyable>(
    to field: FieldPlace<Value, Field>, at index: Int
  ) -> UnsafeMutablePointer<Field> {
    (place(index) + field.offset).assumingMemoryBound(to: Field.self)
  }

  /// One field; for a number of at most 64 bits, the read is atomic.
  public func get<Field: BitwiseCopyable>(_ field: FieldPlace<Value, Field>, at index: Int) -> Field
  {
    (place(index) + field.offset).load(as: Field.self)
  }

  /// Writes one field and no other; for a number of at most 64 bits, the write is atomic.
  public func set<Field: BitwiseCopyable>(
    _ field: FieldPlace<Value, Field>, at index: Int, to value: Field
  ) {
    (place(index) + field.offset).storeBytes(of: value, as: Field.self)
  }
}

/// Where a field lies in a value. It is looked up once, since that takes longer than to use it.
public struct FieldPlace<Value, Field: BitwiseCopyable>: Sendable {
  let offset: Int

  /// - Parameter path: A stored property.
  public init(_ path: KeyPath<Value, Field>) {
    guard let offset = MemoryLayout<Value>.offset(of: path) else {
      preconditionFailure("\(path) is computed")
    }
    self.offset = offset
  }
}
