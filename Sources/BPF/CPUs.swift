import CLibBPF
public import Linux

/// The processors as BPF counts them.
public enum CPUs {
  /// How many there may ever be, which is how many values an entry of a per-CPU map has.
  ///
  /// The corresponding C function is `libbpf_num_possible_cpus`.
  public static func possible() throws(SystemError) -> Int {
    let (count, log) = LibBPFLog.collect { libbpf_num_possible_cpus() }
    return Int(try check(count, "count", "the processors", log: log))
  }
}
