import Glibc
import Linux

/// The kernel memory of maps, asked one after the other. What the kernel says of a descriptor it says of whatever has
/// its number then: a map that is opened once the one before is closed has the same, and needs no file of its own.
public struct MemoryMeter: ~Copyable {
  private var number: CInt = -1
  private var info: CInt = -1

  public init() {}

  deinit { if info >= 0 { close(info) } }

  /// Bytes that a map takes, 0 if the kernel does not tell.
  public mutating func bytes(of map: borrowing AnyBPFMap) -> UInt64 {
    bytes(of: map.descriptor)
  }

  mutating func bytes(of descriptor: borrowing FileDescriptor) -> UInt64 {
    if descriptor.rawValue != number {
      if info >= 0 { close(info) }
      number = descriptor.rawValue
      info = open("/proc/self/fdinfo/\(number)", O_RDONLY | O_CLOEXEC)
    }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { text in
      guard let start = text.baseAddress else { return 0 }
      let count = pread(info, start, text.count - 1, 0)
      if count < 0 { return 0 }
      start[count] = 0
      return strstr(start, "\nmemlock:").map { UInt64(strtoull($0 + 9, nil, 10)) } ?? 0
    }
  }
}

extension FileDescriptor {
  /// Kernel memory of a map or program in bytes, 0 if the kernel does not tell.
  var memoryUsage: UInt64 {
    var meter = MemoryMeter()
    return meter.bytes(of: self)
  }
}
