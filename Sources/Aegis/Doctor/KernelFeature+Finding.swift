internal import BPF

extension KernelFeature {
  /// What it is called in findings.
  var check: String {
    switch self {
    case .xdpProgram: "xdp.program"
    case .xdpFragments: "xdp.fragments"
    case .xdpLink: "xdp.link"
    case .bootClock: "helper.boot-clock"
    case .bufferLength: "helper.buffer-length"
    case .atomics: "cpu.atomics"
    case .jump32: "cpu.jump32"
    case .array: "map.array"
    case .mmapableArray: "map.array-mmapable"
    case .perCPUArray: "map.percpu-array"
    case .hash: "map.hash"
    case .hashWithoutPreallocation: "map.hash-no-prealloc"
    case .lruHash: "map.lru-hash"
    case .lpmTrie: "map.lpm-trie"
    case .ringBuffer: "map.ring-buffer"
    case .arrayBatch: "batch.array"
    case .hashBatch: "batch.hash"
    case .lruHashBatch: "batch.lru-hash"
    case .lpmTrieBatch: "batch.lpm-trie"
    case .testRun: "test-run"
    case .liveFrames: "test-run.live"
    case .jit: "jit"
    case .unlimitedMemory: "memlock"
    }
  }

  /// What its absence means.
  var consequence: (level: Finding.Level, reason: String, fix: String?) {
    switch self {
    case .xdpProgram, .xdpFragments, .bootClock, .bufferLength, .atomics, .jump32:
      (.error, "the datapath needs it: load is refused", nil)
    case .array, .mmapableArray, .perCPUArray, .hash, .hashWithoutPreallocation, .lruHash, .lpmTrie,
      .ringBuffer:
      (.error, "the datapath keeps its state in it: load is refused", nil)
    case .xdpLink:
      (.error, "attach makes one, so that no other program can displace the datapath", nil)
    case .arrayBatch, .hashBatch, .lruHashBatch, .lpmTrieBatch:
      (.warning, "lists are written and read one entry at a time, 2 to 7 times slower", nil)
    case .testRun:
      (.warning, "the datapath does without, but why, replay and latency do not", nil)
    case .liveFrames:
      (.warning, "the datapath does without; only its tests and benchmarks need it", nil)
    case .jit:
      (
        .warning, "every packet is interpreted, some ten times slower",
        "sysctl -w net.core.bpf_jit_enable=1"
      )
    case .unlimitedMemory:
      (.warning, "maps count against RLIMIT_MEMLOCK", "ulimit -l unlimited")
    }
  }
}
