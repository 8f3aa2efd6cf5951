import CLibBPF
import Glibc
public import Linux

/// A program in the qdisc `clsact` of an interface, for kernels before 6.6. It stays until it is removed.
public struct TCFilter: Sendable {
  public let ifindex: UInt32
  public let direction: TrafficDirection
  /// Filters of a lower priority number run first. Together with the handle it identifies the filter.
  public let priority: UInt32

  private static let handle: UInt32 = 1

  public init(_ direction: TrafficDirection, of ifindex: UInt32, priority: UInt32) {
    self.ifindex = ifindex
    self.direction = direction
    self.priority = priority
  }

  /// Attaches a program, in place of the one of the same priority if `replacing`.
  ///
  /// - Returns: Whether the qdisc was created for it.
  /// - Throws: EEXIST if another filter has the priority.
  ///
  /// The corresponding C functions are `bpf_tc_hook_create` and `bpf_tc_attach`.
  @discardableResult
  public func attach(
    _ program: borrowing BPFProgram, replacing: Bool
  ) throws(SystemError) -> Bool {
    let number = program.descriptor.rawValue
    let subject = Interface.description(of: ifindex)
    let ((created, result), log) = LibBPFLog.collect {
      withHook { hook -> (CInt, CInt) in
        let created = bpf_tc_hook_create(hook)
        if created < 0, created != -EEXIST { return (created, created) }
        return withOptions { options in
          options.pointee.prog_fd = number
          if replacing { options.pointee.flags = UInt32(BPF_TC_F_REPLACE.rawValue) }
          return (created, bpf_tc_attach(hook, options))
        }
      }
    }
    try check(result, "attach to", subject, log: log)
    return created == 0
  }

  /// The number of the attached program; nil if there is none.
  ///
  /// The corresponding C function is `bpf_tc_query`.
  public func program() -> UInt32? {
    LibBPFLog.collect {
      withHook { hook in
        withOptions { options in
          bpf_tc_query(hook, options) == 0 ? options.pointee.prog_id : nil
        }
      }
    }.0
  }

  /// Removes the filter, and the qdisc if it was created for it and has no other filter; what is absent is no error.
  ///
  /// The corresponding C functions are `bpf_tc_detach` and `bpf_tc_hook_destroy`.
  public func remove(withQueue isOwn: Bool) throws(SystemError) {
    let subject = Interface.description(of: ifindex)
    let (result, log) = LibBPFLog.collect {
      withHook { hook in withOptions { options in bpf_tc_detach(hook, options) } }
    }
    // Without the qdisc the kernel answers EINVAL.
    if result != -ENOENT, result != -EINVAL {
      try check(result, "detach from", subject, log: log)
    }
    guard isOwn, try Self.isEmpty(ifindex) else { return }
    _ = LibBPFLog.collect {
      withHook { hook in
        hook.pointee.attach_point = bpf_tc_attach_point(
          rawValue: BPF_TC_INGRESS.rawValue | BPF_TC_EGRESS.rawValue)
        return bpf_tc_hook_destroy(hook)
      }
    }
  }

  private static func isEmpty(_ ifindex: UInt32) throws(SystemError) -> Bool {
    let filters = try TrafficFilters.priorities(of: ifindex, egress: false)
    if !filters.isEmpty { return false }
    return try TrafficFilters.priorities(of: ifindex, egress: true).isEmpty
  }

  private func withHook<Result>(_ body: (UnsafeMutablePointer<bpf_tc_hook>) -> Result) -> Result {
    withZeroed(bpf_tc_hook.self) { hook in
      hook.pointee.sz = MemoryLayout<bpf_tc_hook>.size
      hook.pointee.ifindex = CInt(truncatingIfNeeded: ifindex)
      hook.pointee.attach_point = direction == .egress ? BPF_TC_EGRESS : BPF_TC_INGRESS
      return body(hook)
    }
  }

  private func withOptions<Result>(_ body: (UnsafeMutablePointer<bpf_tc_opts>) -> Result) -> Result
  {
    withZeroed(bpf_tc_opts.self) { options in
      options.pointee.sz = MemoryLayout<bpf_tc_opts>.size
      options.pointee.handle = Self.handle
      options.pointee.priority = priority
      return body(options)
    }
  }
}
