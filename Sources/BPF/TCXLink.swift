import CLibBPF
public import Linux

/// The attachment of a tc program to the ingress of an interface; it ends with this value. Linux 6.6 and later.
public struct TCXLink: ~Copyable, Sendable {
  private let descriptor: FileDescriptor

  /// Attaches a program of type `tc` after those already present.
  ///
  /// - Throws: EINVAL if the kernel does not know such links.
  ///
  /// The corresponding C function is `bpf_link_create` with `BPF_TCX_INGRESS`.
  public init(
    attaching program: borrowing BPFProgram, toIngressOf ifindex: UInt32
  ) throws(SystemError) {
    let number = program.descriptor.rawValue
    let result = withZeroed(bpf_link_create_opts.self) { options in
      options.pointee.sz = MemoryLayout<bpf_link_create_opts>.size
      return uninterrupted {
        bpf_link_create(
          number, CInt(truncatingIfNeeded: ifindex), bpf_attach_type(UInt32(BPF_TCX_INGRESS)),
          options)
      }
    }
    descriptor = FileDescriptor(
      rawValue: try check(result, "attach to", Interface.description(of: ifindex)))
  }
}
