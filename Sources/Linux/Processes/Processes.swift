internal import CLinux
import Glibc

/// Information about processes from `/proc`; with `hidepid` or without privilege, little may be visible.
public enum Processes {
  /// The CPU that the calling thread runs on; 0 if that cannot be determined.
  ///
  /// The corresponding C function is `sched_getcpu`.
  public static var currentCPU: UInt32 { UInt32(max(0, sched_getcpu())) }

  /// The parent of the calling process.
  ///
  /// The corresponding C function is `getppid`.
  public static var parent: Int32 { getppid() }

  /// Whether the calling process has a controlling terminal.
  ///
  /// The corresponding C function is `open`.
  public static var hasTerminal: Bool {
    let number = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    if number >= 0 { close(number) }
    return number >= 0
  }

  /// The name of a process, of at most 15 bytes, and its parent.
  public static func info(of pid: Int32) throws(SystemError) -> (name: String, parent: Int32) {
    let path = "/proc/\(pid)/stat"
    let text = try readFile(path)
    // pid (name) state parent …; the name may itself contain brackets and blanks.
    guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close,
      let parent = text[close...].split(separator: " ").dropFirst(2).first.flatMap({ Int32($0) })
    else { throw SystemError(operation: "read", subject: path, errno: EINVAL) }
    return (String(text[text.index(after: open)..<close]), parent)
  }

  /// An environment variable that a process was started with.
  public static func variable(_ name: String, of pid: Int32) throws(SystemError) -> String? {
    let environment = try readFile("/proc/\(pid)/environ", limit: 1 << 17)
    let line = environment.split(separator: "\0").first { $0.hasPrefix(name + "=") }
    return line.map { String($0.dropFirst(name.utf8.count + 1)) }
  }

  /// The inodes of the sockets that a process has open.
  public static func sockets(of pid: Int32) throws(SystemError) -> Set<UInt32> {
    let directory = "/proc/\(pid)/fd"
    let prefix = "socket:["
    var inodes: Set<UInt32> = []
    for name in try FileSystem.list(directory) {
      // A descriptor that was closed meanwhile is skipped.
      guard let target = try? FileSystem.readlink("\(directory)/\(name)"), target.hasPrefix(prefix)
      else { continue }
      if let inode = UInt32(target.dropFirst(prefix.count).dropLast()) { inodes.insert(inode) }
    }
    return inodes
  }

  /// The visible processes with one of these names.
  public static func named(_ names: Set<String>) throws(SystemError) -> [Int32] {
    try FileSystem.list("/proc").compactMap { Int32($0) }.filter { pid in
      guard let text = try? readFile("/proc/\(pid)/comm") else { return false }
      return names.contains(String(text.dropLast()))
    }
  }
}
