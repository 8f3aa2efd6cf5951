import CLibBPF
import Linux

extension BPFLink {
  /// The driver's message when it refused a link; nil if there is none.
  ///
  /// Only netlink carries this text, so this tries to attach the program again through netlink, and detaches it at once
  /// if that succeeds. It replaces no program.
  ///
  /// The corresponding C function is `bpf_xdp_attach`.
  public static func refusal(
    of program: borrowing BPFProgram, on ifindex: UInt32, mode: XDPMode
  ) -> String? {
    let interface = CInt(truncatingIfNeeded: ifindex)
    let number = program.descriptor.rawValue
    let (result, log) = LibBPFLog.collect {
      let flags = UInt32(XDP_FLAGS_UPDATE_IF_NOEXIST) | mode.rawValue
      return bpf_xdp_attach(interface, number, flags, nil)
    }
    if result >= 0 {
      withZeroed(bpf_xdp_attach_opts.self) { options in
        options.pointee.sz = MemoryLayout<bpf_xdp_attach_opts>.size
        options.pointee.old_prog_fd = number
        _ = LibBPFLog.collect { bpf_xdp_detach(interface, mode.rawValue, options) }
      }
      return nil
    }
    let mark = "libbpf: Kernel error message: "
    let line = log.split(separator: "\n").first { $0.hasPrefix(mark) }
    return line.map { String($0.dropFirst(mark.count)) }
  }
}
