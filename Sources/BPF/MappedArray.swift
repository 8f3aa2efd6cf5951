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
    let number = withZeroed(bpf_map_create_opts.self) { options in
      options.pointee.sz = MemoryLayout<bpf_map_create_opts>.size
      options.pointee.map_flags = UInt32(BPF_F_INNER_MAP) | UInt32(BPF_F_MMAPABLE)
      return uninterrupted {
        bpf_map_create(
          BPF_MAP_TYPE_ARRAY, name, 4, UInt32(valueSize), UInt32(size / valueSize), options)
      }
    }
    let map = AnyBPFMap(
      FileDescriptor(rawValue: try check(number, "create map", name)), named: name)
    let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, map.descriptor.rawValue, 0)
    guard let memory, memory != MAP_FAILED else {
      throw SystemError(operation: "map", subject: name, errno: Glibc.errno)
    }
    words.withUnsafeBytes { memory.copyMemory(from: $0.baseAddress!, byteCount: size) }
    munmap(memory, size)
    return map
  }
}

/// All values of a pinned array that has `BPF_F_MMAPABLE`, mapped into this process for reading.
public final class MappedArray {
  /// The values, one after the other.
  public let bytes: UnsafeRawBufferPointer
  /// The kernel's number for the map.
  public let id: UInt32

  /// - Throws: EINVAL if its values have another size, or it cannot be mapped.
  ///
  /// The corresponding C functions are `bpf_obj_get` and `mmap`.
  public init(pinnedAt path: String, valueSize: Int) throws(SystemError) {
    let descriptor = try RawMap.open(pinnedAt: path)
    let info = try MapInfo(of: descriptor, named: path)
    guard info.type == BPF_MAP_TYPE_ARRAY.rawValue, Int(info.valueSize) == valueSize,
      valueSize.isMultiple(of: 8)
    else {
      throw SystemError(operation: "use map", subject: path, errno: EINVAL)
    }
    let size = Int(info.maxEntries) * valueSize
    let memory = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor.rawValue, 0)
    guard let memory, memory != MAP_FAILED else {
      throw SystemError(operation: "map", subject: path, errno: Glibc.errno)
    }
    id = info.id
    bytes = UnsafeRawBufferPointer(start: memory, count: size)
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count) }
}
