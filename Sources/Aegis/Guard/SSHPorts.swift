internal import Linux

/// The ports that SSH daemons listen on.
enum SSHPorts {
  /// OpenSSH's process names: since 9.8, a separate program serves each session.
  static let daemons: Set<String> = ["sshd", "sshd-session"]

  /// The ports that visible daemons listen on, or else the port that is assigned to SSH.
  static func listening() throws(SystemError) -> Set<UInt16> {
    var inodes: Set<UInt32> = []
    for pid in try Processes.named(daemons) {
      // Processes of other users may be hidden.
      inodes.formUnion((try? Processes.sockets(of: pid)) ?? [])
    }
    if !inodes.isEmpty {
      let sockets = try TCPSockets.listening().filter { inodes.contains($0.inode) }
      if !sockets.isEmpty { return Set(sockets.map(\.localPort)) }
    }
    return [22]
  }
}
