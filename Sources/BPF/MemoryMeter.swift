import Glibc
import Linux

/// Measures the kernel memory of maps, one after the other. It reads the information about a descriptor number, so it
/// can keep one file open: each map is opened after the previous one is closed, and gets the same number.
public struct MemoryMeter: ~Copyable {
  private var number: CInt = -1
  private var info: CInt = -1

  public init() {}

  deinit { if info >= 0 { close(info) } }

  /// The memory of a map in bytes, as `MapMemory` estimates it; 0 if the kernel does not report it.
  public mutating func bytes(of map: borrowing AnyBPFMap) -> UInt64 {
    bytes(of: map.descriptor)
  }

  mutating func bytes(of descriptor: borrowing FileDescriptor) -> UInt64 {
    if descriptor.rawValue != number {
      if info >= 0 { close(info) }
      number = descriptor.rawValue
      info = open("/proc/self/fdinfo/\(number)", O_RDONLY | O_CLOEXEC)
    }
    let memory = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { text in
      let count = pread(info, text.baseAddress, text.count - 1, 0)
      text[max(count, 0)] = 0
      return text.baseAddress.map { MapMemory(fromInfo: $0) }
    }
    guard let memory else { return 0 }
    return memory.bytes { Self.count(descriptor, of: memory) }
  }

  /// The number of a map's entries. One that cannot be read counts as empty: a figure is better than none.
  private static func count(
    _ descriptor: borrowing FileDescriptor, of memory: MapMemory
  ) -> UInt64 {
    let map = try? RawMap(
      descriptor.duplicate(), name: "map", keySize: Int(memory.keySize), perCPU: memory.isPerCPU)
    return UInt64((try? map?.count(perCPU: memory.isPerCPU)) ?? 0)
  }
}

extension RawMap {
  fileprivate func count(perCPU: Bool) throws(SystemError) -> Int {
    var count = 0
    if !perCPU {
      try forEachChunk { count += $2 }
      return count
    }
    // Batches would copy all values. These maps are small.
    let key = UnsafeMutableRawPointer.allocate(byteCount: keySize, alignment: 8)
    defer { key.deallocate() }
    while count < maxEntries, try nextKey(after: count == 0 ? nil : key, into: key) { count += 1 }
    return count
  }
}

extension FileDescriptor {
  /// The kernel memory of a map or program in bytes; 0 if the kernel does not report it.
  var memoryUsage: UInt64 {
    var meter = MemoryMeter()
    return meter.bytes(of: self)
  }
}
