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

  /// What the kernel's stack knows of a packet beside its bytes: for programs behind tc.
  public struct Buffer: Sendable, Equatable {
    /// The interface that it comes in by or leaves by; 0 for the loopback interface.
    public var interface: UInt32
    /// The payload of each packet that it is cut into later, in bytes; 0 if it is not cut.
    public var segmentSize: UInt16
    /// Their number; 0 if nobody has counted them.
    public var segments: UInt16
    /// The bytes of all of them, at least those of the packet; 0 for just these.
    public var sentBytes: UInt32

    public init(
      interface: UInt32 = 0, segmentSize: UInt16 = 0, segments: UInt16 = 0, sentBytes: UInt32 = 0
    ) {
      self.interface = interface
      self.segmentSize = segmentSize
      self.segments = segments
      self.sentBytes = sentBytes
    }
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
    var context = xdp_md()
    context.data_end = UInt32(linear ?? packet.count)
    context.ingress_ifindex = interface
    let hasContext = interface != 0 || linear != nil
    return try testRun(
      packet, in: hasContext ? withUnsafeBytes(of: context, Array.init) : [], repeat: count,
      returningPacket: returningPacket && !live
    ) { options in
      guard live else { return }
      options.flags = UInt32(BPF_F_TEST_XDP_LIVE_FRAMES)
      options.batch_size = liveBatch
    }
  }

  /// Runs a program behind tc on a packet.
  ///
  /// - Parameters:
  ///   - packet: A complete Ethernet frame, at least 14 bytes.
  ///   - buffer: What else is known of it.
  ///   - count: How often to run it.
  ///   - returningPacket: Whether to return the packet.
  ///
  /// The corresponding C function is `bpf_prog_test_run_opts`.
  public func testRun(
    _ packet: [UInt8], as buffer: Buffer, repeat count: Int32 = 1, returningPacket: Bool = true
  ) throws(SystemError) -> TestRun {
    var context = __sk_buff()
    context.ifindex = buffer.interface
    context.gso_size = UInt32(buffer.segmentSize)
    context.gso_segs = UInt32(buffer.segments)
    context.wire_len = buffer.sentBytes
    return try testRun(
      packet, in: withUnsafeBytes(of: context, Array.init), repeat: count,
      returningPacket: returningPacket)
  }

  /// - Parameter context: What the program gets, in the form of its type; empty for what the kernel makes of the packet.
  private func testRun(
    _ packet: [UInt8], in context: [UInt8], repeat count: Int32, returningPacket: Bool,
    _ adjust: (inout bpf_test_run_opts) -> Void = { _ in }
  ) throws(SystemError) -> TestRun {
    // A program may grow a packet, though never beyond a page.
    var output = [UInt8](repeating: 0, count: returningPacket ? packet.count + 4096 : 0)
    let number = descriptor.rawValue
    let (result, options) = packet.withUnsafeBytes { packet in
      output.withUnsafeMutableBytes { output in
        context.withUnsafeBytes { context in
          withZeroed(bpf_test_run_opts.self) { options in
            options.pointee.sz = MemoryLayout<bpf_test_run_opts>.size
            options.pointee.data_in = packet.baseAddress
            options.pointee.data_size_in = UInt32(packet.count)
            options.pointee.repeat = count
            if !context.isEmpty {
              options.pointee.ctx_in = context.baseAddress
              options.pointee.ctx_size_in = UInt32(context.count)
            }
            if returningPacket {
              options.pointee.data_out = output.baseAddress
              options.pointee.data_size_out = UInt32(output.count)
            }
            adjust(&options.pointee)
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
