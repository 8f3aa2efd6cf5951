import Glibc

/// The mount namespace of this process, compared with the host's: that of the first process or, if the caller may not
/// inspect that one, of its outermost ancestor that it may inspect.
public enum MountNamespace {
  /// Whether it differs from the host's; nil if that cannot be determined.
  ///
  /// The corresponding C function is `stat`.
  public static var isPrivate: Bool? {
    host.flatMap { isSame("/proc/self/ns/mnt", namespace(of: $0)) }.map { !$0 }
  }

  /// Whether the host sees the same file at a path; nil if that cannot be determined.
  ///
  /// The corresponding C function is `stat`.
  public static func isShared(_ path: String) -> Bool? {
    host.flatMap { isSame(path, "/proc/\($0)/root" + path) }
  }

  private static var host: Int32? {
    if isVisible(1) { return 1 }
    var outermost: Int32?
    var pid = Processes.parent
    while pid > 1 {
      if isVisible(pid) { outermost = pid }
      pid = (try? Processes.info(of: pid).parent) ?? 0
    }
    return outermost
  }

  private static func namespace(of pid: Int32) -> String { "/proc/\(pid)/ns/mnt" }

  private static func isVisible(_ pid: Int32) -> Bool {
    var status = stat()
    return stat(namespace(of: pid), &status) == 0
  }

  private static func isSame(_ path: String, _ other: String) -> Bool? {
    var (one, two) = (stat(), stat())
    guard stat(path, &one) == 0 else { return nil }
    guard stat(other, &two) == 0 else { return Glibc.errno == ENOENT ? false : nil }
    return one.st_dev == two.st_dev && one.st_ino == two.st_ino
  }
}
