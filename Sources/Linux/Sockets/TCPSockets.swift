import CLinux
import Glibc

/// A TCP socket of the calling thread's network namespace.
public struct TCPSocket: Sendable {
  public let localPort: UInt16
  /// Octets in network order, 4 or 16 of them.
  public let local: [UInt8]
  public let peer: [UInt8]
  public let peerPort: UInt16
  /// The inode, as in `/proc/PID/fd`: `socket:[INODE]`.
  public let inode: UInt32
  /// The index of the only interface that it takes packets from; 0 is any.
  public let interface: UInt32
}

/// The TCP sockets of the calling thread's network namespace, by `sock_diag`.
public enum TCPSockets {
  /// Which sockets to return; the kernel applies the filter.
  public enum Filter: Sendable {
    case localPorts([UInt16])
    /// Octets in network order, 4 or 16 each.
    case peers([[UInt8]])
    case none
  }

  private static let mostSockets = 8192

  /// Established connections, at most the first few thousand.
  public static func established(_ filter: Filter) throws(SystemError) -> [TCPSocket] {
    try dump(states: 1 << UInt32(TCP_ESTABLISHED), filter)
  }

  /// Connections that something may still come for, at most the first few thousand.
  public static func connected() throws(SystemError) -> [TCPSocket] {
    let states = [TCP_ESTABLISHED, TCP_SYN_SENT, TCP_FIN_WAIT1, TCP_FIN_WAIT2, TCP_CLOSE_WAIT]
    return try dump(states: states.reduce(0) { $0 | 1 << UInt32($1) }, .none)
  }

  /// Listening sockets; their peers are zero.
  public static func listening() throws(SystemError) -> [TCPSocket] {
    try dump(states: 1 << UInt32(TCP_LISTEN), .none)
  }

  /// Dumps both families at once, which only the older of the two requests supports: the kernel walks its whole
  /// connection table for each request.
  private static func dump(states: UInt32, _ filter: Filter) throws(SystemError) -> [TCPSocket] {
    let netlink = try Netlink(NETLINK_SOCK_DIAG, about: "TCP sockets")
    var request = NetlinkPayload()
    request.append(
      inet_diag_req(
        idiag_family: UInt8(AF_UNSPEC), idiag_src_len: 0, idiag_dst_len: 0, idiag_ext: 0,
        id: inet_diag_sockid(), idiag_states: states, idiag_dbs: 0))
    let program = program(filter)
    if !program.isEmpty {
      request.append(attribute: CInt(INET_DIAG_REQ_BYTECODE), program)
    }
    return try netlink.ask(UInt16(TCPDIAG_GETSOCK), dump: true, request, most: mostSockets)
      .compactMap(socket)
  }

  private static func socket(_ message: NetlinkMessage) -> TCPSocket? {
    guard let found = message.structure(inet_diag_msg.self) else { return nil }
    let width = CInt(found.idiag_family) == AF_INET ? 4 : 16
    return TCPSocket(
      localPort: UInt16(bigEndian: found.id.idiag_sport),
      local: withUnsafeBytes(of: found.id.idiag_src) { Array($0.prefix(width)) },
      peer: withUnsafeBytes(of: found.id.idiag_dst) { Array($0.prefix(width)) },
      peerPort: UInt16(bigEndian: found.id.idiag_dport),
      inode: found.idiag_inode, interface: found.id.idiag_if)
  }
}

extension TCPSockets {
  private static func program(_ filter: Filter) -> [UInt8] {
    switch filter {
    case .none: []
    case .localPorts(let ports): anyOf(ports.map(isLocalPort))
    case .peers(let peers): anyOf(peers.map(isPeer))
    }
  }

  private static let operation = MemoryLayout<inet_diag_bc_op>.size

  /// If the condition matches, it continues with the next instruction; otherwise it jumps four octets further.
  private static func isLocalPort(_ port: UInt16) -> [UInt8] {
    var code = NetlinkPayload()
    let size = 2 * operation
    code.append(
      inet_diag_bc_op(
        code: UInt8(INET_DIAG_BC_S_EQ), yes: UInt8(size), no: UInt16(size + operation)))
    code.append(inet_diag_bc_op(code: 0, yes: 0, no: port))
    return code.bytes
  }

  private static func isPeer(_ octets: [UInt8]) -> [UInt8] {
    var code = NetlinkPayload()
    // struct inet_diag_hostcond ends in an array that Swift does not import.
    let size = operation + 8 + octets.count
    code.append(
      inet_diag_bc_op(
        code: UInt8(INET_DIAG_BC_D_COND), yes: UInt8(size), no: UInt16(size + operation)))
    code.bytes += [UInt8(octets.count == 4 ? AF_INET : AF_INET6), UInt8(8 * octets.count), 0, 0]
    code.append(CInt(-1))
    code.bytes += octets
    return code.bytes
  }

  /// Each condition except the last is followed by a jump to the end, which accepts; a position beyond the end rejects.
  private static func anyOf(_ conditions: [[UInt8]]) -> [UInt8] {
    var program: [UInt8] = []
    for condition in conditions.reversed() {
      var code = NetlinkPayload(bytes: condition)
      if !program.isEmpty {
        code.append(
          inet_diag_bc_op(
            code: UInt8(INET_DIAG_BC_JMP), yes: UInt8(operation),
            no: UInt16(operation + program.count)))
      }
      program = code.bytes + program
    }
    return program
  }
}
