import CLinux

extension MountNamespace {
  /// Moves the calling thread to its own mount namespace: its mounts are not visible in others.
  ///
  /// The corresponding C function is `unshare`.
  public static func unshare() throws(SystemError) {
    try checkErrno(CLinux.unshare(CInt(LINUX_NAMESPACE_MOUNT)), "make", "mount namespace")
    let flags = UInt(LINUX_MOUNT_REC | LINUX_MOUNT_PRIVATE)
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
