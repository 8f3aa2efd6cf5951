import CLibBPF
import Glibc

/// The network and mount namespaces of the calling thread.
public enum NetworkNamespace {
  /// Of the thread, for one that entered a namespace leaves its process where it was.
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
    let names = (try? BPFFS.list(directory)) ?? []
    return names.lazy.map { directory + "/" + $0 }.first { path in
      var status = stat()
      return stat(path, &status) == 0 && UInt64(status.st_ino) == inode
    }
  }

  /// Opens the network namespace, to come back to it.
  public static func current() throws(SystemError) -> FileDescriptor {
    try opened(at: path)
  }

  /// Opens a network namespace by a path such as `/run/netns/NAME`.
  public static func opened(at path: String) throws(SystemError) -> FileDescriptor {
    let number = try checkErrno(Glibc.open(path, O_RDONLY | O_CLOEXEC), "open", path)
    return FileDescriptor(rawValue: number)
  }

  /// Moves the calling thread to a network namespace.
  ///
  /// The corresponding C function is `setns`.
  public static func enter(_ namespace: borrowing FileDescriptor) throws(SystemError) {
    try checkErrno(
      setns(namespace.rawValue, CInt(BPF_NAMESPACE_NETWORK)), "enter", "network namespace")
  }

  /// Moves the calling thread to a new network namespace, of a lone loopback interface.
  ///
  /// The corresponding C function is `unshare`.
  public static func unshare() throws(SystemError) {
    try checkErrno(CLibBPF.unshare(CInt(BPF_NAMESPACE_NETWORK)), "make", "network namespace")
  }

  /// Moves the calling thread to a mount namespace of its own: what it mounts, no other sees.
  ///
  /// The corresponding C function is `unshare`.
  public static func unshareMounts() throws(SystemError) {
    try checkErrno(CLibBPF.unshare(CInt(BPF_NAMESPACE_MOUNT)), "make", "mount namespace")
    let flags = UInt(BPF_MOUNT_REC | BPF_MOUNT_PRIVATE)
    try checkErrno(mount("none", "/", nil, flags, nil), "make mounts private below", "/")
  }

  /// Mounts a new BPF file system of mode 0700 on a directory.
  ///
  /// The corresponding C function is `mount`.
  public static func mountBPF(at path: String) throws(SystemError) {
    let result = "mode=0700".withCString { mount("bpf", path, "bpf", 0, $0) }
    try checkErrno(result, "mount a BPF file system on", path)
  }

  /// Mounts a new file system in memory, of mode 0700, on a directory.
  ///
  /// The corresponding C function is `mount`.
  public static func mountMemory(at path: String) throws(SystemError) {
    let result = "mode=0700".withCString { mount("tmpfs", path, "tmpfs", 0, $0) }
    try checkErrno(result, "mount a file system in memory on", path)
  }
}
