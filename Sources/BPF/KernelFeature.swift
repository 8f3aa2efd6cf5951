/// A feature that a kernel may lack, detected by trying it.
public enum KernelFeature: String, Sendable, CaseIterable {
  case xdpProgram, xdpFragments, xdpLink, bootClock, bufferLength, atomics, jump32
  case array, mmapableArray, perCPUArray, hash, hashWithoutPreallocation, lruHash, lpmTrie,
    ringBuffer
  case arrayBatch, hashBatch, lruHashBatch, lpmTrieBatch
  case testRun, liveFrames, jit, unlimitedMemory

  /// The result of a test.
  public enum Support: Sendable, Equatable {
    case present
    /// Refused with this error number.
    case absent(errno: CInt)
    /// The test was not possible: the caller lacks permission.
    case unknown
  }
}
