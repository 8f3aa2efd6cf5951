import CLibBPF
public import Linux

extension BPFProgram {
  /// The result of running a program on a synthetic packet.
  public struct TestRun: Sendable, Equatable {
    /// The packet as the program left it; empty after a live run, or if it was not wanted.
    public let packet: [UInt8]
    /// What the program returned: an XDP action. 0 after a live run.
    public let returnValue: UInt32
    /// The average time for a packet, in nanoseconds.
    public let duration: UInt32
  }

  /// Runs the program on a packet.
  ///
  /// - Parameters:
  ///   - packet: A complete Ethernet frame, at least 14 bytes.
  ///   - linear: How many of its bytes are in the first part of the buffer, where a program can read them; nil for as
  ///     many as fit. Linux 6.18 and later.
  ///   - interface: The interface that the packet appears to come in by; 0 for the loopback interface.
  ///   - count: How often to run it.
  ///   - live: Whether the kernel carries out what the program returns.
  ///   - liveBatch: How many packets of a live run are built at once; 0 for the kernel's choice.
  ///   - returningPacket: Whether to return the packet.
  ///
  /// The corresponding C function is `bpf_prog_test_run_opts`.
  public func testRun(
    _ packet: [UInt8], linear: Int? = nil, interface: UInt32 = 0, repeat count: Int32 = 1,
    live: Bool = false, liveBatch: UInt32 = 0, returningPacket: Bool = true
  ) throws(SystemError) -> TestRun {
    let isReturned = returningPacket && !live
    // A program may grow a packet, though never beyond a page.
    var output = [UInt8](repeating: 0, count: isReturned ? packet.count + 4096 : 0)
    var context = xdp_md()
    context.data_end = UInt32(linear ?? packet.count)
    context.ingress_ifindex = interface
    let number = descriptor.rawValue
    let (result, options) = packet.withUnsafeBytes { packet in
      output.withUnsafeMutableBytes { output in
        withUnsafeBytes(of: &context) { context in
          withZeroed(bpf_test_run_opts.self) { options in
            options.pointee.sz = MemoryLayout<bpf_test_run_opts>.size
            options.pointee.data_in = packet.baseAddress
            options.pointee.data_size_in = UInt32(packet.count)
            options.pointee.repeat = count
            if interface != 0 || linear != nil {
              options.pointee.ctx_in = context.baseAddress
              options.pointee.ctx_size_in = UInt32(context.count)
            }
            if live {
              options.pointee.flags = UInt32(BPF_F_TEST_XDP_LIVE_FRAMES)
              options.pointee.batch_size = liveBatch
            } else if isReturned {
              options.pointee.data_out = output.baseAddress
              options.pointee.data_size_out = UInt32(output.count)
            }
            return (bpf_prog_test_run_opts(number, options), options.pointee)
          }
        }
      }
    }
    try check(result, "run", name)
    output.removeSubrange(min(Int(options.data_size_out), output.count)...)
    return TestRun(
      packet: output, returnValue: options.retval, duration: options.duration)
  }
}
