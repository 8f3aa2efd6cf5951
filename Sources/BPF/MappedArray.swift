import CLibBPF
import Glibc
public import Linux

extension AnyBPFMap {
  /// Creates an array that has these values, for a map of maps whose arrays may be of any length.
  ///
  /// - Parameter words: The values, one after the other.
  ///
  /// The corresponding C functions are `bpf_map_create` and `mmap`.
  public static func innerArray(
    named name: String, of words: [UInt32], valueSize: Int
  ) throws(SystemError) -> AnyBPFMap {
    let size = words.count * MemoryLayout<UInt32>.size
    let descriptor = try innerArray(named: name, count: size / valueSize, valueSize: valueSize)
    let memory = try mapForWriting(descriptor, size, name)
    words.withUnsafeBytes { memory.copyMemory(from: $0.baseAddress!, byteCount: size) }
    munmap(memory, size)
    return AnyBPFMap(descriptor, named: name)
  }

  fileprivate static func innerArray(
    named name: String, count: Int, valueSize: Int, isFixed: Bool = false
  ) throws(SystemError) -> FileDescriptor {
    let number = withZeroed(bpf_map_create_opts.self) { options in
      options.pointee.sz = MemoryLayout<bpf_map_create_opts>.size
      options.pointee.map_flags = UInt32(BPF_F_MMAPABLE) | (isFixed ? 0 : UInt32(BPF_F_INNER_MAP))
      return uninterrupted {
        bpf_map_create(BPF_MAP_TYPE_ARRAY, name, 4, UInt32(valueSize), UInt32(count), options)
      }
    }
    return FileDescriptor(rawValue: try check(number, "create map", name))
  }

  fileprivate static func mapForWriting(
    _ descriptor: borrowing FileDescriptor, _ size: Int, _ name: String
  ) throws(SystemError) -> UnsafeMutableRawPointer {
    let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.rawValue, 0)
    guard let memory, memory != MAP_FAILED else {
      throw SystemError(operation: "map", subject: name, errno: Glibc.errno)
    }
    return memory
  }
}

/// An array for a map of maps, mapped into this process for writing.
public final class MappedInnerArray {
  public let map: AnyBPFMap
  /// The values, one after the other; at first all zero.
  public let memory: UnsafeMutableRawPointer
  private let size: Int

  /// - Parameters:
  ///   - valueSize: In bytes, a multiple of 8.
  ///   - isFixed: Whether all arrays of the map of maps have this length; the kernel then inlines look-ups.
  ///
  /// The corresponding C functions are `bpf_map_create` and `mmap`.
  public init(
    named name: String, count: Int, valueSize: Int, isFixed: Bool = false
  ) throws(SystemError) {
    size = count * valueSize
    map = AnyBPFMap(
      try AnyBPFMap.innerArray(
        named: name, count: count, valueSize: valueSize, isFixed: isFixed), named: name)
    memory = try AnyBPFMap.mapForWriting(map.descriptor, size, name)
  }

  deinit { munmap(memory, size) }
}

/// All values of a pinned array that has `BPF_F_MMAPABLE`, mapped into this process.
public final class MappedArray {
  /// The values, one after the other.
  public let memory: UnsafeMutableRawPointer
  /// In bytes.
  public let size: Int
  /// The kernel's number for the map.
  public let id: UInt32

  /// - Parameter isWritable: Whether the values may be written, or only read.
  /// - Throws: EINVAL if its values have another size, or it cannot be mapped.
  ///
  /// The corresponding C functions are `bpf_obj_get` and `mmap`.
  public init(
    pinnedAt path: String, valueSize: Int, forWriting isWritable: Bool = false
  ) throws(SystemError) {
    let descriptor = try RawMap.open(pinnedAt: path)
    let info = try MapInfo(of: descriptor, named: path)
    guard info.type == BPF_MAP_TYPE_ARRAY.rawValue, Int(info.valueSize) == valueSize,
      valueSize.isMultiple(of: 8)
    else {
      throw SystemError(operation: "use map", subject: path, errno: EINVAL)
    }
    size = Int(info.maxEntries) * valueSize
    let protection = isWritable ? PROT_READ | PROT_WRITE : PROT_READ
    let memory = mmap(nil, size, protection, MAP_SHARED, descriptor.rawValue, 0)
    guard let memory, memory != MAP_FAILED else {
      throw SystemError(operation: "map", subject: path, errno: Glibc.errno)
    }
    id = info.id
    self.memory = memory
  }

  /// The values, one after the other.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory, count: size) }

  deinit { munmap(memory, size) }
}
