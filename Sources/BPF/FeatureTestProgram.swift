import CLibBPF
import Glibc
import Linux

/// XDP programs that are loaded only to test whether the kernel supports them. The functions return a number that is
/// not negative, or a negated errno.
enum FeatureTestProgram {
  private static func instruction(
    _ code: UInt64, to: UInt64 = 0, from: UInt64 = 0, at offset: Int16 = 0, _ value: UInt64 = 0
  ) -> UInt64 {
    #if _endian(little)
      let registers = to | from << 4
      return code | registers << 8 | UInt64(UInt16(bitPattern: offset)) << 16 | value << 32
    #else
      let registers = to << 4 | from
      return code << 56 | registers << 48 | UInt64(UInt16(bitPattern: offset)) << 32 | value
    #endif
  }

  private static func exit(_ action: UInt32) -> [UInt64] {
    [instruction(0xb7, UInt64(action)), instruction(0x95)]
  }

  static let pass = exit(XDP_PASS.rawValue)
  static let drop = exit(XDP_DROP.rawValue)

  /// `*(u64 *)(r10 - 8) = 0`, then fetch-and-add and compare-and-swap on it.
  static let atomics =
    [
      instruction(0x7a, to: 10, at: -8),
      instruction(0xb7, to: 0),
      instruction(0xb7, to: 2, 1),
      instruction(0xdb, to: 10, from: 2, at: -8, 0x01),
      instruction(0xdb, to: 10, from: 2, at: -8, 0xf1),
    ] + pass

  /// `if w0 == 2 goto +0`
  static let jump32 = [instruction(0xb7, 2), instruction(0x16, 2), instruction(0x95)]

  static func load(_ instructions: [UInt64], flags: UInt32 = 0) -> CInt {
    with(instructions, flags: flags) { _ in 0 }
  }

  /// libbpf reports a helper as supported if the caller lacks permission.
  static func helper(_ helper: bpf_func_id) -> CInt {
    let permitted = load(pass)
    if permitted < 0 { return permitted }
    let result = libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, helper, nil)
    return result == 0 ? -EINVAL : result
  }

  static func run(live: Bool) -> CInt {
    with(drop) { program in
      attempt { () throws(SystemError) in
        _ = try program.testRun([UInt8](repeating: 0, count: 64), live: live)
      }
    }
  }

  /// Whether the kernel turns programs into machine code.
  static func isCompiled() -> CInt {
    with(pass) { program in
      attempt { () throws(SystemError) in
        if try program.info().jitedSize == 0 {
          throw SystemError(operation: "compile", subject: "program", errno: ENOSYS)
        }
      }
    }
  }

  /// Attaches a program to the loopback interface of a temporary network namespace that only this thread uses.
  static func link() -> CInt {
    with(pass) { program in
      attempt { () throws(SystemError) in
        let home = try NetworkNamespace.current()
        try NetworkNamespace.unshare()
        let result = attempt { () throws(SystemError) in
          _ = try BPFLink(attaching: program, to: 1, mode: .generic)
        }
        try NetworkNamespace.enter(home)
        if result < 0 {
          throw SystemError(operation: "attach to", subject: "lo", errno: -result)
        }
      }
    }
  }

  private static func attempt(_ body: () throws(SystemError) -> Void) -> CInt {
    do {
      try body()
      return 0
    } catch {
      return -error.errno
    }
  }

  private static func with(
    _ instructions: [UInt64], flags: UInt32 = 0, _ body: (borrowing BPFProgram) -> CInt
  ) -> CInt {
    let number = withZeroed(bpf_prog_load_opts.self) { options in
      options.pointee.sz = MemoryLayout<bpf_prog_load_opts>.size
      options.pointee.prog_flags = flags
      options.pointee.expected_attach_type = BPF_XDP
      return instructions.withUnsafeBytes { bytes in
        bpf_prog_load(
          BPF_PROG_TYPE_XDP, "probe", "Dual BSD/GPL",
          bytes.bindMemory(to: bpf_insn.self).baseAddress, instructions.count, options)
      }
    }
    guard number >= 0 else { return number }
    return body(BPFProgram(FileDescriptor(rawValue: number), name: "probe"))
  }
}
