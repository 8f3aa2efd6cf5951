import CLibBPF
public import Linux

/// The two hooks of tc, seen from the host.
public enum TrafficDirection: Sendable {
  case ingress, egress

  fileprivate var tcx: bpf_attach_type {
    switch self {
    case .ingress: bpf_attach_type(UInt32(BPF_TCX_INGRESS))
    case .egress: bpf_attach_type(UInt32(BPF_TCX_EGRESS))
    }
  }
}

extension TrafficDirection {
  /// The numbers of the programs that links run on an interface, in their order; none on kernels without such links.
  ///
  /// The corresponding C function is `bpf_prog_query_opts`.
  public func programs(of ifindex: UInt32) -> [UInt32] {
    var programs = [UInt32](repeating: 0, count: 64)
    let count = programs.withUnsafeMutableBufferPointer { buffer in
      withZeroed(bpf_prog_query_opts.self) { options in
        options.pointee.sz = MemoryLayout<bpf_prog_query_opts>.size
        options.pointee.prog_ids = buffer.baseAddress
        options.pointee.prog_cnt = UInt32(buffer.count)
        let result = bpf_prog_query_opts(CInt(truncatingIfNeeded: ifindex), tcx, options)
        return result == 0 ? Int(options.pointee.prog_cnt) : 0
      }
    }
    return Array(programs.prefix(count))
  }
}

extension BPFLink {
  /// Attaches a program of type `tc` before those already present; Linux 6.6 and later.
  ///
  /// - Throws: EINVAL if the kernel does not know such links.
  ///
  /// The corresponding C function is `bpf_link_create` with `BPF_TCX_INGRESS` or `BPF_TCX_EGRESS`.
  public init(
    attaching program: borrowing BPFProgram, to direction: TrafficDirection, of ifindex: UInt32
  ) throws(SystemError) {
    let number = program.descriptor.rawValue
    let result = withZeroed(bpf_link_create_opts.self) { options in
      options.pointee.sz = MemoryLayout<bpf_link_create_opts>.size
      options.pointee.flags = UInt32(BPF_F_BEFORE)
      return uninterrupted {
        bpf_link_create(number, CInt(truncatingIfNeeded: ifindex), direction.tcx, options)
      }
    }
    let subject = Interface.description(of: ifindex)
    self.init(
      FileDescriptor(rawValue: try check(result, "attach to", subject)), named: subject)
  }

  /// Attaches a program to a tracepoint, whose arguments it gets as they are.
  ///
  /// The corresponding C function is `bpf_raw_tracepoint_open`.
  public init(
    attaching program: borrowing BPFProgram, toTracepoint name: String
  ) throws(SystemError) {
    let number = program.descriptor.rawValue
    let result = uninterrupted { bpf_raw_tracepoint_open(name, number) }
    self.init(FileDescriptor(rawValue: try check(result, "attach to", name)), named: name)
  }
}
