import CLibBPF
import Linux

/// The kernel's information about a program.
public struct ProgramInfo: Sendable, Equatable {
  /// The kernel's number for the program.
  public let id: UInt32
  /// One of `enum bpf_prog_type`.
  public let type: UInt32
  /// At most 15 bytes.
  public let name: String
  /// The hash of its instructions, 8 bytes.
  public let tag: [UInt8]
  /// When it was loaded, in nanoseconds of `CLOCK_BOOTTIME`.
  public let loadedAt: UInt64
  /// The maps that it uses.
  public let mapIDs: [UInt32]
  /// The size of the machine code in bytes; 0 without a JIT compiler, or if the caller may not read it.
  public let jitedSize: UInt32

  /// The tag in hexadecimal, 16 digits.
  public var tagText: String {
    tag.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  init(
    of descriptor: borrowing FileDescriptor, named subject: @autoclosure () -> String
  ) throws(SystemError) {
    // No program may use more maps than this (MAX_USED_MAPS).
    var maps = [UInt32](repeating: 0, count: 64)
    let number = descriptor.rawValue
    let (result, info) = maps.withUnsafeMutableBufferPointer { maps in
      kernelInfo(bpf_prog_info.self, of: number) { info in
        info.nr_map_ids = UInt32(maps.count)
        info.map_ids = UInt64(UInt(bitPattern: maps.baseAddress))
      }
    }
    try check(result, "inspect program", subject())
    id = info.id
    type = info.type
    name = String(zeroTerminated: info.name)
    tag = withUnsafeBytes(of: info.tag) { Array($0) }
    loadedAt = info.load_time
    jitedSize = info.jited_prog_len
    mapIDs = Array(maps.prefix(Int(info.nr_map_ids)))
  }
}
