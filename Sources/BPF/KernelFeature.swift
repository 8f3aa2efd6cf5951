/// Something a kernel may lack, found out by trying it.
public enum KernelFeature: String, Sendable, CaseIterable {
  case xdpProgram, xdpFragments, xdpLink, bootClock, bufferLength, atomics, jump32
  case array, mmapableArray, perCPUArray, hash, hashWithoutPreallocation, lruHash, lpmTrie,
    ringBuffer
  case arrayBatch, hashBatch, lruHashBatch, lpmTrieBatch
  case testRun, liveFrames, jit, unlimitedMemory

  /// What trying it came to.
  public enum Support: Sendable, Equatable {
    case present
    /// Refused with this error number.
    case absent(errno: CInt)
    /// It could not be tried: the caller may not.
    case unknown
  }
}
