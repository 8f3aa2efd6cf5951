import Glibc

/// The mount namespace of this process, compared with the host's: that of the first process or, where the caller may
/// not look at that one, of the outermost of its ancestors that it may look at.
public enum MountNamespace {
  /// Whether it is another than the host's; nil where that cannot be told.
  ///
  /// The corresponding C function is `stat`.
  public static var isPrivate: Bool? {
    host.flatMap { isSame("/proc/self/ns/mnt", namespace(of: $0)) }.map { !$0 }
  }

  /// Whether the host sees the same file at a path; nil where that cannot be told.
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
