import Foundation
import TestSupport
import Testing

/// What the system log is told, by a socket of our own as /dev/log in a mount namespace of our own.
enum SystemLogTrial {
  /// Runs lines of a shell, in which D/ is a directory that goes afterwards.
  ///
  /// - Returns: The first line that the log got.
  static func firstLine(
    of script: String, in namespace: String? = nil, timeout: Int
  ) throws -> String {
    var line = ""
    try TemporaryDirectory.with { directory in
      let whole = """
        mkdir D/dev && mknod -m 666 D/dev/null c 1 3 && mount --bind D/dev /dev
        python3 - <<'END' &
        import socket
        log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        log.bind("/dev/log")
        open("D/ready", "w").close()
        log.settimeout(\(timeout))
        open("D/line", "wb").write(log.recv(65536))
        END
        while [ ! -e D/ready ]; do sleep 0.05; done
        \(script)
        wait
        """
        .replacingOccurrences(of: "D/", with: directory.path + "/")
      let outcome = try Command(
        ["unshare", "--mount", "sh", "-euc", whole], namespace: namespace
      ).run(timeout: Double(timeout) + 40)
      #expect(outcome.status == 0, "\(outcome)")
      line = try String(contentsOfFile: directory.path + "/line", encoding: .utf8)
    }
    return line
  }
}
