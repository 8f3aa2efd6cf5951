import CLibBPF
import Glibc

/// What the kernel says about a map, and the memory in bytes that follows from it.
///
/// `memlock` has two meanings. Since Linux 6.4 it is what `map_mem_usage` of the map's type returns, which for most
/// types is all that was allocated. Before, it is the keys and values that the map has room for
/// (`bpf_map_memory_footprint` in kernel/bpf/syscall.c), whether it holds them or not, without what surrounds them.
/// Here are estimates for the types where that makes a difference; compared with memory cgroups of Linux 6.1 and 6.18,
/// they are within a hundredth for full maps of some megabytes.
///
/// No figure has what the allocator keeps for itself: per-CPU values cost two bytes more for each that one CPU has
/// (`pcpu_alloc_chunk` in mm/percpu.c), which is as much again on two CPUs and little on many. Nor has any the 12 KB of
/// a map without entries, or entries that are free and kept for later, about a hundred a CPU.
struct MapMemory {
  /// One of `enum bpf_map_type`; 0 for a program.
  private let type: UInt32
  let keySize: UInt64
  private let valueSize: UInt64
  private let capacity: UInt64
  private let flags: UInt64
  private let memlock: UInt64
  let isPerCPU: Bool

  /// Reads what a file in /proc/self/fdinfo says; what is absent is 0.
  init(fromInfo text: UnsafePointer<CChar>) {
    func number(_ name: StaticString) -> UInt64 {
      let name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
      return strstr(text, name).map { UInt64(strtoull($0 + strlen(name), nil, 0)) } ?? 0
    }
    type = UInt32(truncatingIfNeeded: number("\nmap_type:"))
    keySize = number("\nkey_size:")
    valueSize = number("\nvalue_size:")
    capacity = number("\nmax_entries:")
    flags = number("\nmap_flags:")
    memlock = number("\nmemlock:")
    isPerCPU = bpf_map_type(type) == BPF_MAP_TYPE_PERCPU_HASH
  }

  /// - Parameter count: Counts the entries; only called where the kernel does not tell.
  func bytes(count: () -> UInt64) -> UInt64 {
    switch bpf_map_type(type) {
    case BPF_MAP_TYPE_LPM_TRIE where keySize > 4: trie(count)
    case BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_LRU_HASH: hash(count)
    case BPF_MAP_TYPE_PERCPU_HASH where isFootprint: perCPUHash(count)
    case BPF_MAP_TYPE_ARRAY where isFootprint: capacity * Self.round(valueSize, to: 8)
    // It has neither keys nor values.
    case BPF_MAP_TYPE_RINGBUF: max(memlock, capacity)
    default: memlock
    }
  }

  /// Whether `memlock` only says what the map has room for. If another figure happens to be equal, an estimate is made
  /// that is not needed.
  private var isFootprint: Bool {
    let page = UInt64(sysconf(CInt(_SC_PAGESIZE)))
    if memlock % page != 0 { return false }
    let entry = Self.round(keySize + (isPerCPU ? perCPUValueSize : valueSize), to: 8)
    return memlock == Self.round(capacity * entry, to: page)
  }

  /// Two prefixes of which neither contains the other meet in a node without a value, so there is about one for each
  /// entry. One that contains another saves a node: where all are pairs of one in the other, this is a quarter to a
  /// third too much. `trie_mem_usage` in kernel/bpf/lpm_trie.c counts the entries, each without what `kmalloc` rounds
  /// up.
  private func trie(_ count: () -> UInt64) -> UInt64 {
    let data = keySize - 4
    // struct lpm_trie_node: two children, the length, flags. Nodes of all kinds come from bpf_mem_alloc, which links
    // those that are free.
    let node = 24 + data + valueSize
    // Before Linux 6.13 and stable releases of its time: a struct rcu_head as well, and no room for a value where there
    // is none.
    let older = 40 + data + valueSize
    let (isNewer, isOlder) = (memlock % node == 0, memlock % older == 0)
    let entries =
      isFootprint || isNewer && isOlder && memlock > 0
      ? count() : memlock / (isOlder ? older : node)
    if !isFootprint && entries * node == memlock { return entries * 2 * Self.allocated(node + 8) }
    return entries * (Self.allocated(older) + Self.allocated(40 + data))
  }

  /// `htab_map_mem_usage` in kernel/bpf/hashtab.c, with what `kmalloc` rounds up.
  private func hash(_ count: () -> UInt64) -> UInt64 {
    let buckets = 16 * Self.powerOfTwo(capacity)
    let element = 48 + Self.round(keySize, to: 8) + Self.round(valueSize, to: 8)
    let isFootprint = isFootprint
    if flags & UInt64(BPF_F_NO_PREALLOC) == 0 {
      return isFootprint ? buckets + capacity * element : memlock
    }
    guard isFootprint || memlock >= buckets else { return memlock }
    let entries = isFootprint ? count() : (memlock - buckets) / (element + 8)
    return buckets + entries * Self.allocated(element + 8)
  }

  /// The element has a pointer to the values, beside which lies one that links free ones.
  private func perCPUHash(_ count: () -> UInt64) -> UInt64 {
    let element = 48 + Self.round(keySize, to: 8) + 8
    let entry = Self.allocated(element + 8) + Self.allocated(16) + perCPUValueSize
    return 16 * Self.powerOfTwo(capacity) + count() * entry
  }

  private var perCPUValueSize: UInt64 {
    Self.round(valueSize, to: 8) * UInt64((try? CPUs.possible()) ?? 1)
  }

  /// What `kmalloc` takes for an object: its size class, and the pointer to the cgroup that it is charged to.
  private static func allocated(_ size: UInt64) -> UInt64 {
    let power = powerOfTwo(size)
    let less = power / 4 * 3
    // The classes that are no powers of two.
    return (size <= less && (less == 96 || less == 192) ? less : power) + 8
  }

  private static func powerOfTwo(_ least: UInt64) -> UInt64 {
    least <= 1 ? 1 : 1 << (64 - UInt64((least - 1).leadingZeroBitCount))
  }

  private static func round(_ size: UInt64, to unit: UInt64) -> UInt64 {
    (size + unit - 1) / unit * unit
  }
}
