import CLibBPF
public import Linux

/// The CPUs as counted by BPF.
public enum CPUs {
  /// The number of possible CPUs, which is the number of values in an entry of a per-CPU map.
  ///
  /// The corresponding C function is `libbpf_num_possible_cpus`.
  public static func possible() throws(SystemError) -> Int {
    let (count, log) = LibBPFLog.collect { libbpf_num_possible_cpus() }
    return Int(try check(count, "count", "the processors", log: log))
  }
}
