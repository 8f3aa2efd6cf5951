internal import Linux

extension RemoteSession {
  /// Generations of processes between a command and the daemon that let its user in.
  private static let mostAncestors = 64

  /// The session behind the controlling terminal, for a command whose environment tells none: sudo clears it.
  ///
  /// - Throws: What could not be read on the way.
  static func ofTerminal() throws(SystemError) -> RemoteSession? {
    guard Processes.hasTerminal else { return nil }
    var pid = Processes.parent
    for _ in 0..<mostAncestors where pid > 1 {
      let process = try Processes.info(of: pid)
      if let text = try? Processes.variable("SSH_CONNECTION", of: pid),
        let session = RemoteSession(sshConnection: text)
      {
        return session
      }
      if SSHPorts.daemons.contains(process.name), let session = try connection(of: pid) {
        return session
      }
      pid = process.parent
    }
    return nil
  }

  /// What a daemon's process for one session is connected to.
  private static func connection(of pid: Int32) throws(SystemError) -> RemoteSession? {
    let inodes = try Processes.sockets(of: pid)
    let socket = try TCPSockets.established(.none).first { inodes.contains($0.inode) }
    guard let socket, let peer = IPAddress(networkOrder: socket.peer) else { return nil }
    return RemoteSession(
      peer: peer, port: socket.localPort, local: IPAddress(networkOrder: socket.local))
  }
}
