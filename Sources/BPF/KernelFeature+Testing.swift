import CLibBPF
import Glibc

extension KernelFeature {
  /// Tests the feature with objects that are freed when this returns; existing interfaces are not touched.
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
    case .xdpProgram: FeatureTestProgram.load(FeatureTestProgram.pass)
    case .xdpFragments:
      FeatureTestProgram.load(FeatureTestProgram.pass, flags: UInt32(BPF_F_XDP_HAS_FRAGS))
    case .atomics: FeatureTestProgram.load(FeatureTestProgram.atomics)
    case .jump32: FeatureTestProgram.load(FeatureTestProgram.jump32)
    case .xdpLink: FeatureTestProgram.link()
    case .bootClock: FeatureTestProgram.helper(BPF_FUNC_ktime_get_boot_ns)
    case .bufferLength: FeatureTestProgram.helper(BPF_FUNC_xdp_get_buff_len)
    case .testRun: FeatureTestProgram.run(live: false)
    case .liveFrames: FeatureTestProgram.run(live: true)
    case .jit: FeatureTestProgram.isCompiled()
    // As in libbpf: the helper was added together with memory accounting that needs no limit.
    case .unlimitedMemory: FeatureTestProgram.helper(BPF_FUNC_ktime_get_coarse_ns)
    case .array: FeatureTestMap(.array).make()
    case .mmapableArray: FeatureTestMap(.array, flags: UInt32(BPF_F_MMAPABLE)).make()
    case .perCPUArray: FeatureTestMap(.perCPUArray).make()
    case .hash: FeatureTestMap(.hash).make()
    case .hashWithoutPreallocation: FeatureTestMap(.hash, flags: UInt32(BPF_F_NO_PREALLOC)).make()
    case .lruHash: FeatureTestMap(.lruHash).make()
    case .lpmTrie: FeatureTestMap.trie.make()
    case .ringBuffer: FeatureTestMap(.ringBuffer).make()
    case .arrayBatch: FeatureTestMap(.array).batch()
    case .hashBatch: FeatureTestMap(.hash).batch()
    case .lruHashBatch: FeatureTestMap(.lruHash).batch()
    case .lpmTrieBatch: FeatureTestMap.trie.batch()
    }
  }
}
