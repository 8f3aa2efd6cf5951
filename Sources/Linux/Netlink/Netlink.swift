import CLinux
import Glibc

/// A socket for kernel queries about the network namespace of the thread that created it.
struct Netlink: ~Copyable {
  private let socket: FileDescriptor
  private let subject: String

  /// - Parameters:
  ///   - family: `NETLINK_ROUTE` or `NETLINK_SOCK_DIAG`.
  ///   - subject: The name of the queried object in errors.
  ///
  /// The corresponding C function is `socket`.
  init(_ family: CInt, about subject: String) throws(SystemError) {
    let type = CInt(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue)
    socket = FileDescriptor(
      rawValue: try checkErrno(Glibc.socket(AF_NETLINK, type, family), "ask about", subject))
    self.subject = subject
  }

  /// Makes the kernel apply the filters in a dump request; older kernels do not support this and dump everything.
  ///
  /// The corresponding C function is `setsockopt`.
  func setStrict() {
    var on: CInt = 1
    setsockopt(
      socket.rawValue, CInt(SOL_NETLINK), CInt(NETLINK_GET_STRICT_CHK), &on,
      socklen_t(MemoryLayout<CInt>.size))
  }

  /// Sends a request and returns the answers; for a dump, about `most` at the most.
  ///
  /// - Parameter flags: Further ones. A request that changes something needs `NLM_F_ACK`, or nothing answers.
  ///
  /// The corresponding C functions are `send` and `recv`.
  func ask(
    _ type: UInt16, dump: Bool = false, _ payload: NetlinkPayload, most: Int = .max,
    flags: CInt = 0
  ) throws(SystemError) -> [NetlinkMessage] {
    var request = NetlinkPayload()
    request.append(
      nlmsghdr(
        nlmsg_len: UInt32(MemoryLayout<nlmsghdr>.size + payload.bytes.count), nlmsg_type: type,
        nlmsg_flags: UInt16(NLM_F_REQUEST | flags)
          | (dump ? UInt16(NLM_F_ROOT | NLM_F_MATCH) : 0),
        nlmsg_seq: 1, nlmsg_pid: 0))
    request.bytes += payload.bytes
    let number = socket.rawValue
    try checkErrno(
      uninterrupted { send(number, request.bytes, request.bytes.count, 0) }, "ask about", subject)
    var messages: [NetlinkMessage] = []
    var buffer = [UInt8](repeating: 0, count: 32_768)
    while messages.count < most {
      let count = try checkErrno(
        uninterrupted { recv(number, &buffer, buffer.count, 0) }, "ask about", subject)
      if try take(buffer[..<count], into: &messages) || !dump { break }
    }
    return messages
  }

  /// Returns whether that was the last of a dump.
  private func take(
    _ datagram: ArraySlice<UInt8>, into messages: inout [NetlinkMessage]
  ) throws(SystemError) -> Bool {
    var rest = datagram
    while let header = NetlinkMessage.load(nlmsghdr.self, from: rest) {
      let length = Int(header.nlmsg_len)
      guard length >= MemoryLayout<nlmsghdr>.size, length <= rest.count else { break }
      let body = rest.prefix(length).dropFirst(MemoryLayout<nlmsghdr>.size)
      rest = rest.dropFirst((length + 3) & ~3)
      switch CInt(header.nlmsg_type) {
      case NLMSG_DONE, NLMSG_ERROR:
        let code = NetlinkMessage.load(CInt.self, from: body) ?? 0
        if code < 0 {
          throw SystemError(operation: "ask about", subject: subject, errno: -code)
        }
        return true
      default: messages.append(NetlinkMessage(bytes: Array(body)))
      }
    }
    return false
  }
}
