import CLibBPF
public import Linux

/// Ensures that a replaced program no longer runs.
public enum GracePeriod {
  /// Waits, some ten milliseconds, until every run that had begun on any CPU has ended: replacing a program changes a
  /// pointer and does not wait for those who have already read it.
  ///
  /// The kernel waits in this way before an update of a map of maps returns, whatever the map contains. `membarrier`
  /// would have the same effect, but not on CPUs that run without ticks (`nohz_full`).
  ///
  /// The corresponding C function is `bpf_map_update_elem`; in the kernel, `synchronize_rcu`.
  public static func wait() throws(SystemError) {
    let inner = try make(BPF_MAP_TYPE_ARRAY, of: nil)
    let outer = try make(BPF_MAP_TYPE_ARRAY_OF_MAPS, of: inner.rawValue)
    defer {
      extendLifetime(inner)
      extendLifetime(outer)
    }
    var (key, value) = (UInt32(0), inner.rawValue)
    let number = outer.rawValue
    try check(
      uninterrupted { bpf_map_update_elem(number, &key, &value, 0) }, "wait for", "running programs"
    )
  }

  private static func make(_ type: bpf_map_type, of inner: CInt?) throws(SystemError)
    -> FileDescriptor
  {
    let number = withZeroed(bpf_map_create_opts.self) { options in
      options.pointee.sz = MemoryLayout<bpf_map_create_opts>.size
      options.pointee.inner_map_fd = UInt32(inner ?? 0)
      return uninterrupted { bpf_map_create(type, "grace", 4, 4, 1, options) }
    }
    return FileDescriptor(rawValue: try check(number, "make a map to", "wait with"))
  }
}
