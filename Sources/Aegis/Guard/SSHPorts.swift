internal import Linux

/// Where SSH daemons listen.
enum SSHPorts {
  /// OpenSSH's names for its processes: since 9.8 one that serves a session is another program.
  static let daemons: Set<String> = ["sshd", "sshd-session"]

  /// What daemons that can be seen listen on, or else the port that is assigned to SSH.
  static func listening() throws(SystemError) -> Set<UInt16> {
    var inodes: Set<UInt32> = []
    for pid in try Processes.named(daemons) {
      // Of others' processes little may be shown.
      inodes.formUnion((try? Processes.sockets(of: pid)) ?? [])
    }
    if !inodes.isEmpty {
      let sockets = try TCPSockets.listening().filter { inodes.contains($0.inode) }
      if !sockets.isEmpty { return Set(sockets.map(\.localPort)) }
    }
    return [22]
  }
}
