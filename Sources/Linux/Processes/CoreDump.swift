internal import CLinux

public enum CoreDump {
  /// From now on this process leaves no core file, and only root can read its memory. See prctl(2), `PR_SET_DUMPABLE`.
  public static func forbid() { _ = linux_forbid_dumps() }
}
