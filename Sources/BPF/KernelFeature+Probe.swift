import CLibBPF
import Glibc

extension KernelFeature {
  /// Tries it with objects that are gone when this returns; no interface that exists is touched.
  ///
  /// The corresponding C functions are `bpf_prog_load`, `bpf_map_create` and those that use what these make.
  public func probe() -> Support {
    let (result, _) = LibBPFLog.collect { attempt() }
    switch result {
    case 0...: return .present
    case -EPERM, -EACCES: return .unknown
    default: return .absent(errno: -result)
    }
  }

  /// Zero or more, or a negated errno.
  private func attempt() -> CInt {
    switch self {
    case .xdpProgram: ProbeProgram.load(ProbeProgram.pass)
    case .xdpFragments: ProbeProgram.load(ProbeProgram.pass, flags: UInt32(BPF_F_XDP_HAS_FRAGS))
    case .atomics: ProbeProgram.load(ProbeProgram.atomics)
    case .jump32: ProbeProgram.load(ProbeProgram.jump32)
    case .xdpLink: ProbeProgram.link()
    case .bootClock: ProbeProgram.helper(BPF_FUNC_ktime_get_boot_ns)
    case .bufferLength: ProbeProgram.helper(BPF_FUNC_xdp_get_buff_len)
    case .testRun: ProbeProgram.run(live: false)
    case .liveFrames: ProbeProgram.run(live: true)
    case .jit: ProbeProgram.isCompiled()
    // As libbpf does: the helper came with the accounting that needs no limit.
    case .unlimitedMemory: ProbeProgram.helper(BPF_FUNC_ktime_get_coarse_ns)
    case .array: ProbeMap(.array).make()
    case .mmapableArray: ProbeMap(.array, flags: UInt32(BPF_F_MMAPABLE)).make()
    case .perCPUArray: ProbeMap(.perCPUArray).make()
    case .hash: ProbeMap(.hash).make()
    case .hashWithoutPreallocation: ProbeMap(.hash, flags: UInt32(BPF_F_NO_PREALLOC)).make()
    case .lruHash: ProbeMap(.lruHash).make()
    case .lpmTrie: ProbeMap.trie.make()
    case .ringBuffer: ProbeMap(.ringBuffer).make()
    case .arrayBatch: ProbeMap(.array).batch()
    case .hashBatch: ProbeMap(.hash).batch()
    case .lruHashBatch: ProbeMap(.lruHash).batch()
    case .lpmTrieBatch: ProbeMap.trie.batch()
    }
  }
}
