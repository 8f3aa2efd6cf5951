import CLibBPF
public import Linux

/// Queries the XDP program of an interface, however it was attached.
public enum XDPQuery {
  /// The program on an interface, nil if there is none.
  ///
  /// The corresponding C function is `bpf_xdp_query`.
  public static func attached(to ifindex: UInt32) throws(SystemError) -> AttachedXDP? {
    let ((result, options), log) = LibBPFLog.collect {
      withZeroed(bpf_xdp_query_opts.self) { options in
        options.pointee.sz = MemoryLayout<bpf_xdp_query_opts>.size
        let result = bpf_xdp_query(CInt(truncatingIfNeeded: ifindex), 0, options)
        return (result, options.pointee)
      }
    }
    try check(result, "query XDP of", Interface.description(of: ifindex), log: log)
    let byMode: [(UInt32, XDPMode)] = [
      (options.hw_prog_id, .offload), (options.drv_prog_id, .native),
      (options.skb_prog_id, .generic),
    ]
    guard let (id, mode) = byMode.first(where: { $0.0 != 0 }) else { return nil }
    return AttachedXDP(programID: id, mode: mode)
  }
}
