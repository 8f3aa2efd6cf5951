import CLibBPF
import Glibc
public import Linux

extension BPFObject {
  /// Does the same as `load`, and returns what each program cost the verifier.
  ///
  /// The corresponding C functions are `bpf_program__set_log_level`, `bpf_program__set_log_buf` and
  /// `bpf_object__load`.
  public mutating func loadMeasured() throws(SystemError) -> [Verification] {
    var logs: [(program: OpaquePointer, text: UnsafeMutableBufferPointer<CChar>)] = []
    defer { for log in logs { log.text.deallocate() } }
    var next = bpf_object__next_program(object, nil)
    while let program = next {
      let text = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 1 << 16)
      text.initialize(repeating: 0)
      logs.append((program, text))
      // BPF_LOG_STATS logs only the figures, however much the verifier processes.
      try check(bpf_program__set_log_level(program, 4), "log the verification of", name)
      try check(
        bpf_program__set_log_buf(program, text.baseAddress, text.count), "log the verification of",
        name)
      next = bpf_object__next_program(object, program)
    }
    try load()
    var all: [Verification] = []
    for (program, text) in logs {
      let program = (name: String(cString: bpf_program__name(program)), calls: calls(of: program))
      let log = text.baseAddress.map { String(cString: $0) } ?? ""
      guard let verification = Verification(program.name, log: log, calls: program.calls) else {
        throw SystemError(
          operation: "read the verifier's log of", subject: program.name, errno: EBADMSG, log: log)
      }
      all.append(verification)
    }
    return all
  }

  /// The calls of a loaded program, which is followed by its subprograms.
  private func calls(of program: OpaquePointer) -> [Verification.Call] {
    let count = bpf_program__insn_cnt(program)
    guard let instructions = bpf_program__insns(program) else { return [] }
    return UnsafeBufferPointer(start: instructions, count: count).enumerated().compactMap {
      index, instruction in
      let isCall =
        CInt(instruction.code) == BPF_JMP | BPF_CALL && instruction.src_reg == BPF_PSEUDO_CALL
      let isReference =
        CInt(instruction.code) == BPF_LD | BPF_IMM | BPF_DW
        && instruction.src_reg == BPF_PSEUDO_FUNC
      return isCall || isReference
        ? Verification.Call(from: index, to: index + 1 + Int(instruction.imm)) : nil
    }
  }
}
