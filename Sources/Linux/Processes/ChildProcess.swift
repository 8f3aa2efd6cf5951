import Glibc

/// Runs other programs.
public enum ChildProcess {
  /// Runs a program, found in PATH or by a path, and waits for it. It gets this process's standard streams and runs in
  /// the namespaces of the calling thread.
  ///
  /// - Returns: Its exit status; 128 plus the signal number if a signal ended it, as in a shell.
  ///
  /// The corresponding C function is `posix_spawnp`.
  public static func run(_ arguments: [String]) throws(SystemError) -> CInt {
    try measure(arguments).status
  }

  /// Runs a program as `run` does.
  ///
  /// - Returns: Also its peak memory use in bytes, and its CPU time in seconds.
  ///
  /// The corresponding C function is `wait4`.
  public static func measure(
    _ arguments: [String]
  ) throws(SystemError) -> (status: CInt, peakMemory: UInt64, seconds: Double) {
    let subject = arguments.first ?? ""
    let pointers = arguments.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    var child: pid_t = 0
    let code = posix_spawnp(&child, subject, nil, nil, pointers + [nil], environ)
    guard code == 0 else { throw SystemError(operation: "run", subject: subject, errno: code) }
    var status: CInt = 0
    var usage = rusage()
    try checkErrno(
      uninterrupted { wait4(child, &status, 0, &usage) }, "wait for", subject)
    let signal = status & 0x7f
    let times = [usage.ru_utime, usage.ru_stime].map {
      Double($0.tv_sec) + Double($0.tv_usec) / 1e6
    }
    return (
      signal == 0 ? status >> 8 & 0xff : 128 + signal, UInt64(usage.ru_maxrss) * 1024,
      times[0] + times[1]
    )
  }
}
