internal import Glibc
internal import Linux

/// Pins last as long as their BPF file system, and that lasts as long as the mount namespaces that contain it.
extension PinRoot {
  /// How to get a BPF file system.
  static var mountHint: String {
    if MountNamespace.isPrivate == true {
      return "pins made in this mount namespace are lost with it; outside it, run: \(outside)"
    }
    return "mount -t bpf -o mode=700 bpf /sys/fs/bpf"
  }

  /// A command in the host's mount namespace and in this network namespace.
  static var outside: String {
    let path = NetworkNamespace.path(of: NetworkNamespace.currentInode())
    return "nsenter " + (path.map { "--net=\($0)" } ?? "--target 1 --mount") + " aegisctl ..."
  }

  /// Whether pins end with the caller's mount namespace, which the caller may be about to leave.
  var isPrivate: Bool {
    MountNamespace.isPrivate == true && MountNamespace.isShared(path) == false
  }

  /// A warning about the lifetime of what is attached by pins here.
  public var lifetimeWarning: String? {
    if getenv(Self.sandboxVariable) != nil || !isPrivate { return nil }
    return
      "\(path) is on a BPF file system of this mount namespace: the datapath is detached when the namespace ends;"
      + " to keep it, run: \(Self.outside)"
  }

  /// Set in the environment of commands in a sandbox, whose pins must end with it.
  public static let sandboxVariable = "AEGIS_SANDBOX"
}
