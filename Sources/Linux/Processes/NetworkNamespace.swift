import CLinux
import Glibc

/// The network namespace of the calling thread.
public enum NetworkNamespace {
  /// The path of the thread's namespace: entering a namespace does not change that of other threads of the process.
  private static var path: String { "/proc/thread-self/ns/net" }

  /// The inode of the network namespace, which names it on this host; 0 if it cannot be read.
  ///
  /// The corresponding C function is `stat`.
  public static func currentInode() -> UInt64 {
    var status = stat()
    return stat(path, &status) == 0 ? UInt64(status.st_ino) : 0
  }

  /// The path below `/run/netns` of a network namespace, nil if it has no name there.
  ///
  /// The corresponding C function is `stat`.
  public static func path(of inode: UInt64) -> String? {
    let directory = "/run/netns"
    let names = (try? FileSystem.list(directory)) ?? []
    return names.lazy.map { directory + "/" + $0 }.first { path in
      var status = stat()
      return stat(path, &status) == 0 && UInt64(status.st_ino) == inode
    }
  }

  /// Opens the network namespace, so that the caller can return to it.
  public static func current() throws(SystemError) -> FileDescriptor {
    try opened(at: path)
  }

  /// Opens a network namespace by a path such as `/run/netns/NAME`.
  public static func opened(at path: String) throws(SystemError) -> FileDescriptor {
    try FileDescriptor(opening: path, O_RDONLY)
  }

  /// Moves the calling thread to a network namespace.
  ///
  /// The corresponding C function is `setns`.
  public static func enter(_ namespace: borrowing FileDescriptor) throws(SystemError) {
    try checkErrno(
      setns(namespace.rawValue, CInt(LINUX_NAMESPACE_NETWORK)), "enter", "network namespace")
  }

  /// Moves the calling thread to a new network namespace that has only a loopback interface.
  ///
  /// The corresponding C function is `unshare`.
  public static func unshare() throws(SystemError) {
    try checkErrno(CLinux.unshare(CInt(LINUX_NAMESPACE_NETWORK)), "make", "network namespace")
  }
}
