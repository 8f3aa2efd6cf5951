import CLibBPF
import Glibc

/// A netlink socket, for questions that have one message as their answer.
struct NetlinkSocket: ~Copyable {
  private let socket: FileDescriptor
  private let subject: String

  /// - Parameter kind: A protocol, such as `NETLINK_GENERIC`.
  init(_ kind: CInt, subject: String) throws(BPFError) {
    let type = CInt(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue)
    socket = FileDescriptor(
      rawValue: try checkErrno(Glibc.socket(AF_NETLINK, type, kind), "make", "netlink socket"))
    self.subject = subject
  }

  /// Sends a message of generic netlink and returns the attributes of the answer.
  func ask(
    _ type: UInt16, command: UInt8, version: UInt8, _ attributes: [UInt8]
  ) throws(BPFError) -> [UInt16: [UInt8]] {
    let head = MemoryLayout<nlmsghdr>.size
    let body: [UInt8] = [command, version, 0, 0] + attributes
    var header = nlmsghdr()
    header.nlmsg_len = UInt32(head + body.count)
    header.nlmsg_type = type
    header.nlmsg_flags = UInt16(NLM_F_REQUEST)
    let message = withUnsafeBytes(of: header, Array.init) + body
    let sent = send(socket.rawValue, message, message.count, 0)
    try checkErrno(CInt(truncatingIfNeeded: sent), "ask netlink about", subject)

    var answer = [UInt8](repeating: 0, count: 16384)
    let count = recv(socket.rawValue, &answer, answer.count, 0)
    try checkErrno(CInt(truncatingIfNeeded: count), "ask netlink about", subject)
    return try payload(of: answer[..<max(count, 0)], head: head)
  }

  private func payload(
    of answer: ArraySlice<UInt8>, head: Int
  ) throws(BPFError) -> [UInt16: [UInt8]] {
    let bytes = Array(answer)
    guard bytes.count >= head + 4 else { throw malformed }
    let header = bytes.withUnsafeBytes { $0.loadUnaligned(as: nlmsghdr.self) }
    if header.nlmsg_type == UInt16(NLMSG_ERROR) {
      let code = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: head, as: Int32.self) }
      throw BPFError(operation: "ask netlink about", subject: subject, errno: -code)
    }
    return Self.attributes(in: bytes.dropFirst(head + MemoryLayout<genlmsghdr>.size))
  }

  private var malformed: BPFError {
    BPFError(operation: "ask netlink about", subject: subject, errno: EBADMSG)
  }

  /// Leaves out the flags for nested values and byte order.
  private static let typeMask: UInt16 = 0x3fff

  /// A length, a type and the value, each rounded up to four bytes.
  static func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
    let head = withUnsafeBytes(of: (UInt16(4 + value.count), type), Array.init)
    let padding = [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
    return head + value + padding
  }

  static func attributes(in bytes: ArraySlice<UInt8>) -> [UInt16: [UInt8]] {
    var found: [UInt16: [UInt8]] = [:]
    var rest = Array(bytes)[...]
    while rest.count >= 4 {
      let (length, type) = rest.withUnsafeBytes {
        (
          Int($0.loadUnaligned(as: UInt16.self)),
          $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)
        )
      }
      guard length >= 4, length <= rest.count else { break }
      found[type & typeMask] = Array(rest.dropFirst(4).prefix(length - 4))
      rest = rest.dropFirst((length + 3) & ~3)
    }
    return found
  }
}
