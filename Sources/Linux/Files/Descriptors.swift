import Glibc

/// Steps on descriptors by their number, as the standard streams have one. A signal cuts none of them short.
public enum Descriptors {
  /// Reads what there is, as much as fits into a buffer; nil at the end.
  ///
  /// - Parameter subject: What errors call the file, unless by its number.
  /// - Throws: EAGAIN if the descriptor does not block and there is nothing yet.
  ///
  /// The corresponding C function is `read`.
  public static func read(
    _ descriptor: CInt, into buffer: inout [UInt8], named subject: String? = nil
  ) throws(SystemError) -> ArraySlice<UInt8>? {
    let count = buffer.withUnsafeMutableBytes { buffer in
      uninterrupted { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
    }
    try checkErrno(count, "read", subject ?? "descriptor \(descriptor)")
    return count == 0 ? nil : buffer[..<count]
  }

  /// Writes all bytes, or until `wait` says otherwise.
  ///
  /// - Parameters:
  ///   - piece: How many bytes to write at once, at the most.
  ///   - wait: Is called before each piece, and told whether the last one found no room; false gives up the rest.
  /// - Returns: Whether all was written.
  ///
  /// The corresponding C function is `write`.
  public static func write(
    _ bytes: RawSpan, to descriptor: CInt, atMost piece: Int = .max,
    wait: (_ isFull: Bool) -> Bool
  ) throws(SystemError) -> Bool {
    var rest = bytes
    var isFull = false
    while !rest.isEmpty {
      guard wait(isFull) else { return false }
      let count = rest.extracting(first: piece).withUnsafeBytes { next in
        uninterrupted { Glibc.write(descriptor, next.baseAddress, next.count) }
      }
      isFull = count < 0 && Glibc.errno == EAGAIN
      if isFull { continue }
      try checkErrno(count, "write to", "descriptor \(descriptor)")
      rest = rest.extracting(droppingFirst: count)
    }
    return true
  }

  /// Waits until a descriptor can be read, or written to.
  ///
  /// - Parameters:
  ///   - event: `POLLIN` or `POLLOUT`.
  ///   - end: When to give up; nil for never.
  /// - Returns: Whether it can be.
  ///
  /// The corresponding C function is `poll`.
  @discardableResult
  public static func wait(
    for event: CInt, on descriptor: CInt, until end: ContinuousClock.Instant?
  ) -> Bool {
    uninterrupted {
      let left = end.map { ContinuousClock.now.duration(to: $0) / .milliseconds(1) }
      if let left, left <= 0 { return 0 }
      var request = pollfd(fd: descriptor, events: Int16(event), revents: 0)
      return poll(&request, 1, left.map { CInt(min($0.rounded(.up), 1e9)) } ?? -1)
    } > 0
  }
}

/// Does a step again as long as signals cut it short.
///
/// - Returns: What the last attempt returned; below zero the reason is in the global errno.
func uninterrupted<Result: SignedInteger>(_ step: () -> Result) -> Result {
  while true {
    let result = step()
    if result >= 0 || errno != EINTR { return result }
  }
}
