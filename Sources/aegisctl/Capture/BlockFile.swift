import Aegis
import Glibc

/// A file for blocks of bytes. It writes several blocks at a time, and only whole ones.
struct BlockFile: ~Copyable {
  private let descriptor: CInt
  private let path: String
  private var pending: [UInt8] = []
  /// Bytes in the file.
  private var written = 0
  private var failure: AegisError?

  /// Large enough that a caller who flushes at every poll of events waits for the reader of a pipe only there.
  private static let mostPending = 1 << 18

  /// Opens and empties a file, or takes standard output for `-`.
  ///
  /// The corresponding C function is `open` with `O_TRUNC`.
  init(_ path: String) throws(AegisError) {
    let mode = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
    let descriptor = path == "-" ? STDOUT_FILENO : open(path, mode, 0o600)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
    self.descriptor = descriptor
    self.path = path
  }

  /// Writes pending blocks unless writing has failed.
  deinit {
    if failure == nil { _ = DescriptorWriter.write(pending, to: descriptor) }
    if descriptor != STDOUT_FILENO { close(descriptor) }
  }

  /// Adds a block, and writes if many bytes are pending.
  mutating func append(_ block: [UInt8]) throws(AegisError) {
    pending += block
    if pending.count >= Self.mostPending { try flush { _ in true } }
  }

  /// Writes all blocks, unless `wait` gives up as in `EventOutput`; after that, nothing more can be written.
  ///
  /// - Returns: Whether all were written.
  /// - Throws: `failed`, and the same error on every later call. A regular file then ends with a whole block.
  @discardableResult
  mutating func flush(wait: (_ isStuck: Bool) -> Bool) throws(AegisError) -> Bool {
    if let failure { throw failure }
    do throws(OutputError) {
      if try EventOutput.write(pending, to: descriptor, wait: wait) {
        written += pending.count
        pending.removeAll(keepingCapacity: true)
        return true
      }
    } catch {
      if path == "-", error.errno == EPIPE { DescriptorWriter.dieOfSIGPIPE() }
      throw abandon(Self.failure(path, error.errno))
    }
    _ = abandon(Self.failure(path, EINTR))
    return false
  }

  private mutating func abandon(_ failure: AegisError) -> AegisError {
    if path != "-" { ftruncate(descriptor, written) }
    pending = []
    self.failure = failure
    return failure
  }

  private static func failure(_ path: String, _ errno: CInt) -> AegisError {
    let name = path == "-" ? "standard output" : path
    return AegisError(.failed, "cannot write to \(name): \(String(cString: strerror(errno)))")
  }
}
