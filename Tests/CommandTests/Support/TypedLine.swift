import Foundation
import TestSupport

/// Types a line and a TAB into a real shell on a terminal, and tells what it has become.
enum TypedLine {
  static let shells = ["bash", "zsh", "fish"].filter { Tool.isExpected($0) }

  /// - Returns: The line, without backslashes and the space at its end.
  static func afterTab(_ line: String, in shell: String, _ instance: Aegisctl) throws -> String {
    try TemporaryDirectory.with { directory in
      let script = try Aegisctl().run(["completion", shell]).output
      _ = try directory.file("_aegisctl", Data(script.utf8))
      let driver = try directory.file("driver.py", Data(self.driver.utf8))
      try Command(["ln", "-s", BuiltBinary.path("aegisctl"), directory.path + "/aegisctl"])
        .succeed()
      let output = try Command(
        ["python3", driver, shell, directory.path, line],
        environment: [
          "AEGIS_PIN_ROOT": instance.root,
          "PATH": directory.path + ":/usr/sbin:/usr/bin:/sbin:/bin",
          "TERM": "vt100", "HOME": directory.path,
        ]
      ).succeed()
      return output.replacingOccurrences(of: "\\", with: "").trimmingCharacters(
        in: .whitespacesAndNewlines)
    }
  }

  private static let driver = #"""
    import os, pty, select, signal, sys, time

    shell, place, line = sys.argv[1:]
    ready, result = place + "/ready", place + "/result"
    commands = {
      "bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"],
      "fish": ["fish", "--no-config", "-i"],
    }
    setup = {
      "bash": f"source {place}/_aegisctl; "
        f"tell() {{ printf %s \"$READLINE_LINE\" >{result}; }}; bind -x '\"\\C-g\": tell'",
      "zsh": f"fpath=({place} $fpath); autoload -U compinit; compinit -u -D; "
        f"tell() {{ print -rn -- \"$BUFFER\" >{result} }}; zle -N tell; bindkey '^G' tell",
      "fish": f"source {place}/_aegisctl; bind \\cg 'commandline >{result}'",
    }
    pid, terminal = pty.fork()
    if pid == 0:
      os.execvp(commands[shell][0], commands[shell])

    def write(text):
      os.write(terminal, text.encode())

    def wait(path, again=None):
      end = time.time() + 60
      while time.time() < end:
        if os.path.exists(path) and (path == ready or os.path.getsize(path)):
          return
        if select.select([terminal], [], [], 0.1)[0]:
          os.read(terminal, 4096)
        elif again:
          write(again)
      sys.exit(f"no {path}")

    try:
      write(setup[shell] + f"; echo >{ready}\r")
      wait(ready)
      write(line + "\t")
      # The shell reads on once it has completed.
      time.sleep(0.2)
      wait(result, "\x07")
      time.sleep(0.1)
      print(open(result).read())
    finally:
      os.kill(pid, signal.SIGKILL)
    """#
}
