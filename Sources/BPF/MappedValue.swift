import CLibBPF
import Glibc
public import Linux

/// The first value of an array map that has `BPF_F_MMAPABLE`, mapped into this process: programs see writes at once,
/// and their own writes to other fields are kept.
public struct MappedValue<Value: BitwiseCopyable>: ~Copyable {
  /// The last component of its path, used in errors.
  public let name: String
  private let descriptor: FileDescriptor
  private let memory: UnsafeMutableRawPointer

  /// Opens a pinned map.
  ///
  /// - Throws: EINVAL if its values have another size than `Value`, or it cannot be mapped.
  ///
  /// The corresponding C functions are `bpf_obj_get` and `mmap`.
  public init(pinnedAt path: String) throws(SystemError) {
    try self.init(RawMap.open(pinnedAt: path), name: path.lastPathComponent)
  }

  /// Takes over the descriptor of a map.
  ///
  /// - Throws: EINVAL if its values have another size than `Value`, or it cannot be mapped.
  ///
  /// The corresponding C function is `mmap`.
  public init(_ descriptor: consuming FileDescriptor, name: String) throws(SystemError) {
    let size = try MapInfo(of: descriptor, named: name).valueSize
    let memory = mmap(
      nil, MemoryLayout<Value>.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.rawValue, 0)
    guard let memory, memory != MAP_FAILED else {
      throw SystemError(operation: "map", subject: name, errno: Glibc.errno)
    }
    guard size == MemoryLayout<Value>.size else {
      munmap(memory, MemoryLayout<Value>.size)
      throw SystemError(
        operation: "map", subject: name, errno: EINVAL,
        log: "expected a value of \(MemoryLayout<Value>.size) bytes, but it has \(size)")
    }
    self.memory = memory
    self.name = name
    self.descriptor = descriptor
  }

  deinit {
    munmap(memory, MemoryLayout<Value>.size)
  }

  /// The whole value; the read is not atomic.
  public var value: Value { memory.load(as: Value.self) }

  /// Writes the whole value; the write is not atomic.
  public func set(_ value: Value) {
    memory.storeBytes(of: value, as: Value.self)
  }

  /// Writes one field and no other; for a number of at most 64 bits, the write is atomic.
  ///
  /// - Parameter field: A stored property.
  public func set<Field: BitwiseCopyable>(_ field: KeyPath<Value, Field>, to value: Field) {
    guard let offset = MemoryLayout<Value>.offset(of: field) else {
      preconditionFailure("\(field) is computed")
    }
    memory.storeBytes(of: value, toByteOffset: offset, as: Field.self)
  }
}
