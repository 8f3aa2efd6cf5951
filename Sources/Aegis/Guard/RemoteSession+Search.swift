internal import Linux

extension RemoteSession {
  /// The maximum number of processes between a command and the daemon that accepted its user.
  private static let mostAncestors = 64

  /// The session of the controlling terminal, for a command whose environment does not name one: sudo clears it.
  ///
  /// - Throws: The first error during the search.
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

  /// The connection of a daemon's process that serves one session.
  private static func connection(of pid: Int32) throws(SystemError) -> RemoteSession? {
    let inodes = try Processes.sockets(of: pid)
    let socket = try TCPSockets.established(.none).first { inodes.contains($0.inode) }
    guard let socket, let peer = IPAddress(networkOrder: socket.peer) else { return nil }
    return RemoteSession(
      peer: peer, port: socket.localPort, local: IPAddress(networkOrder: socket.local))
  }
}
