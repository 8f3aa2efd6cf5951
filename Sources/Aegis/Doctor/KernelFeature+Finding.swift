internal import BPF

extension KernelFeature {
  /// Its name in findings.
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

  /// The consequence of its absence.
  var consequence: (level: Finding.Level, reason: String, fix: String?) {
    switch self {
    case .xdpProgram, .xdpFragments, .bootClock, .bufferLength, .atomics, .jump32:
      (.error, "the datapath needs it: load would fail", nil)
    case .array, .mmapableArray, .perCPUArray, .hash, .hashWithoutPreallocation, .lruHash, .lpmTrie,
      .ringBuffer:
      (.error, "the datapath stores its state in it: load would fail", nil)
    case .xdpLink:
      (.error, "attach uses a BPF link, so that no other program can replace the datapath", nil)
    case .arrayBatch, .hashBatch, .lruHashBatch, .lpmTrieBatch:
      (.warning, "lists are written and read one entry at a time, 2 to 7 times slower", nil)
    case .testRun:
      (.warning, "the datapath does not need it, but why, replay and latency do", nil)
    case .liveFrames:
      (.warning, "only the tests and benchmarks need it", nil)
    case .jit:
      (
        .warning, "the kernel interprets the program, which is about ten times slower",
        "sysctl -w net.core.bpf_jit_enable=1"
      )
    case .unlimitedMemory:
      (.warning, "maps count against RLIMIT_MEMLOCK", "ulimit -l unlimited")
    }
  }
}
