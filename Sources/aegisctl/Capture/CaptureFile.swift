import Aegis
import CLibPCap
import Glibc

/// The libpcap functions behind a `CaptureReader`.
enum CaptureFile {
  /// An open capture with time stamps in nanoseconds, for `pcap_close`.
  static func open(_ path: String, named name: String) throws(AegisError) -> OpaquePointer {
    // A duplicate, so that closing the capture leaves standard input open.
    let descriptor =
      path == "-"
      ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, CInt(0)) : Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(name, errno) }
    guard let file = fdopen(descriptor, "r") else {
      let error = unreadable(name, errno)
      close(descriptor)
      throw error
    }
    do throws(AegisError) {
      return try open(file, named: name)
    } catch {
      fclose(file)
      throw error
    }
  }

  private static func open(
    _ file: UnsafeMutablePointer<FILE>, named name: String
  ) throws(AegisError) -> OpaquePointer {
    // Opening a directory succeeds; only reading it fails.
    errno = 0
    let first = getc(file)
    if first == EOF, ferror(file) != 0 { throw unreadable(name, errno) }
    if first == EOF { throw AegisError(.badInput, "\(name): is empty", hint: hint) }
    ungetc(first, file)
    var problem = [CChar](repeating: 0, count: Int(CAPTURE_ERROR_SIZE))
    if let capture = capture_open(file, &problem) { return capture }
    let isCompressed = first == 0x1f || first == 0x28
    throw AegisError(
      .badInput, "\(name): is not a capture: \(text(problem))",
      hint: isCompressed ? "decompress it first" : hint)
  }

  private static let hint = "a capture is what tcpdump -w or dumpcap write, pcap or pcapng"

  /// The link type of the packets.
  static func link(_ capture: OpaquePointer, named name: String) throws(AegisError) -> LinkType {
    let number = pcap_datalink(capture)
    if let link = LinkType(number) { return link }
    let known = pcap_datalink_val_to_name(number).map { String(cString: $0) }
    throw AegisError(
      .badInput, "\(name): is a capture of link type \(known ?? String(number))",
      hint: "Ethernet, IP, loopback and Linux cooked captures (-i any) can be read")
  }

  private static func text(_ problem: [CChar]) -> String {
    String(decoding: problem.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func unreadable(_ name: String, _ errno: CInt) -> AegisError {
    AegisError(.badInput, "cannot read \(name): \(String(cString: strerror(errno)))")
  }
}
