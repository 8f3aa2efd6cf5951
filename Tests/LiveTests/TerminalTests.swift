import Foundation
import TestSupport
import Testing

extension Kernel {
  /// A session that no variable tells of, as under sudo.
  struct TerminalTests {
    /// A daemon by the name of sshd that lets one client in and runs a command on a terminal for it.
    private static let daemon = """
      import ctypes, os, pty, socket, sys
      ctypes.CDLL(None).prctl(15, b"sshd", 0, 0, 0)
      server = socket.create_server((sys.argv[1], int(sys.argv[2])))
      session, _ = server.accept()
      if sys.argv[3] == "environment":
          os.environ["SSH_CONNECTION"] = "203.0.113.7 50000 192.0.2.1 22"
      pid, terminal = pty.fork()
      if pid == 0:
          script = 'env -u SSH_CONNECTION "$@"; exit $?'
          os.execvp("sh", ["sh", "-c", script, "sh"] + sys.argv[4:])
      try:
          while data := os.read(terminal, 4096):
              os.write(1, data)
      except OSError:
          pass
      sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
      """

    @Test(arguments: [
      ("socket", "192.0.2.9", "192.0.2.9 to port 2222"),
      ("environment", "203.0.113.0/24", "203.0.113.7 to port 22"),
    ])
    func isFoundByItsTerminal(_ way: String, _ drop: String, _ session: String) throws {
      let host = try GuardedHost(connected: [])
      let sandbox = host.live.sandbox
      let call = host.live.aegis.command(["drop-ip", drop])
      let daemon = try Command(
        ["python3", "-c", Self.daemon, sandbox.host.v4, "2222", way] + call.arguments,
        environment: call.environment, namespace: sandbox.host.namespace
      ).start()
      let start = Date()
      var connection: Connection?
      while connection == nil, Date().timeIntervalSince(start) < 10 {
        connection = try? sandbox.connection(from: GuardedHost.client, to: 2222)
        if connection == nil { Thread.sleep(forTimeInterval: 0.05) }
      }
      let outcome = try daemon.wait()
      #expect(outcome.status == 79, "\(outcome)")
      #expect(outcome.output.contains("your SSH session from \(session)"), "\(outcome)")
      withExtendedLifetime(connection) {}
    }

    /// Where a daemon of that name listens, its connections count, and those to port 22 do not.
    @Test func portsAreThoseOfTheDaemon() throws {
      let host = try GuardedHost()
      let sandbox = host.live.sandbox
      let idle = """
        import ctypes, socket, sys, time
        ctypes.CDLL(None).prctl(15, b"sshd", 0, 0, 0)
        server = socket.create_server((sys.argv[1], 2222))
        time.sleep(30)
        """
      let daemon = try Command(
        ["python3", "-c", idle, sandbox.host.v4], namespace: sandbox.host.namespace
      ).start()
      defer { daemon.signal(SIGKILL) }
      let start = Date()
      var connection: Connection?
      while connection == nil, Date().timeIntervalSince(start) < 10 {
        connection = try? sandbox.connection(from: sandbox.peer.v4, to: 2222)
        if connection == nil { Thread.sleep(forTimeInterval: 0.05) }
      }
      let nobody = "127.0.0.1 50000 127.0.0.1 2222"
      let refused = try host.run(["drop-ip", sandbox.peer.v4], session: nobody)
      #expect(refused.error.contains("the SSH session from \(sandbox.peer.v4) to port 2222"))
      let done = try host.run(["drop-ip", GuardedHost.client], session: nobody)
      #expect(done.status == 0, "\(done)")
      withExtendedLifetime(connection) {}
    }
  }
}
