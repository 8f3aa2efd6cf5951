import Aegis
import CLibPCap
import Glibc

/// The packets of a capture file, in file order.
struct CaptureReader: ~Copyable {
  private let capture: OpaquePointer
  private let filter: OpaquePointer?
  private let link: LinkType
  private let name: String
  private var number = 0

  /// Opens a file in libpcap's or pcapng's format, or standard input for `-`.
  ///
  /// - Parameter expression: Leaves out packets that do not match, as `tcpdump` does; names in it are not resolved.
  /// - Throws: `badInput` if the file cannot be read or is not a capture of a supported link, `usage` if the
  ///   expression is wrong.
  ///
  /// The corresponding C functions are `pcap_fopen_offline_with_tstamp_precision` and `pcap_compile`.
  init(_ path: String, filter expression: String? = nil) throws(AegisError) {
    let name = path == "-" ? "standard input" : path
    let capture = try CaptureFile.open(path, named: name)
    let link: LinkType
    let filter: OpaquePointer?
    do throws(AegisError) {
      link = try CaptureFile.link(capture, named: name)
      filter = try expression.map { text throws(AegisError) in
        try CaptureFilter.compile(text, for: capture)
      }
    } catch {
      pcap_close(capture)
      throw error
    }
    self.capture = capture
    self.filter = filter
    self.link = link
    self.name = name
  }

  deinit {
    capture_free(filter)
    pcap_close(capture)
  }

  /// The next packet that matches the filter, or nil at the end.
  ///
  /// - Throws: `badInput` for a packet that cannot be read; no packets follow it.
  ///
  /// The corresponding C function is `pcap_next_ex`.
  mutating func next() throws(AegisError) -> CapturedFrame? {
    while true {
      var packet = capture_packet()
      let result = capture_next(capture, &packet)
      if result == CAPTURE_END { return nil }
      number += 1
      guard result == 1 else { throw refusal(String(cString: pcap_geterr(capture))) }
      if let filter, capture_matches(filter, &packet) == 0 { continue }
      return try frame(packet)
    }
  }

  private func frame(_ packet: capture_packet) throws(AegisError) -> CapturedFrame {
    guard let data = packet.bytes else { throw refusal("has no bytes") }
    let captured = Span(_unsafeStart: data, count: Int(packet.captured))
    let onWire = max(captured.count, Int(packet.length))
    let start = link.headerLength
    guard captured.count >= start else {
      return CapturedFrame(
        time: time(packet), bytes: [], capturedLength: 0, originalLength: 0, number: number,
        direction: nil)
    }
    let originalLength = link.madeLength + onWire - start
    let length = min(originalLength, CapturedFrame.mostBytes)
    var bytes = [UInt8]()
    bytes.reserveCapacity(length)
    bytes += link.header(captured, payload: onWire - start)
    let rest = UnsafeBufferPointer(start: data + start, count: captured.count - start)
    bytes += rest.prefix(length - bytes.count)
    let capturedLength = bytes.count
    bytes += repeatElement(0, count: length - capturedLength)
    return CapturedFrame(
      time: time(packet), bytes: bytes, capturedLength: capturedLength,
      originalLength: originalLength, number: number, direction: link.direction(captured))
  }

  /// Nanoseconds since the Unix epoch.
  private func time(_ packet: capture_packet) -> Int64 {
    var seconds = Int128(packet.seconds)
    // libpcap's own format has unsigned 32-bit seconds, which libpcap treats as signed.
    if seconds < 0, pcap_major_version(capture) == CAPTURE_MAJOR_VERSION { seconds += 1 << 32 }
    return Int64(clamping: seconds * 1_000_000_000 + Int128(packet.nanoseconds))
  }

  private func refusal(_ problem: String) -> AegisError {
    AegisError(.badInput, "\(name): packet \(number): \(problem)")
  }
}
