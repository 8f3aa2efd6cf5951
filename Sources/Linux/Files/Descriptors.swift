public import Glibc

/// Operations on descriptors by number, such as the standard streams. They continue after a signal.
public enum Descriptors {
  /// Reads what is available, as much as fits into a buffer; nil at the end.
  ///
  /// - Parameter subject: The name of the file in errors; by default its number.
  /// - Throws: EAGAIN if the descriptor is non-blocking and there is no data yet.
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

  /// Writes all bytes, or stops when `wait` returns false.
  ///
  /// - Parameters:
  ///   - piece: The maximum number of bytes to write at once.
  ///   - wait: Called before each piece with whether the last one found no room; if it returns false, the rest is not
  ///     written.
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
      let count = try write(rest.extracting(first: piece), to: descriptor)
      isFull = count == nil
      rest = rest.extracting(droppingFirst: count ?? 0)
    }
    return true
  }

  /// Writes as much as there is room for and returns how much it was; nil if a non-blocking descriptor has no room.
  ///
  /// The corresponding C function is `write`.
  public static func write(_ bytes: RawSpan, to descriptor: CInt) throws(SystemError) -> Int? {
    let count = bytes.withUnsafeBytes { bytes in
      uninterrupted { Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
    }
    if count < 0, Glibc.errno == EAGAIN { return nil }
    return try checkErrno(count, "write to", "descriptor \(descriptor)")
  }

  /// Waits until a descriptor is ready for reading or writing.
  ///
  /// - Parameters:
  ///   - event: `POLLIN` or `POLLOUT`.
  ///   - end: When to give up; nil for never.
  /// - Returns: Whether it is ready.
  ///
  /// The corresponding C function is `poll`.
  @discardableResult
  public static func wait(
    for event: CInt, on descriptor: CInt, until end: ContinuousClock.Instant?
  ) -> Bool {
    var requests = [pollfd(fd: descriptor, events: Int16(event), revents: 0)]
    return wait(for: &requests, until: end)
  }

  /// The same for several descriptors, of which negative ones are ignored. Looks at them once even after the end.
  ///
  /// - Returns: Whether one is ready.
  @discardableResult
  public static func wait(
    for requests: inout [pollfd], until end: ContinuousClock.Instant?
  ) -> Bool {
    uninterrupted {
      let left = end.map { ContinuousClock.now.duration(to: $0) / .milliseconds(1) }
      return poll(
        &requests, nfds_t(requests.count),
        left.map { CInt(max(0, min($0.rounded(.up), 1e9))) } ?? -1)
    } > 0
  }
}

/// Repeats a call while signals interrupt it.
///
/// - Returns: The result of the last attempt; below zero, the reason is in the global errno.
func uninterrupted<Result: SignedInteger>(_ step: () -> Result) -> Result {
  while true {
    let result = step()
    if result >= 0 || errno != EINTR { return result }
  }
}
