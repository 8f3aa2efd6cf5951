import BPF
import Glibc
import Linux

/// A loaded program to be measured.
final class ProgramUnderTest {
  let name: String
  let program: BPFProgram
  /// The descriptor of the program.
  let descriptor: FileDescriptor
  /// Kernel memory for each source that it can track; nil if it tracks none.
  let bytesPerSource: Double?
  let hook: Hook

  init(
    _ name: String, _ descriptor: consuming FileDescriptor, at hook: Hook = .xdp,
    bytesPerSource: Double? = nil
  ) throws {
    program = BPFProgram(try descriptor.duplicate(), name: name)
    self.descriptor = descriptor
    self.name = name
    self.bytesPerSource = bytesPerSource
    self.hook = hook
  }

  /// Runs it `count` times on a packet; returns the processor time of this thread per run in ns.
  func time(_ count: Int, on frame: [UInt8], interface: UInt32) throws -> Double {
    let begin = Self.processorTime()
    if hook.isXDP {
      _ = try program.testRun(frame, interface: interface, repeat: Int32(count))
    } else {
      let buffer = BPFProgram.Buffer(interface: interface)
      _ = try program.testRun(frame, as: buffer, repeat: Int32(count))
    }
    return Double(Self.processorTime() - begin) / Double(count)
  }

  /// Of this thread, in ns.
  static func processorTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
