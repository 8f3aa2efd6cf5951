import Glibc
import Linux

/// Measures the kernel memory of maps, one after the other. It reads the information about a descriptor number, so it
/// can keep one file open: each map is opened after the previous one is closed, and gets the same number.
public struct MemoryMeter: ~Copyable {
  private var number: CInt = -1
  private var info: CInt = -1

  public init() {}

  deinit { if info >= 0 { close(info) } }

  /// The memory of a map in bytes; 0 if the kernel does not report it.
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
  /// The kernel memory of a map or program in bytes; 0 if the kernel does not report it.
  var memoryUsage: UInt64 {
    var meter = MemoryMeter()
    return meter.bytes(of: self)
  }
}
