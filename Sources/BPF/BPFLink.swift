import CLibBPF
public import Linux

/// The attachment of a program, of XDP unless said otherwise; unpinned, it ends with this value.
public struct BPFLink: ~Copyable, Sendable {
  private let descriptor: FileDescriptor
  private let subject: String

  /// Attaches a program to an interface.
  ///
  /// - Throws: EBUSY or EEXIST if another program is attached, EOPNOTSUPP if the driver does not support the mode.
  ///
  /// The corresponding C function is `bpf_link_create`.
  public init(
    attaching program: borrowing BPFProgram, to ifindex: UInt32, mode: XDPMode
  ) throws(SystemError) {
    let number = program.descriptor.rawValue
    let result = withZeroed(bpf_link_create_opts.self) { options in
      options.pointee.sz = MemoryLayout<bpf_link_create_opts>.size
      options.pointee.flags = mode.rawValue
      return uninterrupted {
        bpf_link_create(number, CInt(truncatingIfNeeded: ifindex), BPF_XDP, options)
      }
    }
    let subject = Interface.description(of: ifindex)
    descriptor = FileDescriptor(rawValue: try check(result, "attach to", subject))
    self.subject = subject
  }

  init(_ descriptor: consuming FileDescriptor, named subject: String) {
    self.descriptor = descriptor
    self.subject = subject
  }

  /// Opens a pinned link.
  ///
  /// The corresponding C function is `bpf_obj_get`.
  public init(pinnedAt path: String) throws(SystemError) {
    descriptor = FileDescriptor(
      rawValue: try check(uninterrupted { bpf_obj_get(path) }, "open", path))
    subject = path
  }

  /// Pins the link, so that it outlives this process.
  ///
  /// The corresponding C function is `bpf_obj_pin`.
  public func pin(at path: String) throws(SystemError) {
    let number = descriptor.rawValue
    try check(uninterrupted { bpf_obj_pin(number, path) }, "pin link at", path)
  }

  /// Detaches the program; a pin stays, of a link without an interface.
  ///
  /// The corresponding C function is `bpf_link_detach`.
  public func detach() throws(SystemError) {
    let number = descriptor.rawValue
    try check(uninterrupted { bpf_link_detach(number) }, "detach", subject)
  }

  /// Replaces the old program atomically: each packet is processed by one of the two.
  ///
  /// - Throws: EPERM if the link does not run `old`, ENOLINK if it is detached.
  ///
  /// The corresponding C function is `bpf_link_update` with `BPF_F_REPLACE`.
  public func update(
    to new: borrowing BPFProgram, replacing old: borrowing BPFProgram
  ) throws(SystemError) {
    let (link, new, old) = (
      descriptor.rawValue, new.descriptor.rawValue, old.descriptor.rawValue
    )
    let result = withZeroed(bpf_link_update_opts.self) { options in
      options.pointee.sz = MemoryLayout<bpf_link_update_opts>.size
      options.pointee.flags = UInt32(BPF_F_REPLACE)
      options.pointee.old_prog_fd = UInt32(old)
      return uninterrupted { bpf_link_update(link, new, options) }
    }
    try check(result, "replace the program of", subject)
  }

  /// Whether this is a link: a pin may also be of a map or a program.
  public var isLink: Bool {
    let target = try? FileSystem.readlink("/proc/self/fd/\(descriptor.rawValue)")
    // The kernel calls it "bpf_link" or "bpf-link", depending on how it was opened.
    return target.map { $0.hasSuffix("link") } ?? true
  }

  /// Whether it is one of XDP or tcx.
  var isOfInterface: Bool {
    get throws(SystemError) {
      let (result, info) = kernelInfo(bpf_link_info.self, of: descriptor.rawValue)
      try check(result, "inspect link", subject)
      return info.type == BPF_LINK_TYPE_XDP.rawValue || info.type == UInt32(BPF_LINK_TYPE_TCX)
    }
  }

  /// The number of the link, the number of its program, and its interface: 0 if the interface is gone or the link is
  /// detached.
  ///
  /// The corresponding C function is `bpf_obj_get_info_by_fd`.
  public func info() throws(SystemError) -> (id: UInt32, programID: UInt32, ifindex: UInt32) {
    let (result, info) = kernelInfo(bpf_link_info.self, of: descriptor.rawValue)
    try check(result, "inspect link", subject)
    return (info.id, info.prog_id, info.xdp.ifindex)
  }
}
